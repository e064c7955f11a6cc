/** Shapes and strides: how the elements of an array of several axes lie in flat memory. */

/** Element (i, j, …) lies at offset + i * strides[0] + j * strides[1] + … */
export interface Strided {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** Strides of a row-major array: the last axis is contiguous. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function isRowMajor({ shape, strides }: Strided): boolean {
  const expected = rowMajor(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === expected[axis]);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

export function showShape(shape: readonly number[]): string {
  return shape.length === 0 ? "a number" : `[${shape.join(", ")}]`;
}

/** The shape that both broadcast to, by NumPy's rule: aligned at the last axis, extents equal or 1. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const lead = long.length - short.length;
  const shape = [...long];
  for (let axis = lead; axis < long.length; axis++) {
    const other = short[axis - lead];
    if (shape[axis] === 1) shape[axis] = other;
    else if (other !== 1 && other !== shape[axis]) return undefined;
  }
  return shape;
}

/** Strides that walk an array along a shape it broadcasts to: 0 where it is repeated. */
export function broadcastStrides(array: Strided, shape: readonly number[]): number[] {
  const lead = shape.length - array.shape.length;
  return shape.map((_, axis) => (axis < lead || array.shape[axis - lead] === 1 ? 0 : array.strides[axis - lead]));
}

/**
 * The same walk in the fewest loops: axes of extent 1 go, and neighbours along which every array goes on evenly become one,
 * so that contiguous arrays of any number of axes are walked by a single loop.
 */
export function coalesce(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): { shape: number[]; strides: number[][] } {
  const merged: number[] = [];
  const mergedStrides: number[][] = strides.map(() => []);
  shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const last = merged.length - 1;
    const evenly = last >= 0 && strides.every((s, k) => mergedStrides[k][last] === s[axis] * extent);
    if (evenly) merged[last] *= extent;
    else merged.push(extent);
    strides.forEach((s, k) => (mergedStrides[k][evenly ? last : last + 1] = s[axis]));
  });
  return { shape: merged, strides: mergedStrides };
}
