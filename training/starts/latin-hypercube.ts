/**
 * A Latin hypercube: points of which each coordinate lies once in every one of as many equal parts of (0, 1) as there are points (M. D. McKay,
 * R. J. Beckman, W. J. Conover, Technometrics 21, 1979).
 */
import { mixed, uniforms } from "../../src/core/random.ts";

/** `points` of `size` coordinates, the same for a seed. */
export function latinHypercube(points: number, size: number, seed: number): Float64Array[] {
  const all = Array.from({ length: points }, () => new Float64Array(size));
  for (let j = 0; j < size; j++) {
    const uniform = uniforms(mixed(seed, j));
    const parts = Array.from({ length: points }, (_, i) => i);
    for (let i = points - 1; i > 0; i--) {
      const other = Math.floor(uniform() * (i + 1));
      [parts[i], parts[other]] = [parts[other], parts[i]];
    }
    all.forEach((point, i) => (point[j] = (parts[i] + uniform()) / points));
  }
  return all;
}
