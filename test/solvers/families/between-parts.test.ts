/** Stiff problems in parts between steps: slopes of a stiff function at the end of a step would magnify its errors. */
import { expect, test } from "vitest";
import { kenCarp3, kenCarp4, kenCarp5, odeProblem, solve } from "../../../index.ts";

const stiffness = [1e4, 1e6, 1e9];
const cases = [kenCarp3(), kenCarp4(), kenCarp5()].flatMap((solver) => stiffness.map((l) => ({ name: solver.name, solver, l })));

test.each(cases)("$name, $l", ({ solver, l }) => {
  const relaxing = odeProblem({
    rhs: {
      stiff(du: number[], u: number[], p: { l: number }) {
        du[0] = 0;
        du[1] = -p.l * (u[1] - u[0]);
      },
      nonstiff(du: number[], u: number[]) {
        du[1] = 0;
        du[0] = -u[0];
      },
    },
    u0: [1, 1],
    tspan: [0, 2],
    p: { l },
  });
  const t = Array.from({ length: 101 }, (_, i) => i / 50);
  const tolerances = { solver, rtol: 1e-5, atol: 1e-5 };
  const { states, stats } = solve(relaxing, { ...tolerances, saveat: t });
  // What dense output errs by shortens steps: it is not to be so much that they are far shorter.
  expect(stats.steps).toBeLessThan(2 * solve(relaxing, { ...tolerances, saveat: [2] }).stats.steps);
  states.forEach((u, i) => {
    expect(Math.abs(u[0] - Math.exp(-t[i]))).toBeLessThan(1e-3);
    expect(Math.abs(u[1] - (l / (l - 1)) * Math.exp(-t[i]))).toBeLessThan(1e-3);
  });
});
