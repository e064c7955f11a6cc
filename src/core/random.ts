/**
 * Random numbers, the same on every machine: xorshift32 (G. Marsaglia, Xorshift RNGs, J. Stat. Softw. 8, 2003), and Box and
 * Muller's transform (1958). Seeds are whole numbers other than 0.
 */

/** Uniform between 0 and 1, both excluded. */
export function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}

/** The whole numbers below n in a random order (Fisher and Yates' shuffle). */
export function shuffled(n: number, uniform: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Of mean 0 and deviation 1. */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => normalOf(uniform);
}

/** A normal number of mean 0 and deviation 1, of two uniform ones. */
export function normalOf(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The seed of the k-th part of what has a seed: neighbouring ones are unlike, by the last rounds of MurmurHash3 (A. Appleby, 2011). */
export function mixed(seed: number, k: number): number {
  let h = Math.imul(seed, 0x9e3779b1) + Math.imul(k + 1, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16) || 1;
}
