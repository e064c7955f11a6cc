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

/** Of mean 0 and deviation 1. */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => normalOf(uniform);
}

/** A normal number of mean 0 and deviation 1, of two uniform ones. */
export function normalOf(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
