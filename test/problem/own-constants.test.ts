/** Right-hand sides made by `differentiable` come with constants of their own, behind those of the problem. */
import { expect, test } from "vitest";
import { differentiable, gradient, odeProblem, solve } from "../../index.ts";

const grows = differentiable((u: number[], _p: number[], _t: number, c: { k: number }) => [c.k * u[0]], { constants: { k: 1 } });

test("a right-hand side with constants of its own", () => {
  const problem = odeProblem({ rhs: grows as never, u0: [1], p: [1], tspan: [0, 1] });
  const { u, stats } = solve(problem, { rtol: 1e-9, atol: 1e-9 });
  expect(stats.compiled).toBe(true);
  expect((u.at(-1) as number[])[0]).toBeCloseTo(Math.E, 7);
  const { gradient: found } = gradient(problem, { loss: { final: (u: number[]) => u[0] }, wrt: ["u0"], rtol: 1e-9, atol: 1e-9 });
  expect((found.u0 as number[])[0]).toBeCloseTo(Math.E, 7);
});
