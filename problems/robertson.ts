import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface RobertsonParameters {
  k1: number;
  k2: number;
  k3: number;
}

export const robertsonDefaults = { tEnd: 1e5 };

/**
 * Robertson's autocatalytic reaction: three states, three rate constants nine decades apart, very stiff.
 *
 * H. H. Robertson, The solution of a set of reaction rate equations (1966), as in E. Hairer, G. Wanner, Solving Ordinary Differential
 * Equations II, IV.1 and the Test Set for IVP Solvers (Bari). The loss is the amount of the third species at the end. References
 * for tEnd = 40, 1e5 (Radau IIA of order 5 in quadruple precision) and 1e11 (the Test Set).
 */
export function robertson(options: Partial<typeof robertsonDefaults> = {}): NamedProblem<Float64Array, RobertsonParameters> {
  const { tEnd } = completed("robertson", robertsonDefaults, options);
  const end = robertsonEnds.get(tEnd);
  return {
    problem: odeProblem({
      name: "robertson",
      rhs(du, u, { k1, k2, k3 }) {
        const decay = k1 * u[0];
        const autocatalysis = k2 * u[1] ** 2;
        const recovery = k3 * u[1] * u[2];
        du[0] = recovery - decay;
        du[1] = decay - autocatalysis - recovery;
        du[2] = autocatalysis;
      },
      u0: new Float64Array([1, 0, 0]),
      tspan: [0, tEnd],
      p: { k1: 0.04, k2: 3e7, k3: 1e4 },
    }),
    loss: { final: (u) => u[2] },
    reference: end && { end, loss: end[2] },
  };
}

/** At these times, by the sources above. */
export const robertsonEnds: ReadonlyMap<number, Float64Array> = new Map([
  [40, new Float64Array([0.7158270687194, 9.1855347646e-6, 0.2841637457458])],
  [1e5, new Float64Array([0.017865921142099464, 7.274751468436319e-8, 0.9821340061103858])],
  [1e11, new Float64Array([2.083340149701255e-8, 8.333360770334713e-14, 0.999999979166505])],
]);
