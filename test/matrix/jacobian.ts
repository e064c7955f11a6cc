/** Jacobians of plain functions, by means that share nothing with the library: central differences, extrapolated. */

/** The largest step, for arguments up to one; relative to larger ones. */
export const RADIUS = 0.02;
const LEVELS = 6;
/** Differences of the last two extrapolations, relative to the column's largest entry or one. */
const CONVERGED = 1e-9;

/** Columns ∂f/∂x_j. Throws where the extrapolation has not converged: the function is not smooth around x. */
export function jacobianOf(f: (x: Float64Array) => Float64Array, x: Float64Array): Float64Array[] {
  return Array.from(x, (_, j) => columnOf(f, x, j));
}

/**
 * Romberg's scheme (Richardson 1911, Bauer, Rutishauser and Stiefel 1963): the error of central differences is a series in h²,
 * of which each level of halved steps removes a term.
 */
function columnOf(f: (x: Float64Array) => Float64Array, x: Float64Array, j: number): Float64Array {
  const step = RADIUS * Math.max(1, Math.abs(x[j]));
  let row: Float64Array[] = [];
  let change = Infinity;
  for (let level = 0; level < LEVELS; level++) {
    const next = [central(f, x, j, step / 2 ** level)];
    row.forEach((coarse, order) => {
      const fine = next[order];
      next.push(fine.map((value, i) => value + (value - coarse[i]) / (4 ** (order + 1) - 1)));
    });
    if (level > 0) change = distance(next.at(-1)!, row.at(-1)!);
    row = next;
  }
  const best = row.at(-1)!;
  const size = best.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  if (!(change <= CONVERGED * size))
    throw new Error(`Differences with respect to entry ${j} do not converge: the last change is ${change}.`);
  return best;
}

function central(f: (x: Float64Array) => Float64Array, x: Float64Array, j: number, h: number): Float64Array {
  const moved = (by: number): Float64Array => f(x.map((value, i) => (i === j ? value + by : value)));
  const [above, below] = [moved(h), moved(-h)];
  return above.map((value, i) => (value - below[i]) / (2 * h));
}

function distance(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}
