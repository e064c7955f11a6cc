/** Functions with rules of their own inside right-hand sides and other functions. */
import { describe, expect, it } from "vitest";
import { differentiable, gradient, gradientOf, hessian, jvp, odeProblem, vjp } from "../../../../index.ts";
import { DerivativeMismatch, UnsupportedValue } from "../../../../src/core/errors.ts";
import { adjointsThat, backendsThat } from "../../../tables.ts";

/** k x², elementwise; rules by hand, of either kind or both. */
const square = (x: number[], k: number): number[] => x.map((z) => k * z * z);
const squareVjp = (v: number[], x: number[], k: number): (number[] | number)[] => [
  x.map((z, i) => 2 * k * z * v[i]),
  x.reduce((sum, z, i) => sum + z * z * v[i], 0),
];
const squareJvp = ([dx, dk]: readonly unknown[], x: number[], k: number): number[] =>
  x.map((z, i) => 2 * k * z * (dx as number[])[i] + (dk as number) * z * z);
const squares = [
  ["both rules", differentiable(square, { vjp: squareVjp, jvp: squareJvp })],
  ["vjp alone", differentiable(square, { vjp: squareVjp })],
  ["jvp alone", differentiable(square, { jvp: squareJvp })],
] as const;

describe.each(squares)("%s", (_, f) => {
  /** u' = -k u², so that u = u0 / (1 + k u0 t). */
  const problem = odeProblem({
    rhs(du, u, { k }, _t, { f }) {
      const y = f([u[0], u[1]], k);
      du[0] = -y[0];
      du[1] = -y[1];
    },
    u0: [1, 2],
    tspan: [0, 1.5],
    p: { k: 0.8 },
    constants: { f },
  });

  it.each(adjointsThat())("inside a right-hand side: %s", (adjoint) => {
    const { value, gradient: g } = gradient(problem, {
      loss: { final: (u) => u[0] + u[1] },
      wrt: ["p", "u0"],
      adjoint,
      rtol: 1e-10,
      atol: 1e-12,
    });
    expect(value).toBeCloseTo(1 / 2.2 + 2 / 3.4, 9);
    expect(g.p!.k).toBeCloseTo(-1.5 / 2.2 ** 2 - (4 * 1.5) / 3.4 ** 2, 8);
    expect(g.u0![0]).toBeCloseTo(1 / 2.2 ** 2, 8);
    expect(g.u0![1]).toBeCloseTo(1 / 3.4 ** 2, 8);
  });

  it("is derived again: second derivatives of what calls it", () => {
    const energy = differentiable((x: number[], { f }: { f: typeof square }) => f(x, 3)[0] * x[1] + f(x, 1)[1], {
      constants: { f },
    });
    expect([...hessian(energy)([2, 5]).data]).toEqual([30, 12, 12, 2]);
  });
});

it.each(backendsThat(({ exact }) => exact))("operators by %s take the rules, not the function's text", (backend) => {
  const tenfold = differentiable((x: number[]) => x.map((z) => 2 * z), { vjp: (v) => v.map((z) => 20 * z), check: false });
  expect([...vjp(tenfold, { backend })([1, 2], [1, 3])]).toEqual([20, 60]);
  expect([...jvp(tenfold, { backend })([1, 2], [1, 3])]).toEqual([20, 60]);
});

