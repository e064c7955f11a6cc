/**
 * Random numbers that are a function of what they are for, so that any part of a whole can draw its own: Philox4x32-10 (J. K. Salmon,
 * M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011).
 */

/** Four words of 32 bits, of a counter of four and a key of two. */
export function philox(counter: readonly number[], key: readonly number[]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  // Without lists, which would be a fifth of what a large ensemble leaves to be collected.
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = highProduct(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The upper 32 bits of the product of two numbers of 32 bits without sign. */
function highProduct(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  // Sums of products of 16 bits stay below 2 ** 33, which f64s hold.
  const carried = a0 * b1 + (middle % 65536);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carried / 65536)) | 0;
}

/** Two uniform numbers between 0 and 1, both excluded, of a seed, the index of one of many (below 2 ** 53), and which of its numbers. */
export function uniformPair(seed: number, index: number, which: number): readonly [number, number] {
  const [a, b, c, d] = philox([index >>> 0, Math.floor(index / 2 ** 32), which, 0], [seed, 0]);
  return [within(a, b), within(c, d)];
}

/** Of 53 bits. */
function within(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53;
}
