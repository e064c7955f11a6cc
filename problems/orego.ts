import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface OregoState {
  /** Bromous acid. */
  x: number;
  /** Bromide. */
  y: number;
  /** Cerium(IV). */
  z: number;
}

export interface OregoParameters {
  s: number;
  q: number;
  w: number;
}

export const oregoDefaults = { tEnd: 360 };

/**
 * OREGO, the Oregonator: the oscillating reaction of Belousov and Zhabotinskii, three states, three parameters, stiff.
 *
 * R. J. Field, R. M. Noyes, Oscillations in chemical systems IV, J. Chem. Physics 60 (1974), as in E. Hairer, G. Wanner, Solving
 * Ordinary Differential Equations II, IV.10 (10.5), and the Test Set for IVP Solvers (Bari), whose end state at t = 360 the reference
 * gives. The loss is the bromide at the end.
 */
export function orego(options: Partial<typeof oregoDefaults> = {}): NamedProblem<OregoState, OregoParameters> {
  const { tEnd } = completed("orego", oregoDefaults, options);
  return {
    problem: odeProblem({
      name: "orego",
      rhs(du, u, { s, q, w }) {
        du.x = s * (u.y + u.x * (1 - q * u.x - u.y));
        du.y = (u.z - (1 + u.x) * u.y) / s;
        du.z = w * (u.x - u.z);
      },
      u0: { x: 1, y: 2, z: 3 },
      tspan: [0, tEnd],
      p: { s: 77.27, q: 8.375e-6, w: 0.161 },
    }),
    loss: { final: (u) => u.y },
    reference: tEnd === 360 ? { end, loss: end.y, gradient } : undefined,
  };
}

const end = { x: 0.1000814870318523e1, y: 0.1228178521549917e4, z: 0.1320554942846706e3 };

/** By the discrete adjoints of Rodas5P and Kvaerno5 at tight tolerances, which agree to the digits given. */
const gradient = { s: 101.482865249, q: -284851956.475, w: -17312.2813469 };
