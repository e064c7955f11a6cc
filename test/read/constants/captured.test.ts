/** Names that functions capture, handed over beside them as build plugins do. */
import { expect, test } from "vitest";
import { ConstantsChanged, gradient, matmul, odeProblem, solve, tanh } from "../../../index.ts";
import { captured } from "../../../src/core/captured.ts";

/** A right-hand side as it stands in a module where these names are bound, and how to bind another value. */
function inModule(text: string, names: Record<string, unknown>): { fn: never; names: Record<string, unknown> } {
  const fn = new Function("scope", `with (scope) return ${text};`)(names) as () => void;
  return { fn: captured(fn, () => ({ ...names })) as never, names };
}

const span = { u0: [1], tspan: [0, 1] as const, p: [1], rtol: 1e-9, atol: 1e-9 };
const final = { final: (u: ArrayLike<number>) => u[0] };

function rate(fn: never): number {
  const { rtol, atol, ...spec } = span;
  const problem = odeProblem({ ...spec, rhs: fn });
  const { value, gradient: g } = gradient(problem, { loss: final, rtol, atol });
  expect(solve(problem).stats.compiled).toBe(true);
  expect(g.p![0]).toBeCloseTo(Math.log(value) * value, 5);
  return Math.log(value);
}

test.each<readonly [string, string, Record<string, unknown>]>([
  ["a number", "(u, p) => [k * p[0] * u[0]]", { k: 2 }],
  ["a table", "(u, p) => [table[1] * p[0] * u[0]]", { table: new Float64Array([1, 2]) }],
  ["a helper", "(u, p) => [twice(p[0]) * u[0]]", { twice: (x: number) => 2 * x }],
  [
    "an object with a method",
    "(u, p) => [model.rate() * p[0] * u[0]]",
    {
      model: {
        k: 2,
        rate(this: { k: number }): number {
          return this.k;
        },
      },
    },
  ],
  ["an operation of the library under another name", "(u, p) => [f(0) + 2 * p[0] * u[0]]", { f: tanh }],
])("%s is read", (_, text, names) => {
  expect(rate(inModule(text, names).fn)).toBeCloseTo(2, 6);
});

test("two functions of one text with other values are two", () => {
  const text = "(u, p) => [k * p[0] * u[0]]";
  expect([2, 3, 2].map((k) => rate(inModule(text, { k }).fn))).toEqual([2, 3, 2].map((k) => expect.closeTo(k, 6) as number));
});

test("what changed is said", () => {
  const { fn, names } = inModule("(u, p) => [k * p[0] * u[0]]", { k: 2 });
  const { u0, tspan, p } = span;
  const problem = odeProblem({ u0, tspan, p, rhs: fn });
  solve(problem);
  names.k = 3;
  expect(() => solve(problem)).toThrow(ConstantsChanged);
  expect(() => gradient(problem, { loss: final })).toThrow(/k was 2 and is 3/);
});

test("a matrix product of a captured name", () => {
  const { fn } = inModule("(u, p) => mm(p, u)", { mm: matmul });
  const problem = odeProblem({ rhs: fn as (u: number[]) => number[], u0: [1, 2], tspan: [0, 1], p: [1, 2] });
  expect(() => solve(problem)).toThrow(/matmul/);
});
