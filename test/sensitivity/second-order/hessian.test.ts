/** Second derivatives through the solve, against closed forms, differences of gradients, and products with the derivatives of the solution. */
import { describe, expect, it } from "vitest";
import {
  type GradientOptions,
  fbdf,
  gradient,
  hessian,
  hessianVectorProduct,
  kvaerno5,
  odeProblem,
  remake,
  rodas5P,
  rk4,
  sensitivities,
  solve,
  tsit5,
  vern7,
  velocityVerlet,
  type Loss,
  type OdeProblem,
} from "../../../index.ts";
import { robertson } from "../../../problems/index.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { jacobianOf } from "../../matrix/jacobian.ts";
import { byDifferences, expectMatrix, tightly } from "./by-differences.ts";

const decay = odeProblem({
  rhs(du: { x: number }, u: { x: number }, p: { k: number; s: number }) {
    du.x = p.s - p.k * u.x;
  },
  u0: { x: 2 },
  p: { k: 0.7, s: 0 },
  tspan: [0, 3],
});

describe("of a decay with a source, by closed forms", () => {
  const [k, x0, T] = [0.7, 2, 3];
  const e = Math.exp(-k * T);
  // x(T) = x0 e^{-kT} + s (1 - e^{-kT}) / k at s = 0.
  const byKs = (T * e) / k - (1 - e) / k ** 2;
  const expected = [
    [T * T * x0 * e, byKs, -T * e],
    [byKs, 0, 0],
    [-T * e, 0, 0],
  ].flat();
  const options = { rtol: 1e-10, atol: 1e-12, wrt: ["p", "u0"], loss: { final: (u: { x: number }) => u.x } } as const;

  it.each([tsit5(), vern7(), rodas5P(), fbdf(), kvaerno5()])("$name", (solver) => {
    const { flat, names, value, gradient: by } = hessian(decay, { ...options, solver });
    expect(names).toEqual(["p.k", "p.s", "u0.x"]);
    expectMatrix(flat, expected, [1, 1, 1], 1e-6);
    expect(value).toBeCloseTo(x0 * e, 8);
    expect(by.p!.k).toBeCloseTo(-T * x0 * e, 8);
  });

  it("has the names of p and u0 in rows and in columns", () => {
    const { p, u0, matrix } = hessian(decay, options);
    expect(p.p.k.k).toBeCloseTo(expected[0], 6);
    expect(p.p.s.k).toBeCloseTo(byKs, 6);
    expect(p.u0.k.x).toBeCloseTo(-T * e, 6);
    expect(u0.p.x.k).toBeCloseTo(-T * e, 6);
    expect(u0.u0.x.x).toBeCloseTo(0, 6);
    expect(matrix.shape).toEqual([3, 3]);
    expect(matrix.get(0, 1)).toBe(p.p.k.s);
  });

  it("is by p alone unless u0 is asked for, and by u0 alone", () => {
    const ofP = hessian(decay, { ...options, wrt: undefined });
    expect(ofP.names).toEqual(["p.k", "p.s"]);
    expect(ofP.flat[0]).toBeCloseTo(expected[0], 6);
    const square = { final: (u: { x: number }) => u.x ** 2 };
    expect(hessian(decay, { ...options, loss: square, wrt: "u0" }).flat[0]).toBeCloseTo(2 * e * e, 8);
  });

  it("the product with a direction, whatever its length", () => {
    for (const length of [1e-8, 1, 1e9]) {
      const direction = { p: { k: length, s: 2 * length }, u0: { x: -length } };
      const { product, flat } = hessianVectorProduct(decay, { ...options, direction });
      expect(product.p!.k / length).toBeCloseTo(expected[0] + 2 * expected[1] - expected[2], 6);
      expect(product.p!.s / length).toBeCloseTo(expected[3], 6);
      expect(product.u0!.x / length).toBeCloseTo(expected[6], 6);
      expect(flat.p![0]).toBe(product.p!.k);
    }
    const still = hessianVectorProduct(decay, { ...options, direction: { p: { k: 0, s: 0 } } });
    expect([...still.flat.p!, ...still.flat.u0!]).toEqual([0, 0, 0]);
  });

  it("of an integral", () => {
    // ∫ x0² e^{-2kt} dt = x0² (1 - e^{-2kT}) / 2k.
    const integral = { integral: (u: { x: number }) => u.x ** 2 };
    const area = (k: number): number => (x0 ** 2 * (1 - Math.exp(-2 * k * T))) / (2 * k);
    const [slope] = jacobianOf(
      (x) => Float64Array.of(jacobianOf((y) => Float64Array.of(area(y[0])), x)[0][0]),
      Float64Array.of(k),
    )[0];
    for (const adjoint of ["discrete", "gauss", "dual"])
      expect(hessian(decay, { ...options, adjoint, loss: integral }).p.p.k.k).toBeCloseTo(slope, 6);
  });

  it("backwards in time", () => {
    // x(0) = x1 e^{kT}.
    const back = remake(decay, { u0: { x: x0 }, tspan: [3, 0] });
    expect(hessian(back, options).p.p.k.k / (T * T * x0 * Math.exp(k * T))).toBeCloseTo(1, 7);
  });
});

