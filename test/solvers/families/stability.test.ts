/** The boundary of stability on the negative real axis, against published values and against steps themselves. */
import { describe, expect, it } from "vitest";
import { isExplicit } from "../../../solvers/families/explicit/family.ts";
import { euler } from "../../../solvers/index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../systems.ts";
import { everyMethod } from "../../tables.ts";

/**
 * E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.2; of tsit5 and vern7 as OrdinaryDiffEq
 * gives them (`alg_stability_size`).
 */
const published: Readonly<Record<string, number>> = {
  euler: 2,
  rk4: 2.7853,
  bs3: 2.5127,
  dp5: 3.3066,
  tsit5: 3.5068,
  vern7: 4.64,
};

const decay = systemOf("decay", 1, 0, ({ u, mul }) => [mul(u[0], -1)]);

const explicitMethods = everyMethod(1).filter(isExplicit);

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

  it("is where it is published", () => expect(boundary).toBeCloseTo(published[method.name], 4));
});

it("is none of a tableau that does not move, and is not sought for ever", () => {
  expect(euler({ dt: 1 }).family.stability({ stages: [], b: [0] })).toBeUndefined();
});
