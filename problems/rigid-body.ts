import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface RigidBodyParameters {
  a: number;
  b: number;
  c: number;
}

export const rigidBodyDefaults = { tEnd: 12 };

/**
 * Euler's equations of a rigid body without forces: three states, not stiff, periodic; u is (sn, cn, dn) of t, Jacobi's elliptic
 * functions of modulus k² = 0.51.
 *
 * F. T. Krogh, as in L. F. Shampine, M. K. Gordon, Computer Solution of Ordinary Differential Equations (1975), and problem B5 of T. E. Hull, W. H.
 * Enright, B. M. Fellen, A. E. Sedgwick, Comparing numerical methods for ordinary differential equations, SIAM J. Numer. Anal. 9 (1972).
 * The loss is the first component at the end. The reference is by the arithmetic-geometric mean (Abramowitz, Stegun 16.4).
 */
export function rigidBody(options: Partial<typeof rigidBodyDefaults> = {}): NamedProblem<Float64Array, RigidBodyParameters> {
  const { tEnd } = completed("rigidBody", rigidBodyDefaults, options);
  const end = jacobi(tEnd, 0.51);
  return {
    problem: odeProblem({
      name: "rigidBody",
      rhs(du, u, { a, b, c }) {
        du[0] = a * u[1] * u[2];
        du[1] = b * u[0] * u[2];
        du[2] = c * u[0] * u[1];
      },
      u0: new Float64Array([0, 1, 1]),
      tspan: [0, tEnd],
      p: { a: 1, b: -1, c: -0.51 },
    }),
    loss: { final: (u) => u[0] },
    reference: { end, loss: end[0] },
  };
}

/** (sn, cn, dn) of t, of parameter m = k². */
function jacobi(t: number, m: number): Float64Array {
  const means = [1];
  const halves = [Math.sqrt(m)];
  let geometric = Math.sqrt(1 - m);
  while (halves.at(-1)! > 1e-17 * means.at(-1)!) {
    const mean = means.at(-1)!;
    halves.push((mean - geometric) / 2);
    means.push((mean + geometric) / 2);
    geometric = Math.sqrt(mean * geometric);
  }
  let phase = 2 ** (means.length - 1) * means.at(-1)! * t;
  for (let i = means.length - 1; i > 0; i--) phase = (phase + Math.asin((halves[i] / means[i]) * Math.sin(phase))) / 2;
  const sn = Math.sin(phase);
  return new Float64Array([sn, Math.cos(phase), Math.sqrt(1 - m * sn * sn)]);
}
