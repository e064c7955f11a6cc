import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";
import { robertsonDefaults, robertsonEnds, type RobertsonParameters } from "./robertson.ts";

/**
 * Robertson's reaction with the conservation of mass in place of the third rate, 0 = u₁ + u₂ + u₃ − 1: the end states and the loss are
 * those of {@link robertson}.
 */
export function robertsonDAE(options: Partial<typeof robertsonDefaults> = {}): NamedProblem<Float64Array, RobertsonParameters> {
  const { tEnd } = completed("robertsonDAE", robertsonDefaults, options);
  const end = robertsonEnds.get(tEnd);
  return {
    problem: odeProblem({
      name: "robertsonDAE",
      rhs(du, u, { k1, k2, k3 }) {
        const decay = k1 * u[0];
        const recovery = k3 * u[1] * u[2];
        du[0] = recovery - decay;
        du[1] = decay - k2 * u[1] ** 2 - recovery;
        du[2] = u[0] + u[1] + u[2] - 1;
      },
      u0: new Float64Array([1, 0, 0]),
      tspan: [0, tEnd],
      p: { k1: 0.04, k2: 3e7, k3: 1e4 },
      massMatrix: [1, 1, 0],
    }),
    loss: { final: (u) => u[2] },
    reference: end && { end, loss: end[2] },
  };
}
