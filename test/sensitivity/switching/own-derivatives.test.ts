/** Switches where derivatives are the author's, or differences. */
import { describe, expect, it } from "vitest";
import { BackendRefused, fbdf, gradient, odeProblem, radauIIA5, rodas5P, solve } from "../../../index.ts";

/** u falls at a rate of k u above w and evenly below it; the second component follows with the rate K. */
const falling = (K: number) =>
  odeProblem({
    rhs: (u, p) => [u[0] > p[1] ? -p[0] * u[0] : -0.4, p[2] * (u[0] - u[1])],
    u0: [1, 1],
    p: [1, 0.5, K],
    tspan: [0, 0.9],
    derivatives: {
      jac(J, u, p) {
        J.set(0, 0, u[0] > p[1] ? -p[0] : 0);
        J.set(0, 1, 0);
        J.set(1, 0, p[2]);
        J.set(1, 1, -p[2]);
      },
    },
  });

/** u(T) = w - 0.4 (T - ln(1 / w) / k), with its derivatives by k and w. */
const value = 0.5 - 0.4 * (0.9 - Math.log(2));
const byK = -0.4 * Math.log(2);
const byW = 1 - 0.8;

describe.each([undefined, rodas5P(), fbdf(), radauIIA5()])("a Jacobian of one's own (%o)", (solver) => {
  it.each([50, 1e5])("leaves switches what they are (K = %f)", (K) => {
    const { u, switches } = solve(falling(K), { solver, rtol: 1e-7 });
    expect(switches.map(({ times, tracked }) => [times.length, tracked])).toEqual([[1, true]]);
    expect(u.at(-1)![0]).toBeCloseTo(value, 6);
  });

  it.each(["discrete", "dual", "gauss"] as const)("and in derivatives by %s", (adjoint) => {
    const { gradient: found } = gradient(falling(50), { loss: { final: (u) => u[0] }, solver, adjoint, rtol: 1e-7 });
    expect(found.p![0]).toBeCloseTo(byK, 5);
    expect(found.p![1]).toBeCloseTo(byW, 5);
  });

  it("and in those of an integral with a threshold", () => {
    const decay = odeProblem({
      rhs: (u, p) => [-p[0] * u[0]],
      u0: [1],
      p: [0.7, 0.5],
      tspan: [0, 2],
      derivatives: { jac: (J, _u, p) => J.set(0, 0, -p[0]) },
    });
    const { gradient: found } = gradient(decay, { loss: { integral: (u, p) => (u[0] > p[1] ? u[0] : 0) }, solver, rtol: 1e-7 });
    // The integral is (1 - w) / k.
    expect(found.p![0]).toBeCloseTo(-0.5 / 0.49, 4);
    expect(found.p![1]).toBeCloseTo(-1 / 0.7, 4);
  });
});

describe("differences are refused where they would reach across a jump", () => {
  const refused = /The backend "finite" cannot do this: `.+ > p\[1\]` \(.*\) switches at t = 0\.5.*nearest that can is "source"/;

  it.each(["discrete", "gauss", "quadrature", "interpolating", "backsolve"] as const)("by %s", (adjoint) => {
    const ofState = odeProblem({ rhs: (u, p) => [u[0] > p[1] ? -p[0] : -0.4], u0: [1], p: [1, 0.5], tspan: [0, 0.9] });
    const ofTime = odeProblem({ rhs: (_u, p, t) => [t > p[1] ? p[0] : 0], u0: [1], p: [1, 0.5], tspan: [0, 0.9] });
    for (const problem of [ofState, ofTime]) {
      const attempt = (): unknown => gradient(problem, { loss: { final: (u) => u[0] }, vjp: "finite", adjoint });
      expect(attempt).toThrow(BackendRefused);
      expect(attempt).toThrow(refused);
    }
  });

  it("but not by methods that take none, nor where nothing jumps", () => {
    const ofState = odeProblem({ rhs: (u, p) => [u[0] > p[1] ? -p[0] : -0.4], u0: [1], p: [1, 0.5], tspan: [0, 0.9] });
    const byDual = gradient(ofState, { loss: { final: (u) => u[0] }, vjp: "finite", adjoint: "dual" });
    expect(byDual.gradient.p![1]).toBeCloseTo(1 - 0.4, 6);
    const ramp = odeProblem({ rhs: (_u, p, t) => [p[0] * Math.max(0, t - p[1])], u0: [1], p: [1, 0.5], tspan: [0, 0.9] });
    const byFinite = gradient(ramp, { loss: { final: (u) => u[0] }, vjp: "finite", adjoint: "gauss" });
    expect(byFinite.gradient.p![1]).toBeCloseTo(-0.4, 4);
  });
});
