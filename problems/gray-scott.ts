import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface GrayScottState {
  /** n x n values each, row after row. */
  u: Float64Array;
  v: Float64Array;
}

export interface GrayScottParameters {
  diffusionU: number;
  diffusionV: number;
  /** Rates of what is fed, and of what is taken away beside it. */
  feed: number;
  kill: number;
}

export interface GrayScottOptions {
  /** Points along each side. */
  readonly n: number;
  /** Of the square: the shorter, the stiffer. */
  readonly side: number;
  readonly tEnd: number;
}

export const grayScottDefaults: GrayScottOptions = { n: 64, side: 2.5, tEnd: 100 };

/**
 * Gray and Scott's autocatalysis on a square whose edges meet: 2 n² states, four parameters; mildly stiff, and stiff for a small `side`.
 *
 *     u_t = Du Δu - u v² + F (1 - u),    v_t = Dv Δv + u v² - (F + k) v
 *
 * P. Gray, S. K. Scott, Chem. Eng. Sci. 39 (1984); parameters, square (2.5) and a start by a block in its middle (u = 1/2, v = 1/4, here with the smooth
 * edge of a sin⁴) of J. E. Pearson, Complex patterns in a simple system, Science 261 (1993); central differences of second order. The
 * loss is the mean of v at the end. The reference (defaults) was computed by the discrete adjoints of Vern7 and Tsit5, which agree to the digits
 * given. Throws UnsupportedValue for an n that is no grid.
 */
export function grayScott(
  options: Partial<GrayScottOptions> = {},
): NamedProblem<GrayScottState, GrayScottParameters, { n: number; dx: number }, { n: number }> {
  const { n, side, tEnd } = completed("grayScott", grayScottDefaults, options);
  if (!Number.isInteger(n) || n < 3 || n > 4096)
    throw new UnsupportedValue(`n is ${String(n)}, but the grid needs a whole number of points along each side, from 3 to 4096.`);
  if (!(side > 0)) throw new UnsupportedValue(`side is ${String(side)}, but the square needs a length above 0.`);
  const block = (k: number): number => (k > 0.4 * n && k < 0.6 * n ? Math.sin((Math.PI * (k / n - 0.4)) / 0.2) ** 2 : 0);
  const start = Float64Array.from({ length: n * n }, (_, k) => block(Math.floor(k / n)) * block(k % n));
  return {
    problem: odeProblem({
      name: "grayScott",
      rhs(du, { u, v }, p, _t, { n, dx }) {
        for (let i = 0; i < n; i++) {
          const up = (i === 0 ? n - 1 : i - 1) * n;
          const down = (i === n - 1 ? 0 : i + 1) * n;
          for (let j = 0; j < n; j++) {
            const k = i * n + j;
            const left = i * n + (j === 0 ? n - 1 : j - 1);
            const right = i * n + (j === n - 1 ? 0 : j + 1);
            const reaction = u[k] * v[k] * v[k];
            const spreadU = (u[up + j] + u[down + j] + u[left] + u[right] - 4 * u[k]) / (dx * dx);
            const spreadV = (v[up + j] + v[down + j] + v[left] + v[right] - 4 * v[k]) / (dx * dx);
            du.u[k] = p.diffusionU * spreadU - reaction + p.feed * (1 - u[k]);
            du.v[k] = p.diffusionV * spreadV + reaction - (p.feed + p.kill) * v[k];
          }
        }
      },
      u0: { u: start.map((x) => 1 - x / 2), v: start.map((x) => x / 4) },
      tspan: [0, tEnd],
      p: { diffusionU: 2e-5, diffusionV: 1e-5, feed: 0.04, kill: 0.06 },
      constants: { n, dx: side / n },
    }),
    loss: {
      final({ v }, _p, { n }) {
        let sum = 0;
        for (let k = 0; k < n * n; k++) sum += v[k];
        return sum / (n * n);
      },
      constants: { n },
    },
    reference: n === 64 && side === 2.5 && tEnd === 100 ? reference : undefined,
  };
}

const reference = {
  loss: 0.0017696688313,
  gradient: { diffusionU: 38.61215717, diffusionV: -8.571671333, feed: 0.078059577218, kill: -0.029302089379 },
};
