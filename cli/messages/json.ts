/** JSON of results: typed arrays as arrays, ndarrays as nested arrays. */
import { isNdArray, type NumberNdArray } from "../../src/core/array-values.ts";

export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (isNdArray(inner)) return nested(inner, []);
    if (ArrayBuffer.isView(inner)) return Array.from(inner as Float64Array);
    return inner;
  });
}

function nested(array: NumberNdArray, indices: number[]): unknown {
  if (indices.length === array.shape.length) return array.get(...indices);
  return Array.from({ length: array.shape[indices.length] }, (_, i) => nested(array, [...indices, i]));
}
