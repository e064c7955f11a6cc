/** Where the derivative depends on time alone, which an estimate of the Jacobian's may not see, errors keep to their tolerances too. */
import { describe, expect, it } from "vitest";
import { odeProblem, solve } from "../../../index.ts";
import { adaptiveMethods } from "../../tables.ts";

const frequency = 20;
const quadrature = odeProblem({
  rhs(du, _u, p, t) {
    du[0] = Math.cos(p[0] * t);
  },
  u0: [0],
  tspan: [0, 10],
  p: [frequency],
});
/** Nothing is seen between steps, where dense output would be looked at. */
const saveat = [10];
const exact = Math.sin(10 * frequency) / frequency;

/** Beside something that is stiff. */
const besideStiff = odeProblem({
  rhs(du, u, p, t) {
    du[0] = Math.cos(p[0] * t);
    du[1] = -1e4 * (u[1] - Math.sin(t));
  },
  u0: [0, 0],
  tspan: [0, 10],
  p: [frequency],
});

describe.each(adaptiveMethods)("$name", (solver) => {
  const { order, tableau } = solver;
  const { errorOrder = order } = tableau as { readonly errorOrder?: number };

  it.each([1e-4, 1e-6, 1e-8])("to %s", (tolerance) => {
    const error = solve(quadrature, { solver, rtol: tolerance, atol: tolerance, saveat }).states.at(-1)![0] - exact;
    expect(Math.abs(error)).toBeLessThan(40 * tolerance ** (order / errorOrder));
  });

  if (solver.family.implicit) {
    it("beside what is stiff", () => {
      const error = solve(besideStiff, { solver, rtol: 1e-6, atol: 1e-6, saveat }).states.at(-1)![0] - exact;
      expect(Math.abs(error)).toBeLessThan(40 * 1e-6 ** (order / errorOrder));
    });
  }
});
