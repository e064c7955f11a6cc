/**
 * The recurrences of orthogonal polynomials, from what determines them. With the factor w of the stability polynomial, which is that of the stages
 * that finish the step, Pₘ is the polynomial of degree m that is orthogonal with respect to w(z)² / √((z − l) (r − z)) on the interval
 * from l to r, and one at z = 0 (A. Abdulle, A. A. Medovikov 2001, section 2). The inner products are sums over Chebyshev's nodes, which are exact for
 * polynomials of this degree (W. Gautschi, Orthogonal Polynomials: Computation and Approximation (2004), 1.4 and 2.2).
 */
import type { RockPolynomial } from "./tableau.ts";

/** μ₁, then the pairs (μⱼ, κⱼ) for j = 2, …, m. */
export function recurrenceOf({ degree, interval: [left, right], finishing: { a, b } }: RockPolynomial): Float64Array {
  const factor = stabilityFactor(a, b);
  const count = degree + factor.length + 1;
  const nodes = Float64Array.from({ length: count }, (_, i) => {
    const x = Math.cos(((2 * i + 1) * Math.PI) / (2 * count));
    return (left + right) / 2 + ((right - left) / 2) * x;
  });
  const weights = nodes.map((z) => factor.reduceRight((sum, c) => sum * z + c, 0) ** 2);
  const mean = (x: Float64Array, y: Float64Array, by?: Float64Array): number =>
    weights.reduce((sum, weight, i) => sum + weight * x[i] * y[i] * (by ? by[i] : 1), 0);
  const numbers: number[] = [];
  let [before, now] = [new Float64Array(count), new Float64Array(count).fill(1)];
  for (let j = 1; j <= degree; j++) {
    const middle = mean(now, now, nodes) / mean(now, now);
    // Pⱼ = μ (z − middle) Pⱼ₋₁ − κ Pⱼ₋₂ is orthogonal to both, and one at zero.
    const share = j === 1 ? 0 : mean(now, before, nodes) / mean(before, before);
    const mu = -1 / (middle + share);
    const kappa = mu * share;
    numbers.push(...(j === 1 ? [mu] : [mu, kappa]));
    const [older, current] = [before, now];
    before = current;
    now = nodes.map((z, i) => mu * (z - middle) * current[i] - kappa * older[i]);
  }
  return Float64Array.from(numbers);
}

/** The coefficients of the stability polynomial of a Runge–Kutta method, that of z⁰ first. */
function stabilityFactor(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = [[], ...a];
  const coefficients = [1];
  let powers = b.map(() => 1);
  for (let k = 0; k < b.length; k++) {
    coefficients.push(b.reduce((sum, weight, i) => sum + weight * powers[i], 0));
    const last = powers;
    powers = rows.map((row) => row.reduce((sum, weight, i) => sum + weight * last[i], 0));
  }
  return coefficients;
}
