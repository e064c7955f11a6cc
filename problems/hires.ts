import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

/**
 * HIRES, high irradiance responses of photomorphogenesis: a chain of eight reactants, stiff. p: the twelve rate constants and the inflow.
 *
 * E. Schäfer, A new approach to explain the "high irradiance responses" of photomorphogenesis on the basis of phytochrome, J. Math.
 * Biology 2 (1975), as in E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, IV.10 (10.4), and the Test Set for IVP
 * Solvers (Bari), whose end state at t = 321.8122 the reference gives. The loss is the amount of the last reactant at the end.
 */
export function hires(options: NoOptions = {}): NamedProblem<Float64Array, Float64Array> {
  completed("hires", {}, options);
  return {
    problem: odeProblem({
      name: "hires",
      rhs(du, u, p) {
        const bound = p[10] * u[5] * u[7];
        const released = p[11] * u[6];
        du[0] = -p[0] * u[0] + p[1] * u[1] + p[2] * u[2] + p[12];
        du[1] = p[0] * u[0] - p[3] * u[1];
        du[2] = -p[4] * u[2] + p[1] * u[3] + p[5] * u[4];
        du[3] = p[2] * u[1] + p[0] * u[2] - p[6] * u[3];
        du[4] = -p[7] * u[4] + p[1] * (u[5] + u[6]);
        du[5] = -bound + p[8] * u[3] + p[0] * u[4] - p[1] * u[5] + p[9] * u[6];
        du[6] = bound - released;
        du[7] = -bound + released;
      },
      u0: new Float64Array([1, 0, 0, 0, 0, 0, 0, 0.0057]),
      tspan: [0, 321.8122],
      p: new Float64Array([1.71, 0.43, 8.32, 8.75, 10.03, 0.035, 1.12, 1.745, 0.69, 0.69, 280, 1.81, 0.0007]),
    }),
    loss: { final: (u) => u[7] },
    reference: { end, loss: end[7], gradient },
  };
}

const end = new Float64Array([
  0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2, 0.2386356198831331e-2,
  0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
]);

/** By the discrete adjoints of Rodas5P and Kvaerno5 at tight tolerances, which agree to the digits given. */
const gradient = new Float64Array([
  -1.725645094, -0.3136333385, -0.03635906882, 0.02235109778, 0.01400900784, -1.712438812, 0.1874088084, 1.711837113,
  -0.1874392519, -0.1030704517, 6.49806766e-6, 0.1020842106, -18.93848428,
]);
