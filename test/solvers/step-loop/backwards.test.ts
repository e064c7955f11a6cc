/** What is stiff backwards in time is solved by an implicit method, as it is forwards. */
import { expect, it } from "vitest";
import { odeProblem, solve } from "../../../index.ts";

it("a problem that is stiff backwards goes over to the implicit method", () => {
  const following = odeProblem({ rhs: (u: number[], _p, t) => [1e5 * (u[0] - Math.cos(t))], u0: [Math.cos(10)], tspan: [10, 0] });
  const { solver, stats, u } = solve(following);
  expect(solver).toMatch(/-> rodas5P/);
  expect(stats.steps).toBeLessThan(200);
  // It follows cos t at a distance of 1e-5 sin t.
  expect(u.at(-1)![0]).toBeCloseTo(1, 6);
});

it("and one that is stiff forwards alone does not", () => {
  const leaving = odeProblem({ rhs: (u: number[]) => [-50 * u[0]], u0: [1], tspan: [0.5, 0] });
  const { solver, u } = solve(leaving);
  expect(solver).not.toMatch(/->/);
  expect(u.at(-1)![0] / Math.exp(25)).toBeCloseTo(1, 4);
});
