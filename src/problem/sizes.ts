/** How large a change of a value is: its own size, where it has one. */

/** Of parameters, each with units of its own; one for what is zero. */
export function sizesOf(values: Float64Array): Float64Array {
  return values.map((x) => Math.abs(x) || 1);
}

/** Of states, which share a scale: one that is zero has the size of the largest. */
export function stateSizes(u: Float64Array): Float64Array {
  const largest = u.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
  return u.map((x) => Math.abs(x) || largest);
}
