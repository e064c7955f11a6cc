import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface BeamState {
  /** Angles of the parts, from the clamped end on. */
  angle: Float64Array;
  velocity: Float64Array;
}

export interface BeamParameters {
  /** Of the force at the free end. */
  force: number;
}

export interface BeamOptions {
  /** Parts of the beam. */
  readonly n: number;
}

export const beamDefaults: BeamOptions = { n: 40 };

/**
 * An elastic beam, clamped at one end and pushed at the other until t = π: 2 n states, one parameter, stiff with large imaginary
 * eigenvalues.
 *
 * E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, IV.1 (1.10)-(1.20) and IV.10 (10.8), as in the Test Set for IVP Solvers
 * (Bari), where n = 40. The accelerations solve a tridiagonal system. The loss is the last angle at the end, t = 5. The
 * reference (n = 40) is the last angle by Rodas5P and Kvaerno5 at tight tolerances, which agree to the digits given.
 * Throws UnsupportedValue for an n that is no whole number of parts.
 */
export function beam(options: Partial<BeamOptions> = {}): NamedProblem<BeamState, BeamParameters, { n: number }, { n: number }> {
  const { n } = completed("beam", beamDefaults, options);
  if (!Number.isInteger(n) || n < 3 || n > 2 ** 16)
    throw new UnsupportedValue(`n is ${String(n)}, but a beam needs a whole number of parts, from 3 to 2^16.`);
  return {
    problem: odeProblem({
      name: "beam",
      rhs(du, u, { force }, t, { n }) {
        const sine = new Float64Array(n + 1);
        const cosine = new Float64Array(n + 1);
        const v = new Float64Array(n);
        const w = new Float64Array(n);
        const diagonal = new Float64Array(n);
        const push = t <= Math.PI ? force * Math.sin(t) ** 2 : 0;
        for (let i = 0; i < n; i++) {
          const angle = u.angle[i];
          const before = i > 0 ? u.angle[i - 1] : -angle;
          const after = i < n - 1 ? u.angle[i + 1] : angle;
          v[i] = n ** 4 * (before - 2 * angle + after) + n ** 2 * push * (Math.cos(angle) + Math.sin(angle));
          if (i > 0) {
            sine[i] = Math.sin(angle - before);
            cosine[i] = Math.cos(angle - before);
          }
        }
        for (let i = 0; i < n; i++) {
          w[i] = u.velocity[i] ** 2;
          if (i > 0) w[i] -= sine[i] * v[i - 1];
          if (i < n - 1) w[i] += sine[i + 1] * v[i + 1];
          diagonal[i] = i === 0 ? 1 : i === n - 1 ? 3 : 2;
        }
        for (let i = n - 2; i >= 0; i--) {
          const factor = -cosine[i + 1] / diagonal[i + 1];
          w[i] -= factor * w[i + 1];
          diagonal[i] += factor * cosine[i + 1];
        }
        w[0] /= diagonal[0];
        for (let i = 1; i < n; i++) w[i] = (w[i] + cosine[i] * w[i - 1]) / diagonal[i];
        for (let i = 0; i < n; i++) {
          let acceleration = (i === 0 ? 1 : i === n - 1 ? 3 : 2) * v[i];
          if (i > 0) acceleration -= cosine[i] * v[i - 1] + sine[i] * w[i - 1];
          if (i < n - 1) acceleration += sine[i + 1] * w[i + 1] - cosine[i + 1] * v[i + 1];
          du.angle[i] = u.velocity[i];
          du.velocity[i] = acceleration;
        }
      },
      u0: { angle: new Float64Array(n), velocity: new Float64Array(n) },
      tspan: [0, 5],
      p: { force: 1.5 },
      constants: { n },
    }),
    loss: { final: (u, _p, { n }) => u.angle[n - 1], constants: { n } },
    reference: n === 40 ? { loss: -0.176720176, gradient: { force: 0.240903396 } } : undefined,
  };
}
