import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface MedicalAkzoNobelParameters {
  /** Rate of the reaction. */
  k: number;
  /** Of the map from the tissue's half line to (0, 1). */
  c: number;
}

export interface MedicalAkzoNobelOptions {
  /** Points in the tissue. */
  readonly n: number;
}

export const medicalAkzoNobelDefaults: MedicalAkzoNobelOptions = { n: 200 };

/**
 * Labelled antibodies that enter a tissue from its surface and are bound there: 2 n states (antibody and binding substrate of each
 * point in turn), two parameters, stiff, banded; the supply at the surface stops at t = 5.
 *
 *     u_t = u_xx - k u v,  v_t = -k u v  on the half line, x mapped to zeta = x/(x + c)
 *
 * Akzo Nobel research laboratories, as in the Test Set for IVP Solvers (Bari), where n = 200. The loss is the antibody in the tissue at the
 * end, t = 20: the mean over the points. The reference (n = 200) is the loss and its gradient by Rodas5P and Kvaerno5 at tight tolerances, which
 * agree to the digits given. Throws UnsupportedValue for an n that is no whole number of points.
 */
export function medicalAkzoNobel(
  options: Partial<MedicalAkzoNobelOptions> = {},
): NamedProblem<Float64Array, MedicalAkzoNobelParameters, { n: number }, { n: number }> {
  const { n } = completed("medicalAkzoNobel", medicalAkzoNobelDefaults, options);
  if (!Number.isInteger(n) || n < 3 || n > 2 ** 22)
    throw new UnsupportedValue(`n is ${String(n)}, but the tissue needs a whole number of points, from 3 to 2^22.`);
  return {
    problem: odeProblem({
      name: "medicalAkzoNobel",
      rhs(du, u, { k, c }, t, { n }) {
        const supply = t <= 5 ? 2 : 0;
        for (let j = 0; j < n; j++) {
          const here = u[2 * j];
          const bound = k * here * u[2 * j + 1];
          du[2 * j] = -bound;
          du[2 * j + 1] = -bound;
          if (j === n - 1) continue;
          const rest = (j + 1) / n - 1;
          const left = j > 0 ? u[2 * j - 2] : supply;
          const right = u[2 * j + 2];
          const slope = (rest * rest) / c;
          du[2 * j] += slope * slope * (left - 2 * here + right) * n * n + ((2 * rest * slope) / c) * (right - left) * 0.5 * n;
        }
      },
      u0: Float64Array.from({ length: 2 * n }, (_, i) => i % 2),
      tspan: [0, 20],
      p: { k: 100, c: 4 },
      constants: { n },
    }),
    loss: {
      final(u, _p, { n }) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += u[2 * j];
        return sum / n;
      },
      constants: { n },
    },
    reference: n === 200 ? { loss: 1.146302606e-4, gradient: { k: 5.22615148e-9, c: -1.10974703e-5 } } : undefined,
  };
}
