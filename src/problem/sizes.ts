/** How large a change of a value is: its own size, where it has one. */

/** Of parameters, each with units of its own; one for what is zero. */
export function sizesOf(values: Float64Array): Float64Array {
  const sizes = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) sizes[i] = Math.abs(values[i]) || 1;
  return sizes;
}

/** Of states, which share a scale: one that is zero has the size of the largest. */
export function stateSizes(u: Float64Array): Float64Array {
  const largest = u.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
  return u.map((x) => Math.abs(x) || largest);
}
