/** Arrays that gradients reuse, whatever their length and content: allocating takes longer than filling them. */
import { Pool } from "../../../src/core/pool.ts";

/** The largest number of elements of an array that is kept for good. */
const MOST = 2 ** 16;

export const numberPool = new Pool<Float64Array>({ keeps: ({ length }) => length <= MOST });

/**
 * Larger ones, of the records and the factors of some stretches of steps, which garbage collection may take. They are given back in the
 * reverse of the order in which they are taken, so that each serves the same stretch again and has its length.
 */
const largePool = new Pool<WeakRef<Float64Array>>({ most: 8 });

/** An array that will be as long as expected, at least, and has `most` numbers now; undefined where there is none. */
export function takeNumbers(expected: number, most: number): Float64Array | undefined {
  if (expected <= MOST) return numberPool.take();
  const spare = largePool.take()?.deref();
  return spare && spare.length <= most ? spare : undefined;
}

export function giveNumbers(numbers: Float64Array): void {
  if (numbers.length > 0 && numbers.length <= MOST) numberPool.give(numbers);
  else if (numbers.length > MOST) largePool.give(new WeakRef(numbers));
}
