import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface VanDerPolState {
  x: number;
  /** The derivative of x. */
  v: number;
}

export interface VanDerPolParameters {
  epsilon: number;
}

export const vanDerPolDefaults = { epsilon: 1e-6, tEnd: 2 };

/**
 * Van der Pol's oscillator in the time of its slow phases: epsilon x'' = (1 - x²) x' - x, two states, one parameter, very stiff.
 *
 * B. van der Pol, On relaxation oscillations, Phil. Mag. 2 (1926), as in E. Hairer, G. Wanner, Solving Ordinary Differential Equations
 * II, IV.10 (10.3), and the Test Set for IVP Solvers (Bari), whose end state for epsilon = 1e-6 at t = 2 the reference gives. The loss
 * is x at the end. Throws UnsupportedValue for an epsilon that is not above 0.
 */
export function vanDerPol(options: Partial<typeof vanDerPolDefaults> = {}): NamedProblem<VanDerPolState, VanDerPolParameters> {
  const { epsilon, tEnd } = completed("vanDerPol", vanDerPolDefaults, options);
  if (!(epsilon > 0)) throw new UnsupportedValue(`epsilon is ${String(epsilon)}, but x'' needs a factor above 0.`);
  return {
    problem: odeProblem({
      name: "vanDerPol",
      rhs(du, u, { epsilon }) {
        du.x = u.v;
        du.v = ((1 - u.x * u.x) * u.v - u.x) / epsilon;
      },
      u0: { x: 2, v: 0 },
      tspan: [0, tEnd],
      p: { epsilon },
    }),
    loss: { final: (u) => u.x },
    reference: epsilon === 1e-6 && tEnd === 2 ? { end, loss: end.x } : undefined,
  };
}

const end = { x: 0.1706167732170483e1, v: -0.8928097010247975 };
