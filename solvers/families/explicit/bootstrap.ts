/**
 * Dense output for any explicit Runge–Kutta method, from its order alone: the cubic Hermite polynomial errs by h⁴, so that derivatives
 * taken at it, times h, err by h⁵, and a polynomial through them and both ends by h⁵ too; and so on (W. H. Enright, K. R. Jackson,
 * S. P. Nørsett, P. G. Thomsen, Interpolants for Runge–Kutta formulas, ACM TOMS 12 (1986) 193–218).
 */
import { denseWeights, type ExplicitTableau, type Stage, type StagePolynomials } from "./tableau.ts";

/** Of the cubic Hermite polynomial. */
const CUBIC = 3;

/** One that meets the conditions of such an order; undefined where the cubic does. */
export function bootstrapped(tableau: ExplicitTableau, order: number): StagePolynomials | undefined {
  const end = tableau.stages.length + 1;
  const extra: Stage[] = [];
  let bends = denseWeights(tableau);
  for (let reached = CUBIC; reached < order; reached++) {
    const nodes = Array.from({ length: reached - 2 }, (_, i) => (i + 0.75) / (reached - 1));
    const first = end + 1 + extra.length;
    extra.push(...nodes.map((c) => ({ c, a: stateAt(c, tableau.b, bends) })));
    bends = through([0, ...nodes, 1], [0, ...nodes.map((_, i) => first + i), end], tableau.b);
  }
  if (extra.length === 0) return undefined;
  const columns = end + 1 + extra.length;
  return { polynomials: Array.from({ length: columns }, (_, i) => bends.map((row) => row[i] ?? 0)), extra };
}

/** What the derivatives count for, over h, in the change of the state until θ. */
function stateAt(theta: number, b: readonly number[], bends: readonly (readonly number[])[]): number[] {
  const columns = Math.max(b.length, ...bends.map((row) => row.length));
  return Array.from({ length: columns }, (_, i) => {
    const bend = bends.reduce((sum, row, j) => sum + (2 * theta - 1) ** j * (row[i] ?? 0), 0);
    return theta * ((b[i] ?? 0) + (1 - theta) * bend);
  });
}

/**
 * The weights of the qⱼ of the polynomial with the derivatives of these columns at these nodes: for each node,
 * Σⱼ qⱼ d/dθ (θ (1 − θ) σʲ) = k − Σ bᵢ kᵢ.
 */
function through(nodes: readonly number[], columns: readonly number[], b: readonly number[]): number[][] {
  const width = Math.max(b.length, ...columns.map((column) => column + 1));
  const rows = nodes.map((theta, r) => {
    const sigma = 2 * theta - 1;
    const slopes = nodes.map((_, j) => (j === 0 ? 0 : 2 * j * theta * (1 - theta) * sigma ** (j - 1)) - sigma ** (j + 1));
    return [...slopes, ...Array.from({ length: width }, (_, i) => (i === columns[r] ? 1 : 0) - (b[i] ?? 0))];
  });
  const size = nodes.length;
  for (let k = 0; k < size; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]) > Math.abs(best[k]) ? row : best));
    rows[rows.indexOf(pivot)] = rows[k];
    rows[k] = pivot.map((x) => x / pivot[k]);
    rows.forEach((row, i) => {
      if (i !== k && row[k] !== 0) rows[i] = row.map((x, j) => x - row[k] * rows[k][j]);
    });
  }
  return rows.map((row) => row.slice(size));
}
