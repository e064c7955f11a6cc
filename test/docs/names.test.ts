/** Pages that list what there is list all of it. */
import { expect, it } from "vitest";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";
import { methods } from "../../solvers/methods/index.ts";
import { pageAt } from "./pages.ts";

const missing = (path: string, names: readonly string[]): string[] =>
  names.filter((name) => !pageAt(path).text.includes(`\`${name}\``));

it("adjoint methods and backends", () => {
  const names = [...Object.keys(adjointMethods), ...Object.keys(vjpBackends)];
  expect(names.length).toBeGreaterThan(10);
  expect(missing("docs/which-adjoint.md", names)).toEqual([]);
});

it("solvers", () => expect(missing("docs/which-solver.md", Object.keys(methods))).toEqual([]));
