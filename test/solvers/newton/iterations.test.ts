/** Newton's iterations of implicit steps: what they keep, what they count, and what becomes of those that fail. */
import { describe, expect, it } from "vitest";
import { implicitEuler, kvaerno3, NonFiniteDerivative, odeProblem, rodas5P, solve } from "../../../index.ts";
import { hires, robertson } from "../../../problems/index.ts";

const linear = odeProblem({
  rhs(du, u, { k }) {
    du[0] = -k * (u[0] - u[1]);
    du[1] = k * (u[0] - 2 * u[1]);
  },
  u0: [1, 0],
  tspan: [0, 10],
  p: { k: 100 },
});

/** Forced in time, by which steps are of about one length. */
const ring = odeProblem({
  rhs(du: number[], u: number[], _p, t) {
    for (let i = 0; i < 200; i++) du[i] = 10 * (u[(i + 199) % 200] - 2 * u[i] + u[(i + 1) % 200]) + Math.sin(t + i);
  },
  u0: new Array<number>(200).fill(0),
  tspan: [0, 20],
});

describe("kvaerno3", () => {
  it("keeps a Jacobian that does not change, and factors of many numbers while steps are of about one length", () => {
    const ofMany = solve(ring, { solver: kvaerno3(), rtol: 1e-6, atol: 1e-9 }).stats;
    expect(ofMany.jacobians).toBeLessThan(ofMany.steps / 10);
    expect(ofMany.factorizations).toBeLessThan(ofMany.steps / 2);
    // Looks between the ends of steps would take solves of their own.
    const { stats } = solve(linear, { solver: kvaerno3(), rtol: 1e-6, atol: 1e-9, dense: false });
    expect(stats.jacobians).toBeLessThan(stats.steps / 10);
    // With a matrix of its own, a stage of a linear problem takes an iteration where that moves it little, else another that shows it was enough.
    expect(stats.factorizations).toBeGreaterThan(stats.steps / 2);
    expect(stats.newtonIterations).toBeLessThan(1.75 * 3 * (stats.steps + stats.rejected));
    expect(stats.linearSolves).toBe(stats.newtonIterations);
  });

  it("Robertson's reaction: conserved, as accurate as asked for, with few Jacobians", () => {
    const { problem, reference } = robertson({ tEnd: 40 });
    const { states, stats } = solve(problem, { solver: kvaerno3(), rtol: 1e-7, atol: 1e-11 });
    const end = [...states.at(-1)!];
    end.forEach((x, i) => expect(x / reference!.end![i]).toBeCloseTo(1, 6));
    expect(end.reduce((x, y) => x + y)).toBeCloseTo(1, 10);
    expect(stats.jacobians).toBeLessThan(stats.steps / 3);
  });

  it("a step whose iterations do not converge is tried again, shorter", () => {
    const vanDerPol = odeProblem({
      rhs: (u: number[], { mu }) => [u[1], mu * (1 - u[0] * u[0]) * u[1] - u[0]],
      u0: [2, 0],
      tspan: [0, 2000],
      p: { mu: 1000 },
    });
    const options = { rtol: 1e-8, atol: 1e-8 };
    const { states, stats } = solve(vanDerPol, { ...options, solver: kvaerno3(), maxStep: 200 });
    expect(stats.rejected).toBeGreaterThan(0);
    expect(states.at(-1)![0]).toBeCloseTo(solve(vanDerPol, { ...options, solver: rodas5P() }).states.at(-1)![0], 4);
  });

  it("iterations that a kept matrix does not serve get matrices of their own, so that steps of one length go on", () => {
    const { problem } = hires();
    for (const dt of [0.64, 0.16]) {
      const { states } = solve(problem, { solver: implicitEuler({ dt }), saveat: [0, 5, 50] });
      const exact = solve(problem, { solver: rodas5P(), rtol: 1e-8, saveat: [0, 5, 50] });
      states[2].forEach((x, i) => expect(Math.abs(x - exact.states[2][i])).toBeLessThan(0.02 * dt));
    }
  });

  it("a right-hand side that is not finite is told as such", () => {
    const root = odeProblem({ rhs: (u: number[]) => [-1 / Math.sqrt(u[0])], u0: [1], tspan: [0, 2], p: {} });
    expect(() => solve(root, { solver: kvaerno3() })).toThrow(NonFiniteDerivative);
  });
});
