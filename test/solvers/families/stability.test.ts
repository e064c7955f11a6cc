/** The boundary of stability, against published values and against steps themselves. */
import { describe, expect, it } from "vitest";
import { isExplicit } from "../../../solvers/families/explicit/family.ts";
import type { ExplicitTableau } from "../../../solvers/families/explicit/tableau.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { euler } from "../../../solvers/index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../systems.ts";
import { everyMethod, implicitMethods } from "../../tables.ts";

/**
 * E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.2; of tsit5 and Verner's methods as OrdinaryDiffEq
 * gives them (`alg_stability_size`); of ssprk43 the real root of x³ − 8x² + 24x − 48; of dop853 the first x at which its stability
 * polynomial, made of the coefficients with all their published digits, is 1 or −1.
 */
const published: Readonly<Record<string, number>> = {
  euler: 2,
  midpoint: 2,
  heun: 2,
  ralston: 2,
  ssprk33: 2.5127,
  ssprk43: 5.14949,
  rk4: 2.7853,
  bs3: 2.5127,
  dp5: 3.3066,
  tsit5: 3.5068,
  vern6: 4.8553,
  vern7: 4.64,
  vern8: 5.8641,
  vern9: 4.4762,
  dop853: 6.3937,
};

const decay = systemOf("decay", 1, 0, ({ u, mul }) => [mul(u[0], -1)]);

const explicitMethods = everyMethod(1).filter(isExplicit);

type Complex = readonly [re: number, im: number];

/** u' = λu of a complex u, by λ = p[0] + i p[1]. */
const turning = systemOf("turning", 2, 2, ({ u: [x, y], p: [re, im], sub, mul, add }) => [
  sub(mul(re, x), mul(im, y)),
  add(mul(im, x), mul(re, y)),
]);

/** |u| after so many steps of length one from |u| = 1. */
function sizeAfter(method: Method, [re, im]: Complex, steps: number): number {
  const p = Float64Array.of(re, im);
  const request = { u0: Float64Array.of(1, 0), p, t0: 0, t1: steps, rtol: 1, atol: 1, fixedStep: 1 };
  const { final } = integrate(prepare(turning, method, { target: "javascript" }), request);
  return Math.hypot(final[0], final[1]);
}

/** |R(z)| of the stability function of an explicit tableau. */
function growth({ stages, b }: ExplicitTableau, [re, im]: Complex): number {
  const slopes: Complex[] = [];
  let state: Complex = [1, 0];
  for (const row of [[], ...stages.map(({ a }) => a), b]) {
    state = row.reduce<Complex>(([x, y], a, j) => [x + a * slopes[j][0], y + a * slopes[j][1]], [1, 0]);
    slopes.push([re * state[0] - im * state[1], re * state[1] + im * state[0]]);
  }
  return Math.hypot(...state);
}

describe.each(explicitMethods)("$name", (method) => {
  const boundary = method.family.stability(method.tableau)!;

  it("keeps u' = -u from growing up to the boundary, and no further", () => {
    const after = (dt: number): number => {
      const request = { u0: Float64Array.of(1), p: new Float64Array(0), t0: 0, t1: 200 * dt, rtol: 1, atol: 1, fixedStep: dt };
      return Math.abs(integrate(prepare(decay, method, { target: "javascript" }), request).final[0]);
    };
    expect(after(0.99 * boundary)).toBeLessThan(1);
    expect(after(1.01 * boundary)).toBeGreaterThan(1);
  });

  it.each([0.15, 0.3, 0.45])("along a ray at %f π from the negative real axis, too", (turn) => {
    const along = (size: number): Complex => [-size * Math.cos(Math.PI * turn), size * Math.sin(Math.PI * turn)];
    let [inside, outside] = [0.05, 10];
    while (outside - inside > 1e-9) {
      const middle = (inside + outside) / 2;
      if (growth(method.tableau, along(middle)) > 1) outside = middle;
      else inside = middle;
    }
    expect(sizeAfter(method, along(0.99 * inside), 300)).toBeLessThan(1);
    expect(sizeAfter(method, along(1.01 * inside), 300)).toBeGreaterThan(1);
  });

  it("is where it is published", () => expect(boundary).toBeCloseTo(published[method.name], 4));
});

it("is none of a tableau that does not move, and is not sought for ever", () => {
  expect(euler({ dt: 1 }).family.stability({ stages: [], b: [0] })).toBeUndefined();
});

describe.each(implicitMethods)("$name", (method) => {
  it("has no boundary, and nothing left of it to grow", () => {
    expect(method.family.stability(method.tableau)).toBeUndefined();
    for (const size of [0.1, 1, 3, 10, 100, 1e4])
      for (const turn of [0, 0.2, 0.4, 0.5]) {
        const z: Complex = [-size * Math.cos(Math.PI * turn), size * Math.sin(Math.PI * turn)];
        expect(sizeAfter(method, z, 100), `z = ${z}`).toBeLessThanOrEqual(1 + 1e-10);
      }
  });

  it("damps what is very stiff in one step", () => expect(sizeAfter(method, [-1e9, 0], 1)).toBeLessThan(1e-7));
});
