/** An objective in which one number stays where it is. */
import type { Objective } from "../optimisers/optimiser.ts";

/** Of the others, in their order. */
export function pinned({ lower, upper, gradient, leastSquares }: Objective, j: number, at: number): Objective {
  return {
    lower: without(lower, j),
    upper: without(upper, j),
    async gradient(x) {
      const found = await gradient(withPinned(x, j, at));
      return { ...found, gradient: without(found.gradient, j) };
    },
    async leastSquares(x) {
      const { jacobian, ...found } = await leastSquares(withPinned(x, j, at));
      return { ...found, jacobian: jacobian.filter((_, i) => i % (x.length + 1) !== j) };
    },
  };
}

export function withPinned(x: Float64Array, j: number, at: number): Float64Array {
  return Float64Array.of(...x.subarray(0, j), at, ...x.subarray(j));
}

export function without(x: Float64Array, j: number): Float64Array {
  return x.filter((_, i) => i !== j);
}
