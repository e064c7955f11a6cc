/**
 * Normal numbers of mean 0 and deviation 1, the same on every machine: xorshift32 (G. Marsaglia, Xorshift RNGs, J. Stat. Softw. 8,
 * 2003), then Box and Muller's transform (1958). The seed is a whole number other than 0.
 */
export function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
