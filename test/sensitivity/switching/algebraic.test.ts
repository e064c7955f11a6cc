/** Switches by the state where algebraic equations hold: on algebraic components, and where these jump. Answers are closed forms. */
import { describe, expect, it } from "vitest";
import { daeProblem, gradient, InconsistentInitialValues, odeProblem, solve, type OdeProblem } from "../../../index.ts";
import { adjointsThat, implicitMethods } from "../../tables.ts";

const adjoints = adjointsThat(({ takesMass }) => takesMass === true);
const tolerances = { rtol: 1e-8, atol: 1e-9 };
const solvers = implicitMethods.filter(({ order }) => order >= 3);

describe("a decision on an algebraic component", () => {
  // z(3) is how long y = A exp(-20 k t) is above lim.
  const problem = odeProblem({
    rhs(du, u, p) {
      du.x = -p.k * u.x;
      du.z = u.y > p.lim ? 1 : 0;
      du.y = p.A * u.x ** 20 - u.y;
    },
    u0: { x: 1, y: 1, z: 0 },
    p: { k: 1, A: 1, lim: 0.1 },
    tspan: [0, 3],
    massMatrix: { x: 1, y: 0, z: 1 },
  });
  const time = Math.log(10) / 20;

  it.each(adjoints)("moves in time, by adjoint %s", (adjoint) => {
    const { value, gradient: by, switches } = gradient(problem, { ...tolerances, adjoint, loss: { final: (u) => u.z } });
    expect(value).toBeCloseTo(time, 7);
    expect(by.p!.k).toBeCloseTo(-time, 6);
    expect(by.p!.A).toBeCloseTo(1 / 20, 6);
    expect(by.p!.lim).toBeCloseTo(-1 / 2, 6);
    expect(switches).toMatchObject([{ times: [expect.closeTo(time, 6)], differentiated: true }]);
  });
});

describe("an algebraic component that jumps as the state switches", () => {
  // x = exp(-t), and y is 2 x down to x = lim, x from there on; z is its integral.
  const given = { u0: { x: 1, z: 0, y: 2 }, p: { lim: 0.3 }, tspan: [0, 2] as const };
  const byMass = {
    ...given,
    rhs(du: typeof given.u0, u: typeof given.u0, p: typeof given.p): void {
      du.x = -u.x;
      du.z = u.y;
      du.y = (u.x > p.lim ? 2 * u.x : u.x) - u.y;
    },
    massMatrix: { x: 1, z: 1, y: 0 },
  };
  const byResidual = {
    ...given,
    residual(r: typeof given.u0, du: typeof given.u0, u: typeof given.u0, p: typeof given.p): void {
      r.x = du.x + u.x;
      r.z = du.z - u.y;
      r.y = (u.x > p.lim ? 2 * u.x : u.x) - u.y;
    },
  };
  const problems: [string, OdeProblem<typeof given.u0, typeof given.p>][] = [
    ["a mass matrix", odeProblem({ ...byMass, initialise: "algebraic" })],
    ["a residual", daeProblem({ ...byResidual, initialise: "algebraic" })],
  ];
  const end = 2 - given.p.lim - Math.exp(-2);

  it.each(problems)("is solved for behind the switch, by %s", (_, problem) => {
    for (const solver of solvers) {
      const { u, switches } = solve(problem, { ...tolerances, solver });
      expect(u.at(-1)!.z, solver.name).toBeCloseTo(end, 5);
      expect(u.at(-1)!.y, solver.name).toBeCloseTo(Math.exp(-2), 5);
      expect(switches, solver.name).toMatchObject([{ times: [expect.closeTo(-Math.log(0.3), 5)] }]);
    }
  });

  it.each(problems.flatMap(([name, problem]) => adjoints.map((adjoint) => [name, adjoint, problem] as const)))(
    "is in the derivatives, by %s and adjoint %s",
    (_, adjoint, problem) => {
      const loss = { final: (u: { z: number }) => u.z, integral: (u: { y: number }) => u.y };
      const { value, gradient: by, warnings } = gradient(problem, { ...tolerances, adjoint, loss, wrt: ["p", "u0"] });
      expect(value).toBeCloseTo(2 * end, 6);
      expect(by.p!.lim).toBeCloseTo(-2, 6);
      // By x(0) the time moves by 1 / x(0), at which the integrand falls by lim: 2 (∂/∂x0) (2 (x0 - lim) + lim - x0 exp(-2)).
      expect(by.u0!.x).toBeCloseTo(2 * (2 - Math.exp(-2)), 5);
      expect(warnings.join()).not.toMatch(/switch/);
    },
  );

  it.each(adjoints)("alone, while no derivative does, moves in an integral, by adjoint %s", (adjoint) => {
    // y is 2 for a time of log(1 / lim) / k, and 1 from there on.
    const stepped = odeProblem({
      rhs(du, u, p) {
        du.x = -p.k * u.x;
        du.y = (u.x > p.lim ? 2 : 1) - u.y;
      },
      u0: { x: 1, y: 2 },
      p: { k: 1, lim: 0.3 },
      tspan: [0, 2],
      massMatrix: { x: 1, y: 0 },
      initialise: "algebraic",
    });
    const time = Math.log(1 / 0.3);
    const { value, gradient: by } = gradient(stepped, { ...tolerances, adjoint, loss: { integral: (u) => u.y } });
    expect(value).toBeCloseTo(2 + time, 6);
    expect(by.p!.k).toBeCloseTo(-time, 6);
    expect(by.p!.lim).toBeCloseTo(-1 / 0.3, 6);
  });

  it("is a named error where nothing is to be solved for", () => {
    for (const problem of [odeProblem(byMass), daeProblem(byResidual)])
      expect(() => solve(problem)).toThrow(InconsistentInitialValues);
  });
});
