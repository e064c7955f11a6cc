/** What goes wrong is said in the words of what the user wrote. */
import { describe, expect, it } from "vitest";
import { FunctionThrew, interpolate, odeProblem, solve } from "../../index.ts";
import { BadOption } from "../../src/core/errors.ts";
import { adam, fit, inTurn, lbfgs, observations } from "../../training/index.ts";
import { BadTrainingOption } from "../../training/optimisers/errors.ts";

const unreadable = "try {} finally {}";

describe("a right-hand side that writes a component on one path only", () => {
  const problem = (tail: string) =>
    odeProblem({
      rhs: new Function("du", "u", `if (u.x > 0.5) du.x = -1; ${tail}`) as (du: { x: number }, u: { x: number }) => void,
      u0: { x: 1 },
      tspan: [0, 2],
    });
  it.each([
    ["compiled", ""],
    ["by itself", unreadable],
  ])("has 0 on the others, %s", (_, tail) => {
    expect(solve(problem(tail)).at(2).x).toBeCloseTo(0.5, 4);
    expect(solve(problem(tail)).stats.compiled).toBe(tail === "");
  });
});

describe("a function that takes a typed array for an array", () => {
  const failing = (text: string) =>
    odeProblem({ rhs: new Function("u", text) as (u: number[]) => number[], u0: [1], tspan: [0, 1] });
  it.each([
    [
      "return u.concat([]).map((x) => -x);",
      "u.concat is not a function. Vectors of u and p arrive as Float64Array, which has no concat: [...u]",
    ],
    [`const v = u; v.push(1); ${unreadable} return v;`, "which has no push: [...u] makes an array of one, if v is one of those."],
  ])("%s", (text, message) => {
    expect(() => solve(failing(text))).toThrow(FunctionThrew);
    expect(() => solve(failing(text))).toThrow(message);
  });
});

it("a norm that looks for the errors elsewhere is told where they are", () => {
  const problem = odeProblem({ rhs: (u: { x: number }) => ({ x: -u.x }), u0: { x: 1 }, tspan: [0, 1] });
  const wrong = (errors: unknown): number => Math.abs((errors as number[])[0]);
  expect(() => solve(problem, { norm: wrong })).toThrow(BadOption);
  expect(() => solve(problem, { norm: wrong })).toThrow("It is given the errors by the names of the state: errors.x");
});

it("interpolate with its arguments in another order", () => {
  const other = interpolate as unknown as (x: number, nodes: number[], values: number[]) => number;
  expect(() => other(0.5, [0, 1], [1, 2])).toThrow("and comes first: interpolate({ nodes, values }, x)");
});

it("optimisers in turn that are given bare", () => {
  expect(() => inTurn(adam() as never, lbfgs() as never)).toThrow(BadTrainingOption);
  expect(() => inTurn(adam() as never, lbfgs() as never)).toThrow("inTurn([adam(), 300], [lbfgs()])");
  expect(() => inTurn([undefined as never, 3], [lbfgs()])).toThrow("stage 0 is [undefined, …]");
});

it.each([
  [1, "poisson"],
  [0, "poisson"],
  [1, "lognormal"],
] as const)("an observation of %d, and a prediction that its %s noise cannot have", async (value, noise) => {
  const problem = odeProblem({ rhs: (u: number[], p: { k: number }) => [-p.k * u[0]], u0: [0], tspan: [0, 2], p: { k: 1 } });
  const data = observations({
    t: [1, 2],
    values: { "u[0]": [value, 1] },
    noise,
    ...(noise === "lognormal" && { sigma: 0.1 }),
  });
  // A count of 0 where none is expected is certain.
  const at = value === 0 ? 2 : 1;
  await expect(fit(problem, data)).rejects.toThrow(
    `The model predicts 0 for "u[0]" at t = ${at}, where ${noise} noise takes positive`,
  );
});
