/** Second derivatives of problems with algebraic equations, and of losses of all times at once: by closed forms, and by differences of gradients. */
import { describe, expect, it } from "vitest";
import {
  daeProblem,
  fbdf,
  hessian,
  hessianVectorProduct,
  MethodRefused,
  odeProblem,
  radauIIA5,
  rodas5P,
  type OdeProblem,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { byDifferences, expectMatrix, tightly } from "./by-differences.ts";

const tight = { rtol: 1e-10, atol: 1e-12, wrt: ["p", "u0"] } as const;
const takingMass = Object.values(adjointMethods).filter(({ traits }) => traits.takesMass);

describe("a linear equation beside a decay, by closed forms", () => {
  type U = { x: number; z: number };
  type P = { k: number; c: number };
  // x' = -k z, 0 = x / c - z: x = x0 e^{-k t / c}.
  const linear = odeProblem({
    rhs(du: U, u: U, p: P) {
      du.x = -p.k * u.z;
      du.z = u.x / p.c - u.z;
    },
    massMatrix: { x: 1, z: 0 },
    u0: { x: 2, z: 2 / 1.3 },
    p: { k: 0.7, c: 1.3 },
    tspan: [0, 3],
  });
  const [k, c, x0, t] = [0.7, 1.3, 2, 3];
  const e = Math.exp((-k * t) / c);
  const byK = [(x0 * t * t * e) / c ** 2, x0 * t * e * (1 / c ** 2 - (k * t) / c ** 3), (-t * e) / c, 0];
  const byC = [byK[1], x0 * k * t * e * ((k * t) / c ** 4 - 2 / c ** 3), (k * t * e) / c ** 2, 0];
  const expected = [...byK, ...byC, byK[2], byC[2], 0, 0, 0, 0, 0, 0];
  const loss = { final: (u: U) => u.x };

  it.each(takingMass.map(({ name }) => name))("by %s", (adjoint) => {
    for (const solver of [undefined, rodas5P(), fbdf(), radauIIA5()])
      expectMatrix(hessian(linear, { ...tight, loss, adjoint, solver }).flat, expected, [k, c, x0, 1], 1e-6);
  });

  it("of what the equation determines, of an integral, and Gauss and Newton's", () => {
    // z = x / c, whose square is x² / c², and the integral of that.
    const final = hessian(linear, { ...tight, loss: { final: (u: U) => u.z } });
    expect(final.p.p.k.k).toBeCloseTo(byK[0] / c, 7);
    expect(final.p.u0.k.x).toBeCloseTo(byK[2] / c, 7);
    const sum = { at: [1, 3], of: (u: U) => u.z ** 2 };
    const { flat } = hessian(linear, { ...tight, loss: sum, curvature: "gaussNewton" });
    const slopes = [1, 3].map((s) => {
      const z = (x0 / c) * Math.exp((-k * s) / c);
      return [(-s / c) * z, ((k * s) / c ** 2 - 1 / c) * z, z / x0, 0];
    });
    const squares = [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((j) => 2 * slopes.reduce((all, s) => all + s[i] * s[j], 0)));
    expectMatrix(flat, squares, [k, c, x0, 1], 1e-7);
    const rate = (s: number): number => (2 * k * s) / c;
    const area = (1 - Math.exp(-rate(t))) / rate(1);
    const byU0 = hessian(linear, { ...tight, loss: { integral: (u: U) => u.z ** 2 } }).u0.u0.x.x;
    expect(byU0).toBeCloseTo((2 / c ** 2) * area, 7);
  });

  it("a direction is checked where it is asked for, at parameters for which the state is another, and other methods are refused by name", () => {
    const direction = { p: { k: 1, c: -1 } };
    expect(hessianVectorProduct(linear, { ...tight, loss, direction, check: true }).check).toMatchObject({ passed: true });
    for (const { name, traits } of Object.values(adjointMethods))
      if (!traits.takesMass && name !== "steadyState")
        expect(() => hessian(linear, { loss, adjoint: name })).toThrow(MethodRefused);
    expect(() => hessian(linear, { loss, vjp: "closure" as never })).toThrow(/by "source"/);
  });
});

describe("equations that are not linear, by differences of gradients", () => {
  type U = { a: number; b: number; c: number };
  type P = { k: number; m: number };
  const chain = odeProblem({
    rhs(du: U, u: U, p: P, t: number) {
      du.a = -p.k * u.a + p.m * u.b * u.c + 0.1 * Math.sin(t);
      du.b = p.k * u.a - p.m * u.b * u.c - u.b ** 2;
      du.c = u.a + u.b ** 3 + u.c + p.m * u.c ** 3 - 2;
    },
    massMatrix: [
      [1, 0.2, 0],
      [0, 2, 0],
      [0, 0, 0],
    ],
    initialise: "algebraic",
    u0: { a: 1, b: 0.3, c: 0.5 },
    p: { k: 0.8, m: 1.3 },
    tspan: [0, 2],
    events: { at: [0.7], apply: (u: { b: number }, p: P) => void (u.b += 0.3 * p.k * u.b) },
  });
  const losses = {
    sum: { at: [0.5, 1.5], of: (u: U, p: P) => u.c ** 2 * p.k + u.a * u.b },
    integral: { integral: (u: U, p: P) => u.c ** 3 * p.m, final: (u: U) => u.b ** 2 },
  };

  it.each([losses.sum, losses.integral])("with an event, %o", (loss) => {
    const options = { ...tight, loss } as never as typeof tight & { loss: typeof losses.sum };
    const expected = byDifferences(chain, { ...options, ...tightly, solver: radauIIA5() } as never);
    for (const adjoint of takingMass.map(({ name }) => name))
      expectMatrix(hessian(chain, { ...options, adjoint }).flat, expected, [0.8, 1.3, 1, 0.3, 0.5], 1e-6);
  });

  it("a residual", () => {
    const residual = daeProblem({
      residual: (du, u, p) => [du[0] + du[1] ** 3 + du[1] + p[0] * u[0], du[1] - u[2] * p[1], u[2] ** 3 + u[2] - u[0] - u[1]],
      u0: [1, 0.2, 0.7],
      p: [0.9, 0.4],
      tspan: [0, 1.5],
      initialise: "algebraic",
    }) as OdeProblem<number[], number[]>;
    const options = { ...tight, loss: { final: (u: number[]) => u[0] * u[1] + u[2] ** 2 } };
    const expected = byDifferences(residual, { ...options, ...tightly, solver: radauIIA5() } as never);
    expect(hessian(residual, options).names).toHaveLength(5);
    for (const adjoint of takingMass.map(({ name }) => name))
      expectMatrix(hessian(residual, { ...options, adjoint }).flat, expected, [1, 1, 1, 1, 1], 1e-6);
  });
});

describe("losses of all times", () => {
  type U = { q: number; v: number };
  type P = { w: number };
  const circle = odeProblem({
    rhs: (u: U, p: P) => ({ q: u.v, v: -p.w * p.w * u.q }),
    u0: { q: 1.5, v: 0 },
    p: { w: Math.PI },
    tspan: [0, 2],
  });
  const closing = { at: [0, 2], all: (u: { q: number[]; v: number[] }) => (u.q[1] - u.q[0]) ** 2 + (u.v[1] - u.v[0]) ** 2 };
  const solving = Object.keys(adjointMethods).filter((name) => name !== "steadyState");

  it.each(solving)("an orbit that closes, by %s", (adjoint) => {
    // q = q0 cos w t and v = -q0 w sin w t: where w t = 2 π the loss is (q0 w t (δw))² to second order.
    const { flat, value } = hessian(circle, { ...tight, wrt: "p", loss: closing as never, adjoint });
    expect(value).toBeLessThan(1e-15);
    expect(flat[0] / (2 * (1.5 * 2 * Math.PI) ** 2)).toBeCloseTo(1, 7);
    const half = hessian(circle, { ...tight, wrt: "p", loss: closing as never, adjoint, curvature: "gaussNewton" });
    expect(half.flat[0] / flat[0]).toBeCloseTo(1, 7);
  });

  it("off the orbit, by the parameters themselves, in any order of times", () => {
    const loss = {
      at: [1.3, 0.2, 0.9],
      all: (u: { q: number[]; v: number[] }, p: P) => u.q[0] * u.v[1] * p.w + u.q[2] ** 3 + Math.sin(p.w * u.q[1]),
    };
    const options = { ...tight, loss: loss as never };
    const expected = byDifferences(circle, { ...options, ...tightly } as never);
    expectMatrix(hessian(circle, options).flat, expected, [Math.PI, 1.5, 1], 1e-6);
    expect(hessian(circle, { ...options, check: true }).check).toMatchObject({ passed: true });
  });
});