it("of an oscillator, by its closed form", () => {
  const oscillator = odeProblem({
    rhs: { position: (v: number) => v, velocity: (q: number, p: { w: number }) => -p.w * p.w * q },
    u0: { position: 1.2, velocity: 0 },
    p: { w: 1.7 },
    tspan: [0, 2],
  });
  // q(t) = 1.2 cos(w t).
  const [w, t] = [1.7, 2];
  const expected = -1.2 * t * t * Math.cos(w * t);
  const loss = { final: (u: { position: number }) => u.position };
  expect(hessian(oscillator, { loss, rtol: 1e-11, atol: 1e-11 }).flat[0]).toBeCloseTo(expected, 8);
  expect(hessian(oscillator, { loss, solver: velocityVerlet({ dt: 2 ** -12 }) }).flat[0]).toBeCloseTo(expected, 5);
  // Of the steps that are taken, also where they are long.
  const coarse = { loss, solver: rk4({ dt: 0.25 }) };
  expectMatrix(hessian(oscillator, coarse).flat, byDifferences(oscillator, { ...coarse, wrt: ["p"] }), [w], 1e-8);
});

describe("Lotka and Volterra's, by differences of gradients", () => {
  const problem = odeProblem({
    rhs(
      du: { prey: number; predator: number },
      u: { prey: number; predator: number },
      p: { a: number; b: number; c: number; d: number },
    ) {
      du.prey = p.a * u.prey - p.b * u.prey * u.predator;
      du.predator = p.d * u.prey * u.predator - p.c * u.predator;
    },
    u0: { prey: 1, predator: 1 },
    p: { a: 1.5, b: 1, c: 3, d: 1 },
    tspan: [0, 5],
  });
  const at = Array.from({ length: 51 }, (_, i) => i / 10);
  const data = solve(problem, { saveat: at }).u.map(({ prey }, i) => prey * (1.1 + 0.05 * Math.sin(i)));
  type U = { prey: number; predator: number };
  const losses: Record<string, Loss<U, { a: number }, never>> = {
    "a sum over times": {
      at,
      of: (u, _p, _t, i, { data }: { data: number[] }) => (u.prey - data[i]) ** 2,
      constants: { data } as never,
    },
    "an integral": { integral: (u, p, t) => p.a * u.prey ** 2 + t * u.predator },
    final: { final: (u, p) => u.prey * u.predator * Math.exp(p.a) },
    several: { at: [1, 2], of: (u) => u.prey ** 3, integral: (u) => u.predator, final: (u) => Math.sin(u.prey) },
  };

  describe.each(Object.entries(losses))("%s", (_, loss) => {
    const options = { loss, wrt: ["p", "u0"] as const, rtol: 1e-10, atol: 1e-10 };
    const expected = byDifferences(problem, { ...options, ...tightly, solver: vern7() });

    it.each(["discrete", "gauss", "quadrature", "interpolating", "dual", "forwardSensitivity"])("by %s", (adjoint) => {
      const { flat, warnings } = hessian(problem, { ...options, adjoint });
      expectMatrix(flat, expected, [1.5, 1, 3, 1, 1, 1], 1e-6);
      expect(warnings.filter((warning) => !/"forwardSensitivity"/.test(warning))).toEqual([]);
    });
  });
});

it("Robertson's, by solvers of stiff problems", () => {
  const { problem } = robertson({ tEnd: 40 });
  const loss: Loss<number[]> = { final: (u) => u[2] ** 2 + u[0] };
  const at = pack(problem.layout.p, problem.p, "p");
  const options = { loss: loss as never, rtol: 1e-9, atol: 1e-15 };
  const expected = byDifferencesRelative(problem as OdeProblem, { ...options, rtol: 1e-11, atol: 1e-17, solver: rodas5P() }, at);
  for (const solver of [rodas5P(), fbdf(), kvaerno5(), undefined]) {
    const { flat } = hessian(problem, { ...options, solver });
    expectMatrix(flat, expected, [...at], 1e-5);
  }
});