describe("rules by activity", () => {
  // Rules that tell which of them was used.
  const f = differentiable((x: number, k: number) => k * x, {
    vjp: (v, x, k) => [v * k, v * x],
    jvp: ([dx, dk], x, k) => dx * k + dk * x,
    activity: [
      {
        of: ["active", "constant"],
        vjp: (v, _x, k) => 100 * v * k,
        jvp: ((dx: number, _x: number, k: number) => 100 * dx * k) as never,
      },
    ],
    check: false,
  });
  const both = differentiable(([x, k]: number[], { f }: { f: (x: number, k: number) => number }) => f(x, k), {
    constants: { f },
  });
  const first = differentiable((x: number[], { f }: { f: (x: number, k: number) => number }) => f(x[0], 7), { constants: { f } });
  const second = differentiable((k: number[], { f }: { f: (x: number, k: number) => number }) => f(3, k[0]), {
    constants: { f },
  });

  it("takes those for just the active arguments, and the general ones otherwise", () => {
    expect(gradientOf(both)([3, 7])).toEqual([7, 3]);
    expect(gradientOf(first)([3])).toEqual([700]);
    expect(gradientOf(second)([7])).toEqual([3]);
    expect(jvp(first)([3], [1])).toBe(700);
    expect(jvp(both)([3, 7], [1, 0])).toBe(7);
  });

  it("compares each with the function", () => {
    const wrong = differentiable((x: number, k: number) => k * x, {
      vjp: (v, x, k) => [v * k, v * x],
      activity: [{ of: ["active", "constant"], vjp: (v, _x, k) => 2 * v * k }],
    });
    const first = differentiable((x: number, { wrong }: { wrong: (x: number, k: number) => number }) => wrong(x, 7), {
      constants: { wrong },
    });
    expect(() => gradientOf(first)(3)).toThrow(DerivativeMismatch);
  });

  it("wants general rules too", () => {
    const make = (): unknown => differentiable((x: number) => x, { activity: [{ of: ["active"], vjp: (v) => v }] });
    expect(make).toThrow(UnsupportedValue);
    expect(make).toThrow(/Give vjp or jvp too/);
  });

  it("a rule for an activity that is none is refused", () => {
    const rules = [{ of: ["active"] as const, vjp: undefined }];
    const make = (): unknown => differentiable((x: number) => x, { vjp: (v) => v, activity: rules });
    expect(make).toThrow(UnsupportedValue);
    expect(make).toThrow("no `vjp` and no `jvp`");
  });
});

it("functions with rules take numbers and arrays, and their rules are read as they are", () => {
  const energy = differentiable((x: { a: number }) => x.a ** 2, { vjp: (v, x) => ({ a: 2 * v * x.a }), name: "energy" });
  expect(() => gradientOf(energy)({ a: 2 })).toThrow(/`energy` has derivatives of its own, and is given an object/);
  let k = 2;
  const captured = differentiable((x: number) => x * x, { vjp: (v, x) => v * k * x });
  expect(gradientOf(captured)(2)).toBe(4);
  k = 3;
  expect(() => gradientOf(captured)(2)).toThrow(DerivativeMismatch);
  const short = differentiable((x: number[]) => x[0] * x[1], { vjp: (v, x) => [v * x[1]] });
  expect(() => gradientOf(short)([2, 3])).toThrow(/Return an array of shape \[2\] there/);
});

describe("rules are compared with the function", () => {
  const sine = (x: number): number => Math.sin(x);
  it.each([
    ["vjp", differentiable(sine, { vjp: (v, x) => v * Math.cos(x) * 1.001 })],
    ["vjp", differentiable(sine, { jvp: (dx, x) => -dx * Math.cos(x) })],
  ])("a wrong one is an error: %s", (rule, f) => {
    expect(() => gradientOf(f)(1)).toThrow(DerivativeMismatch);
    expect(() => gradientOf(f)(1)).toThrow(`by the ${rule}`);
    const problem = odeProblem({
      rhs: (u, p, _t, { f }) => [f(u[0]) * p[0]],
      u0: [1],
      tspan: [0, 1],
      p: [1],
      constants: { f },
    });
    expect(() => gradient(problem, { loss: { final: (u) => u[0] } })).toThrow(DerivativeMismatch);
  });

  it("one that is meant to differ says so", () => {
    const clipped = differentiable((x: number) => x, { vjp: (v) => Math.min(1, v), check: false });
    expect(vjp(clipped)(0, 5)).toBe(1);
    expect(vjp(clipped)(0, 0.5)).toBe(0.5);
  });

  it("a straight-through estimator needs not: the function's own derivative is zero everywhere", () => {
    const rounded = differentiable((x: number) => Math.round(x), { vjp: (v) => v });
    const problem = odeProblem({
      rhs: (u, p, _t, { rounded }) => [p[0] * rounded(u[0])],
      u0: [1],
      tspan: [0, 0.25],
      p: [1],
      constants: { rounded },
    });
    // u stays below 1.5, so u' = p; along it dλ/dt = -p λ, dL/du0 = e^{1/4}.
    const { gradient: g, value } = gradient(problem, { loss: { final: (u) => u[0] }, wrt: ["u0", "p"] });
    expect(value).toBeCloseTo(1.25, 6);
    expect(g.u0![0]).toBeCloseTo(Math.exp(0.25), 5);
    expect(g.p![0]).toBeCloseTo(Math.exp(0.25) - 1, 5);
  });
});
