/** Memory given back by gradients that are done, for the next ones: allocating takes longer than filling it, where solves are short. */

/** Numbers of an array that is kept. */
const MOST = 2 ** 16;

const spare: Float64Array[] = [];

/** The array given back last, whatever its length; it is not clean. */
export function takeNumbers(): Float64Array | undefined {
  return spare.pop();
}

/** Nobody uses the array any more. */
export function releaseNumbers(numbers: Float64Array): void {
  if (numbers.length <= MOST) spare.push(numbers);
}
