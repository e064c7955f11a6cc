/** Collocation at Radau's nodes: published answers, few matrices, and nothing dense of a sparse system. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, radauIIA5, radauIIA9, rodas5P, solve, type OdeProblem } from "../../../index.ts";
import {
  brusselator,
  chemicalAkzoNobel,
  heat,
  hires,
  orego,
  pendulumDAE,
  pollution,
  robertson,
  robertsonDAE,
  transistorAmplifier,
  vanDerPol,
} from "../../../problems/index.ts";
import { coefficientsOf } from "../../../solvers/families/radau/coefficients.ts";
import { coupledJacobian } from "../../../solvers/newton/coupling.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { pack } from "../../../src/arrays/pack.ts";

function errorAtEnd(problem: OdeProblem, states: readonly Float64Array[], end: unknown): number {
  const exact = pack(problem.layout.u, end, "reference");
  return Math.max(...exact.map((x, i) => Math.abs(states.at(-1)![i] / x - 1)));
}

describe.each([radauIIA5(), radauIIA9()])("$name", (solver) => {
  it.each([
    ["HIRES", hires(), 1e-10, 1e-16],
    ["OREGO", orego(), 1e-11, 1e-13],
    ["Robertson's reaction", robertson(), 1e-9, 1e-18],
    ["van der Pol, 1e-6", vanDerPol(), 1e-10, 1e-12],
    ["POLLU", pollution(), 1e-10, 1e-20],
    ["Robertson's reaction, conserved by an equation", robertsonDAE(), 1e-9, 1e-18],
    ["the chemical Akzo Nobel problem", chemicalAkzoNobel(), 1e-11, 1e-13],
    ["the transistor amplifier", transistorAmplifier(), 1e-10, 1e-10],
    ["the pendulum", pendulumDAE(), 1e-11, 1e-11],
  ])("%s: the published answer", (_, { problem, reference }, rtol, atol) => {
    const { states, stats } = solve(problem as OdeProblem, { solver, rtol, atol, saveat: [problem.tspan[1]] });
    expect(errorAtEnd(problem as OdeProblem, states, reference!.end)).toBeLessThan(1e-9);
    expect(stats.newtonIterations).toBeLessThan(12 * (stats.steps + stats.rejected));
  });

  it("keeps a matrix while iterations with it converge", () => {
    const { stats } = solve(pollution().problem, { solver, rtol: 1e-8, atol: 1e-14 });
    expect(stats.jacobians).toBeLessThan(stats.steps / 2);
    expect(stats.factorizations).toBeLessThan(stats.steps / 1.5);
  });

  it("an event's jump is no part of the polynomial that the next step begins with", () => {
    const dosed = odeProblem({
      rhs: (u: number[], { k }) => [-k * u[0]],
      u0: [1],
      tspan: [0, 2],
      p: { k: 0.7 },
      events: [{ at: [1], apply: (u: number[]) => void (u[0] += 1) }],
    });
    const exact = (k: number): number => Math.exp(-2 * k) + Math.exp(-k);
    const options = { solver, rtol: 1e-10, atol: 1e-12 };
    expect(solve(dosed, options).states.at(-1)![0]).toBeCloseTo(exact(0.7), 10);
    const { flat } = gradient(dosed, { ...options, loss: { final: (u: number[]) => u[0] }, adjoint: "discrete" });
    expect(flat.p![0]).toBeCloseTo(-2 * Math.exp(-1.4) - Math.exp(-0.7), 9);
  });
});

it("of a sparse Jacobian, the matrices of pairs and of the adjoint's stages stay sparse", () => {
  const { problem } = heat({ n: 400 });
  const { jacobian } = systemOf(problem.code)!;
  const { coupling } = coefficientsOf(radauIIA5().tableau.nodes);
  const entries = jacobian!.pattern.rowIndices.length;
  const sizeOf = (K: readonly (readonly number[])[]): number => coupledJacobian(jacobian!, K).pattern.rowIndices.length;
  expect(sizeOf(coupling.pieces[1].block)).toBe(2 * entries + 2 * 400);
  expect(sizeOf(coupling.K)).toBe(3 * entries + 6 * 400);
});

it("of a system in the plane, as another method", () => {
  const { problem } = brusselator({ n: 6 });
  const [found, expected] = [radauIIA5(), rodas5P()].map((solver) =>
    solve(problem as OdeProblem, { solver, rtol: 1e-8, atol: 1e-8 }).states.at(-1)!,
  );
  found.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(1e-6));
});
