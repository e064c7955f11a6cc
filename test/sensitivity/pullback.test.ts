/** Losses from outside, against the same losses given as functions. */
import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import {
  BadGradientOption,
  gradient,
  NonFinite,
  odeProblem,
  type SolutionWithPullback,
  solveWithPullback,
  tsit5,
  UnknownComponent,
  vern7,
  WrongLength,
} from "../../index.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";

const problem = odeProblem({
  rhs(du, u, { a, b, c, d }, t) {
    du.prey = a * u.prey - b * u.prey * u.predator + 0.1 * Math.sin(t);
    du.predator = d * u.prey * u.predator - c * u.predator;
  },
  u0: { prey: 1, predator: 1.2 },
  tspan: [0, 3],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
  events: { at: [1, 2.5], apply: (u, p) => void (u.prey = 0.7 * u.prey + 0.4 * p.a) },
});
const saveat = [0, 1, 2.2, 3];
const options = { saveat, wrt: ["p", "u0", "t0"] as const, solver: vern7(), rtol: 1e-10, atol: 1e-11 };

/** Of L = Σ i (prey - 1)² + predator³. */
const cotangent = (u: { prey: number; predator: number }, i: number) => ({
  prey: 2 * i * (u.prey - 1),
  predator: 3 * u.predator ** 2,
});
const expected = gradient(problem, {
  loss: {
    at: saveat,
    of: (u: { prey: number; predator: number }, _p: unknown, _t: number, i: number) => i * (u.prey - 1) ** 2 + u.predator ** 3,
  },
  wrt: options.wrt,
  solver: vern7(),
  rtol: 1e-12,
  atol: 1e-13,
  adjoint: "dual",
}).gradient;

type Pulled = ReturnType<SolutionWithPullback<typeof problem.u0, typeof problem.p>["pullback"]>;

function expectClose(found: Pulled, factor = 1): void {
  const flat = ({ p, u0, t0 }: Pulled): number[] => [...Object.values(p!), ...Object.values(u0!), t0!];
  const answers = flat(expected);
  const size = Math.hypot(...answers);
  flat(found).forEach((x, j) => expect(Math.abs(x - factor * answers[j])).toBeLessThan(1e-7 * size));
}

describe("solveWithPullback", () => {
  it.each(Object.keys(adjointMethods))("%s: the gradient of the same loss", (adjoint) => {
    const { solution, pullback } = solveWithPullback(problem, { ...options, adjoint });
    expect([...solution.t]).toEqual(saveat);
    expectClose(pullback(solution.u.map(cotangent)));
    // Another loss, over the same solve; then the first again.
    expectClose(
      pullback((u, _t, i) => ({ prey: -2 * cotangent(u, i).prey, predator: -2 * cotangent(u, i).predator })),
      -2,
    );
    expectClose(pullback(solution.u.map(cotangent)));
  });

  it("discrete, within a small budget of memory", () => {
    const { solution, pullback } = solveWithPullback(problem, { ...options, adjoint: "discrete", memoryBudget: 4000 });
    const found = pullback(solution.u.map(cotangent));
    expectClose(found);
    expect(pullback(solution.u.map(cotangent))).toEqual(found);
  });

  it("cotangents as a matrix", () => {
    const { solution, pullback } = solveWithPullback(problem, options);
    const rows = solution.u.flatMap((u, i) => Object.values(cotangent(u, i)));
    expectClose(pullback(ndarray(new Float64Array(rows), [saveat.length, 2])));
    expectClose(pullback(ndarray(rows, [saveat.length, 2])));
  });

  it("gives only what is asked for, of numbers and arrays too", () => {
    const scalar = odeProblem({ rhs: (u: number, [k]: number[]) => -k * u, u0: 2, tspan: [0, 1], p: [0.5] });
    const { solution, pullback } = solveWithPullback(scalar, { saveat: 0.25, rtol: 1e-9, atol: 1e-9 });
    const found = pullback(Float64Array.from(solution.t, (_, i) => (i === 4 ? 1 : 0)));
    expect(Object.keys(found)).toEqual(["p"]);
    expect(found.p![0]).toBeCloseTo(-2 * Math.exp(-0.5), 7);
  });

  it("solves forward once", () => {
    let calls = 0;
    const counted = odeProblem({
      rhs(du, u, p) {
        calls++;
        du[0] = -p[0] * u[0];
      },
      u0: [2],
      tspan: [0, 1],
      p: [0.5],
      derivatives: {
        vjp(uBar, pBar, v, u, p) {
          uBar[0] = -p[0] * v[0];
          pBar[0] = -u[0] * v[0];
        },
      },
    });
    const { pullback } = solveWithPullback(counted, {
      saveat: [1],
      vjp: "user",
      adjoint: "gauss",
      solver: tsit5(),
      rtol: 1e-9,
      atol: 1e-9,
    });
    // The first time what the user gives is held against differences.
    pullback([[1]]);
    const before = calls;
    expect(pullback([[10]]).p![0]).toBeCloseTo(-20 * Math.exp(-0.5), 6);
    expect(calls).toBe(before);
  });

  it("names what is wrong", () => {
    const { pullback } = solveWithPullback(problem, options);
    const one = { prey: 1, predator: 1 };
    expect(() => pullback([one])).toThrow(WrongLength);
    expect(() => pullback([one])).toThrow("one for each of the 4 saved times");
    expect(() => pullback([one, one, one, { prey: 1 } as typeof one])).toThrow(UnknownComponent);
    expect(() => pullback([one, one, { prey: 1, predator: NaN }, one])).toThrow(NonFinite);
    expect(() => pullback([one, one, { prey: 1, predator: NaN }, one])).toThrow(/cotangents\[2\]\.predator is NaN/);
    expect(() => pullback(ndarray(new Float64Array(8), [2, 4]))).toThrow(/must be of shape \[4, 2\]/);
    expect(() => solveWithPullback(problem, { ...options, adjoint: "gaus" })).toThrow(
      /there is no method "gaus"\. Methods are gauss, /,
    );
    expect(() => solveWithPullback(problem, { ...options, wrt: ["t1" as "t0"] })).toThrow(BadGradientOption);
  });
});