/** Parameters of many sizes, each moved by parts of itself. */
function byDifferencesRelative(problem: OdeProblem, options: GradientOptions, at: Float64Array): Float64Array {
  const { p } = problem.layout;
  const columns = jacobianOf(
    (by) =>
      gradient(problem, {
        ...options,
        p: unpack(
          p,
          at.map((x, j) => x * (1 + by[j])),
        ),
      }).flat.p!,
    new Float64Array(at.length),
  );
  return Float64Array.of(...columns.flatMap((column, j) => Array.from(column, (x) => x / at[j])));
}

describe("curvature gaussNewton", () => {
  const at = [0.5, 1, 2, 3];
  const data = [1.6, 1, 0.4, 0.2];
  const loss = {
    at,
    of: (u: { x: number }, _p: unknown, _t: number, i: number, c: { data: number[] }) => (u.x - c.data[i]) ** 2,
    constants: { data },
  };
  const options = { rtol: 1e-10, atol: 1e-12, wrt: ["p", "u0"] } as const;

  it("of squares is twice the product of the solution's derivatives with themselves", () => {
    const { flat: slopes } = sensitivities(decay, { ...options, saveat: at });
    const rows = at.map((_, i) => [...slopes.p![i], ...slopes.u0![i]]);
    const expected = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => 2 * rows.reduce((sum, row) => sum + row[i] * row[j], 0)));
    for (const adjoint of ["discrete", "gauss", "dual"]) {
      const { flat } = hessian(decay, { ...options, loss, adjoint, curvature: "gaussNewton" });
      expectMatrix(flat, expected, [1, 1, 1], 1e-7);
    }
    const { flat } = hessianVectorProduct(decay, {
      ...options,
      loss,
      curvature: "gaussNewton",
      direction: { p: { k: 1, s: 0 } },
    });
    [...flat.p!, ...flat.u0!].forEach((x, i) => expect(x).toBeCloseTo(expected[i], 6));
  });

  it("is the Hessian where residuals vanish, and of an integral", () => {
    const exact = at.map((t) => 2 * Math.exp(-0.7 * t));
    const fitted = { ...options, loss: { ...loss, constants: { data: exact } } };
    const [full, half] = (["full", "gaussNewton"] as const).map((curvature) => hessian(decay, { ...fitted, curvature }).flat);
    expectMatrix(half, full, [1, 1, 1], 1e-7);
    // Linear in the source and in the start: nothing but the curvature of the loss.
    const integral = {
      integral: (u: { x: number }, p: { s: number }) => (u.x - p.s) ** 2,
      final: (u: { x: number }) => Math.cosh(u.x),
    };
    const ofU0 = (["full", "gaussNewton"] as const).map(
      (curvature) => hessian(decay, { ...options, loss: integral, curvature }).flat,
    );
    for (const k of [4, 5, 7, 8]) expect(ofU0[1][k]).toBeCloseTo(ofU0[0][k], 6);
  });
});

describe("events at given times", () => {
  const dosed = odeProblem({
    rhs(du: { gut: number; blood: number }, u: { gut: number; blood: number }, p: { ka: number; ke: number; dose: number }) {
      du.gut = -p.ka * u.gut;
      du.blood = p.ka * u.gut - (p.ke * u.blood) / (1 + u.blood);
    },
    u0: { gut: 1, blood: 0.1 },
    p: { ka: 1.1, ke: 0.4, dose: 0.8 },
    tspan: [0, 6],
    events: [
      { at: [1, 2.5, 4], apply: (u, p, t, _c, index) => void (u.gut += p.dose ** 2 * (1 + index) * Math.cos(t)) },
      { at: [3], apply: (u, p) => void ((u.blood *= u.blood), (p.ke *= 1 + p.dose)) },
    ],
  });
  const loss = { at: [0.7, 2.5, 5], of: (u: { blood: number }) => u.blood ** 2, integral: (u: { gut: number }) => u.gut ** 2 };
  const options = { loss, wrt: ["p", "u0"] as const, rtol: 1e-10, atol: 1e-12 };
  const expected = byDifferences(dosed, { ...options, ...tightly, solver: vern7() });

  it.each(["discrete", "gauss", "dual", undefined])("doses, and parameters that they change, by %s", (adjoint) => {
    expectMatrix(hessian(dosed, { ...options, adjoint }).flat, expected, [1.1, 0.4, 0.8, 1, 0.1], 1e-6);
  });
});

it("a random direction is checked where it is asked for", () => {
  const options = { loss: { final: (u: { x: number }) => u.x ** 3 }, wrt: ["p", "u0"] as const, check: true };
  expect(hessian(decay, options).check).toMatchObject({ passed: true });
  expect(hessianVectorProduct(decay, { ...options, direction: { u0: { x: 1 } } }).check).toMatchObject({ passed: true });
});
