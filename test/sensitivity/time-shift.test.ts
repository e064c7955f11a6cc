/** Moving the start along the solution: a gradient that breaks what follows from it says so, and one that is right does not. */
import { describe, expect, it } from "vitest";
import { hires, orego, pleiades, pollution, robertson, vanDerPol } from "../../problems/index.ts";
import { gradient, kvaerno5, odeProblem, radauIIA5, rk4, rodas5P, trbdf2, type Loss, type OdeProblem } from "../../index.ts";

const said = expect.stringMatching(/^The derivatives are not right at these tolerances: .* smaller rtol and atol\. /);
/** By rodas5P at 1e-11, kvaerno5 and radauIIA5 at 1e-10, which agree to three digits. */
const BY_EPSILON = 412.7;

describe("the oscillator of Van der Pol with ε = 1e-6, by ε", () => {
  const { problem, loss } = vanDerPol();

  it("is wrong by a method of low order, and says so", () => {
    const { gradient: by, warnings } = gradient(problem, { loss, solver: trbdf2(), wrt: ["p", "u0"], rtol: 1e-6, atol: 1e-6 });
    expect(Math.abs(by.p!.epsilon / BY_EPSILON - 1)).toBeGreaterThan(0.05);
    expect(warnings).toContainEqual(said);
  });

  it.each([
    [undefined, 1e-6],
    [rodas5P(), 1e-6],
    [kvaerno5(), 1e-6],
    [radauIIA5(), 1e-6],
    [rodas5P(), 1e-9],
  ] as const)("is right, as it is solved once more, which is said: %#", (solver, tolerance) => {
    const { gradient: by, warnings } = gradient(problem, { loss, solver, wrt: ["p", "u0"], rtol: tolerance, atol: tolerance });
    expect(Math.abs(by.p!.epsilon / BY_EPSILON - 1)).toBeLessThan(5e-3);
    expect(warnings).toEqual([
      expect.stringMatching(/^Errors of steps are far larger in these derivatives .*: solved once more/),
    ]);
  });
});

it("nothing is said of gradients that are right", () => {
  for (const { problem, loss } of [hires(), orego(), robertson(), pollution()]) {
    const { warnings } = gradient(problem as OdeProblem, { loss: loss as Loss, rtol: 1e-6, atol: 1e-9, wrt: ["p", "u0"] });
    expect(warnings, problem.name).not.toContainEqual(said);
  }
});

describe("a jump with the state that a loop hides", () => {
  // u falls at k u above w and at 0.4 below.
  const falling = odeProblem({
    rhs(u: number[], p: number[]) {
      let i = 0;
      while (i < 1 && u[0] > p[1]) i++;
      return [i > 0 ? -p[0] * u[0] : -0.4];
    },
    u0: [1],
    p: [1, 0.5],
    tspan: [0, 0.9],
  });

  it.each(["discrete", "gauss", "quadrature", "interpolating"] as const)("is told by %s", (adjoint) => {
    const { warnings } = gradient(falling, { loss: { final: (u) => u[0] }, adjoint, rtol: 1e-8 });
    expect(warnings).toContainEqual(expect.stringMatching(/ jumps with the state where that is not followed, as in a loop /));
  });
});

it("an explicit method is held to it, too", () => {
  const { problem, loss } = pleiades();
  expect(gradient(problem, { loss, wrt: ["u0"], rtol: 1e-3, atol: 1e-3 }).warnings).toContainEqual(said);
  expect(gradient(problem, { loss, wrt: ["u0"], rtol: 1e-9, atol: 1e-9 }).warnings).toEqual([]);
});

it("steps of one length are told to be shorter", () => {
  const { problem, loss } = pleiades();
  const told = expect.stringMatching(/^The derivatives are not right at these steps: .* smaller dt\. /);
  expect(gradient(problem, { loss, wrt: ["u0"], solver: rk4({ dt: 3e-3 }) }).warnings).toContainEqual(told);
  expect(gradient(problem, { loss, wrt: ["u0"], solver: rk4({ dt: 2e-4 }) }).warnings).toEqual([]);
});

it("what changes with time is not held to it", () => {
  const forced = odeProblem({
    rhs: (u: number[], _p: unknown, t: number) => [-1e3 * (u[0] - Math.cos(t))],
    u0: [0],
    tspan: [0, 1],
    p: [],
  });
  expect(gradient(forced, { loss: { final: (u) => u[0] }, wrt: ["u0"], solver: rodas5P() }).warnings).toEqual([]);
});
