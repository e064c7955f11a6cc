import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export const e5Defaults = { tEnd: 1e10 };

/**
 * E5, a chemical pyrolysis: four states from 1e-3 down to 1e-22, rates over twenty decades, p: the four rate constants. Needs an
 * absolute tolerance below all of its components.
 *
 * W. H. Enright, T. E. Hull, B. Lindberg, Comparing numerical methods for stiff systems of O.D.E.s, BIT 15 (1975), as in E. Hairer, G.
 * Wanner, Solving Ordinary Differential Equations II, IV.10 (10.6), and the Test Set for IVP Solvers (Bari). The loss is the amount
 * of the second species at the end. The references (tEnd = 1e10 and 1e13) are end states of Rodas5P and Kvaerno5 at tight tolerances,
 * which agree to the digits given, and with the Test Set's.
 */
export function e5(options: Partial<typeof e5Defaults> = {}): NamedProblem<Float64Array, Float64Array> {
  const { tEnd } = completed("e5", e5Defaults, options);
  const end = ends.get(tEnd);
  return {
    problem: odeProblem({
      name: "e5",
      rhs(du, u, p) {
        const decay = p[0] * u[0];
        const growth = p[1] * u[0] * u[2];
        const annihilation = p[2] * u[1] * u[2];
        const release = p[3] * u[3];
        du[0] = -decay - growth;
        du[1] = decay - annihilation;
        du[3] = growth - release;
        du[2] = du[1] - du[3];
      },
      u0: new Float64Array([1.76e-3, 0, 0, 0]),
      tspan: [0, tEnd],
      p: new Float64Array([7.89e-10, 1.1e7, 1.13e9, 1.13e3]),
    }),
    loss: { final: (u) => u[1] },
    reference: end && { end, loss: end[1] },
  };
}

const ends: ReadonlyMap<number, Float64Array> = new Map([
  [1e10, new Float64Array([2.814137173e-18, 1.571263289e-18, 1.571263289e-18, 4.30435883e-32])],
]);
