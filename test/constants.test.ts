/** Constants that are changed after a problem was compiled with them. */
import { describe, expect, it } from "vitest";
import { ConstantsChanged, differentiable, gradient, odeProblem, remake, solve } from "../index.ts";

const span = { u0: [0], tspan: [0, 1] as const, p: [1] };
const end = (solution: { readonly u: readonly ArrayLike<number>[] }): number => solution.u.at(-1)![0];

const cases: readonly (readonly [string, () => { problem: Parameters<typeof solve>[0]; change: () => void; message: RegExp }])[] =
  [
    [
      "an element of a typed array",
      () => {
        const table = new Float64Array([1, 2]);
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { table }) => [p[0] * table[1]], constants: { table } });
        return { problem, change: () => (table[1] = 3), message: /table\[1\] was 2 and is 3/ };
      },
    ],
    [
      "an element of nested arrays",
      () => {
        const rows = [
          [1, 2],
          [3, 2],
        ];
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { rows }) => [p[0] * rows[1][1]], constants: { rows } });
        return { problem, change: () => (rows[1][1] = 3), message: /rows\[3\] was 2 and is 3/ };
      },
    ],
    [
      "a number in an object",
      () => {
        const settings = { rates: { fast: 2 } };
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { rates }) => [p[0] * rates.fast], constants: settings });
        return { problem, change: () => (settings.rates.fast = 3), message: /fast was 2 and is 3/ };
      },
    ],
    [
      "another function",
      () => {
        const constants = { rate: (): number => 2 };
        const problem = odeProblem({ ...span, rhs: (_u, p, _t, { rate }) => [p[0] * rate()], constants });
        return { problem, change: () => (constants.rate = () => 3), message: /rate is another one/ };
      },
    ],
  ];

describe.each(cases)("%s", (_, make) => {
  it("is noticed by solve and gradient", () => {
    const { problem, change, message } = make();
    expect(end(solve(problem) as never)).toBeCloseTo(2, 12);
    change();
    for (const use of [() => solve(problem), () => gradient(problem, { loss: { final: (u) => (u as number[])[0] } })]) {
      expect(use).toThrow(ConstantsChanged);
      expect(use).toThrow(message);
    }
  });

  it("is taken up by a problem made anew", () => {
    const { problem, change } = make();
    solve(problem);
    change();
    expect(end(solve(remake(problem, {})) as never)).toBeCloseTo(3, 12);
  });
});

it("constants of a function with rules of its own count too", () => {
  const k = new Float64Array([2]);
  const f = differentiable((x: number, { k }: { k: Float64Array }) => k[0] * x, {
    constants: { k },
    vjp: (v, _x, { k }) => v * k[0],
  });
  const problem = odeProblem({ ...span, rhs: (_u, p, _t, { f }) => [f(p[0])], constants: { f } });
  expect(end(solve(problem))).toBeCloseTo(2, 12);
  k[0] = 3;
  expect(() => solve(problem)).toThrow(ConstantsChanged);
});

it("constants of an event count too", () => {
  const doses = [2];
  const problem = odeProblem({
    ...span,
    rhs: (_u, p) => [p[0]],
    constants: { doses },
    events: { at: [0.5], apply: (u, _p, _t, { doses }) => void (u[0] += doses[0]) },
  });
  const loss = { final: (u: ArrayLike<number>) => u[0] };
  expect(gradient(problem, { loss }).value).toBeCloseTo(3, 12);
  doses[0] = 3;
  expect(() => gradient(problem, { loss })).toThrow(ConstantsChanged);
});

it("work buffers are written all the time, and what the function does not read is its own affair", () => {
  const [work, log] = [new Float64Array(2), new Float64Array(1)];
  const problem = odeProblem({
    ...span,
    rhs(du, _u, p, _t, { work }) {
      work[0] = p[0];
      du[0] = 2 * work[0];
    },
    constants: { work, log },
  });
  expect(end(solve(problem))).toBeCloseTo(2, 12);
  work.fill(7);
  log[0] = 1;
  expect(end(solve(problem))).toBeCloseTo(2, 12);
});

it("a loss takes them as they are at each call", () => {
  const problem = odeProblem({ ...span, rhs: (_u, p) => [p[0]] });
  const data = new Float64Array([1]);
  const at = (): number =>
    gradient(problem, { loss: { final: (u, _p, { data }) => (u[0] - data[0]) ** 2, constants: { data } } }).gradient.p![0];
  expect(at()).toBeCloseTo(0, 8);
  data[0] = 3;
  expect(at()).toBeCloseTo(-4, 8);
});
