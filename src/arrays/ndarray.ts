/** The one file that loads `ndarray`, for those that make ndarrays. */
import ndarray, { type NdArray } from "ndarray";

/** The package's own function. */
export const ndArray = ndarray;

/** A row-major ndarray over the data (not a copy). */
export function ndArrayOver(data: Float64Array, shape: readonly number[]): NdArray<Float64Array> {
  return ndarray(data, [...shape]);
}
