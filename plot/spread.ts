/** Some of many. */

/** At most `limit` of the indices 0 .. count - 1, evenly spaced, the first and the last among them. */
export function spread(count: number, limit: number): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: limit }, (_, i) => Math.round((i * (count - 1)) / (limit - 1)));
}
