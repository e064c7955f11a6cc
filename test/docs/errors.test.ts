/** The page on errors has each that can be caught, and what to do about it. */
import { expect, it } from "vitest";
import * as main from "../../index.ts";
import * as cluster from "../../cluster/index.ts";
import * as plot from "../../plot/index.ts";
import * as problems from "../../problems/index.ts";
import * as training from "../../training/index.ts";
import * as worker from "../../worker/index.ts";
import { pageAt } from "./pages.ts";

const isError = (value: unknown): boolean =>
  value === main.OdegradError || (typeof value === "function" && value.prototype instanceof main.OdegradError);

it("no more, and no fewer", () => {
  const exported = [main, training, plot, worker, problems, cluster].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (isError(value) ? [name] : [])),
  );
  const rows = [...pageAt("docs/errors.md").text.matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+?) +\|$/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual([...new Set(exported)].sort());
});
