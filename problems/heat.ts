import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface HeatParameters {
  /** Diffusivity. */
  alpha: number;
}

export interface HeatOptions {
  /** Cells of the rod. */
  readonly n: number;
  readonly tEnd: number;
}

export const heatDefaults: HeatOptions = { n: 1000, tEnd: 0.01 };

/**
 * Heat in an insulated rod of length 1, in n cells: n states, one parameter, stiff, with a closed form.
 *
 *     u_i' = alpha n² (u_{i-1} - 2 u_i + u_{i+1}),    u_0 = u_1,  u_{n+1} = u_n,    u_i(0) = 1 + cos(π (i - ½)/n)
 *
 * The matrix A has the eigenvectors v_k = cos(k π (i - ½)/n), k = 0 … n - 1, with the eigenvalues -4 n² sin²(k π/2n) (G. Strang, The
 * discrete cosine transform, SIAM Review 41, 1999: the DCT-2), so that the state has two modes and its derivatives have
 * all of them. The loss is the temperature of the cell at a quarter of the rod at the end: its gradient by the initial state is a
 * column of exp(alpha A tEnd). Throws UnsupportedValue for an n that is no whole number of cells.
 */
export function heat(
  options: Partial<HeatOptions> = {},
): NamedProblem<Float64Array, HeatParameters, { n: number }, { sensor: number }> {
  const { n, tEnd } = completed("heat", heatDefaults, options);
  if (!Number.isInteger(n) || n < 2 || n > 2 ** 24)
    throw new UnsupportedValue(`n is ${String(n)}, but a rod needs a whole number of cells, from 2 to 2^24.`);
  const sensor = n >> 2;
  return {
    problem: odeProblem({
      name: "heat",
      rhs(du, u, { alpha }, _t, { n }) {
        for (let i = 0; i < n; i++) {
          const fromLeft = i > 0 ? u[i - 1] - u[i] : 0;
          const fromRight = i < n - 1 ? u[i + 1] - u[i] : 0;
          du[i] = alpha * n * n * (fromLeft + fromRight);
        }
      },
      u0: Float64Array.from({ length: n }, (_, i) => 1 + mode(1, i, n)),
      tspan: [0, tEnd],
      p: { alpha: 1 },
      constants: { n },
    }),
    loss: { final: (u, _p, { sensor }) => u[sensor], constants: { sensor } },
    reference: answers(n, tEnd, sensor),
  };
}

/** The eigenvector k in cell i, counted from 0. */
function mode(k: number, i: number, n: number): number {
  return Math.cos((k * Math.PI * (i + 0.5)) / n);
}

function eigenvalue(k: number, n: number): number {
  return -4 * n * n * Math.sin((k * Math.PI) / (2 * n)) ** 2;
}

/** The closed forms, for alpha = 1. */
function answers(n: number, tEnd: number, sensor: number): NonNullable<ReturnType<typeof heat>["reference"]> {
  const decay = Math.exp(eigenvalue(1, n) * tEnd);
  const end = Float64Array.from({ length: n }, (_, i) => 1 + decay * mode(1, i, n));
  return {
    end,
    loss: end[sensor],
    gradient: { alpha: tEnd * eigenvalue(1, n) * decay * mode(1, sensor, n) },
    gradientByInitialState: kernel(n, tEnd, sensor),
  };
}

/** Column `sensor` of exp(A tEnd): a sum over the eigenvectors, whose squared lengths are n for k = 0 and n/2 for the others. */
function kernel(n: number, tEnd: number, sensor: number): Float64Array {
  const column = new Float64Array(n).fill(1 / n);
  for (let k = 1; k < n; k++) {
    const weight = (2 / n) * Math.exp(eigenvalue(k, n) * tEnd) * mode(k, sensor, n);
    if (weight === 0) break;
    for (let i = 0; i < n; i++) column[i] += weight * mode(k, i, n);
  }
  return column;
}
