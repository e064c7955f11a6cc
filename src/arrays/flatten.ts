/** Values of any shape as one flat array, and back. */
import { WrongLength } from "../core/errors.ts";
import { describe } from "../core/array-values.ts";
import { layoutOf } from "./layout.ts";
import { packFinite, unpack, type Shaped } from "./pack.ts";

/**
 * The numbers of a state or of parameters in flat order, as `result.flat` has them: names in their order, arrays by rows.
 *
 * @param value - A number, an array, an ndarray, or nested objects of those.
 * @returns A copy.
 * @throws UnsupportedValue for what state and parameters cannot be, and NonFinite.
 */
export function flatten(value: unknown): Float64Array {
  return packFinite(layoutOf(value, "value"), value, "value");
}

/**
 * The inverse of {@link flatten}: flat numbers in the shape of a value.
 *
 * @param flat - Numbers in flat order, such as `result.flat.p`.
 * @param like - A value of the shape, such as `problem.p`.
 * @returns A copy in the shape of `like`.
 * @throws WrongLength where there are more or fewer numbers than the shape takes, and UnsupportedValue for what is no shape.
 * @example
 * unflatten(result.flat.p, problem.p).rate;
 */
export function unflatten<T>(flat: ArrayLike<number>, like: T): Shaped<T> {
  const layout = layoutOf(like, "like");
  if (flat?.length !== layout.size) {
    throw new WrongLength(`unflatten: the flat numbers are ${describe(flat)}, and the shape takes ${layout.size}.`);
  }
  return unpack<T>(layout, Float64Array.from(flat));
}
