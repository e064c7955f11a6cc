import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface LorenzState {
  x: number;
  y: number;
  z: number;
}

export interface LorenzParameters {
  sigma: number;
  rho: number;
  beta: number;
}

export const lorenzDefaults = { tEnd: 16 };

/**
 * Lorenz's convection: three states, three parameters, not stiff, chaotic. Errors grow by about e^(0.9 t), so that after t = 40
 * nothing of a solution in double precision is left.
 *
 * E. N. Lorenz, Deterministic nonperiodic flow, J. Atmos. Sci. 20 (1963); initial state and end (t = 16) of E. Hairer, S. P. Nørsett,
 * G. Wanner, Solving Ordinary Differential Equations I, II.10 (LRNZ). The loss is z at the end. The reference is the end state of Vern7,
 * Tsit5 and Dormand-Prince at tolerances of 1e-14, which agree to the digits given.
 */
export function lorenz(options: Partial<typeof lorenzDefaults> = {}): NamedProblem<LorenzState, LorenzParameters> {
  const { tEnd } = completed("lorenz", lorenzDefaults, options);
  return {
    problem: odeProblem({
      name: "lorenz",
      rhs(du, u, { sigma, rho, beta }) {
        du.x = sigma * (u.y - u.x);
        du.y = u.x * (rho - u.z) - u.y;
        du.z = u.x * u.y - beta * u.z;
      },
      u0: { x: -8, y: 8, z: 27 },
      tspan: [0, tEnd],
      p: { sigma: 10, rho: 28, beta: 8 / 3 },
    }),
    loss: { final: (u) => u.z },
    reference: tEnd === 16 ? { end, loss: end.z } : undefined,
  };
}

const end = { x: -9.131313, y: -12.476179, z: 22.843339 };
