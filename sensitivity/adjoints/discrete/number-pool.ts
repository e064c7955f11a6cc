/** A pool of arrays that gradients reuse: where solves are short, allocating takes longer than filling them. */

/** The largest number of elements of an array that is kept. */
const MOST = 2 ** 16;

const pool: Float64Array[] = [];

/** The array released last, whatever its length and content; undefined where there is none. */
export function takeNumbers(): Float64Array | undefined {
  return pool.pop();
}

/** Takes back an array that nobody uses any more. */
export function releaseNumbers(numbers: Float64Array): void {
  if (numbers.length <= MOST) pool.push(numbers);
}
