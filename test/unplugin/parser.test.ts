/** Pages that are built without a parser. */
import { expect, it, vi } from "vitest";
import { captured } from "../../src/core/captured.ts";
import { gradient, odeProblem, solve } from "../../index.ts";
import { parsedExpression } from "../../src/read/syntax/parse.ts";

// What the plugin puts in its place.
vi.mock("acorn", () => ({ parseExpressionAt: undefined }));

type Vector = readonly number[];
const spec = { u0: [1], tspan: [0, 1] as const, p: [2] };
const tolerances = { rtol: 1e-9, atol: 1e-9 };
/** Another text: one that was read once is known. */
const decay = (u: Vector, p: Vector): number[] => [-u[0] * p[0]];
const read = captured(
  (u: Vector, p: Vector) => [-p[0] * u[0]],
  () => ({}),
  "(u, p) => [-p[0] * u[0]]",
  "$4$;%#$$#'$7-1$&$/.#(,$%$'##$$%$$#-%+'##$$%$$#$",
);
const loss = captured(
  (u: Vector) => u[0],
  () => ({}),
  "(u) => u[0]",
  "$4$.$#$$%*'##$$%$$#$",
);

it("there is none here", () => expect(parsedExpression("(", "() => 1", ")")).toBeUndefined());

it("what was read when the page was built is compiled and differentiated", () => {
  const problem = odeProblem({ ...spec, rhs: read });
  expect(solve(problem).stats.compiled).toBe(true);
  const { gradient: by } = gradient(problem, { loss: { final: loss }, vjp: "source", ...tolerances });
  expect(by.p![0]).toBeCloseTo(-Math.exp(-2), 7);
});

it("what was not solves as it is, and says why", () => {
  const { u, stats } = solve(odeProblem({ ...spec, rhs: decay }), tolerances);
  expect((u.at(-1) as never as Vector)[0]).toBeCloseTo(Math.exp(-2), 7);
  expect(stats.compiled).toBe(false);
  expect(JSON.stringify(stats)).toMatch(/built without a parser \(parser: false\)/);
});

it("gradient refuses what was not", () => {
  const of = (vjp?: "source" | "tape") => (): unknown =>
    gradient(odeProblem({ ...spec, rhs: decay }), { loss: { final: loss }, vjp });
  for (const vjp of [undefined, "source", "tape"] as const) expect(of(vjp), vjp).toThrow(/built without a parser/);
});
