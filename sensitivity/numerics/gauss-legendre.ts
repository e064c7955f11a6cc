/** Gauss–Legendre quadrature on [0, 1]. */
import { memo } from "../../src/core/memo.ts";

/** A quadrature rule. */
export interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/** The rule of m points, which is exact for polynomials of degree 2m - 1. */
export const gaussLegendre = memo(makeRule);

/** Finds the nodes by Newton's method on the Legendre polynomial. */
function makeRule(m: number): Quadrature {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < m; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (m + 0.5));
    let slope = 0;
    for (let iteration = 0; iteration < 100; iteration++) {
      const [value, derivative] = legendre(m, x);
      slope = derivative;
      const change = value / derivative;
      x -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    nodes.unshift((1 + x) / 2);
    weights.unshift(1 / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

/** The Legendre polynomial of degree m and its derivative, by the three-term recurrence. */
function legendre(m: number, x: number): [number, number] {
  let [previous, value] = [1, x];
  for (let k = 2; k <= m; k++) [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k];
  return [value, (m * (x * value - previous)) / (x * x - 1)];
}
