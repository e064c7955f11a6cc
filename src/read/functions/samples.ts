/** Makes values like the parameters of a function, to call it with where nobody gave any. */
import { ndarray } from "../../arrays/ndarray.ts";
import { sizeOf } from "../../arrays/shape.ts";
import { view } from "../../arrays/view.ts";
import type { Samples } from "../constants/bindings.ts";
import type { ReadParameter } from "./request.ts";
import { isScalar, type Item } from "../state/items.ts";

/** Between 0.5 and 1.5, and different, so that arguments are told apart. */
function numbers(size: number): Float64Array {
  const GOLDEN = 0.6180339887498949;
  return Float64Array.from({ length: size }, (_, i) => 0.5 + (((i + 1) * GOLDEN) % 1));
}

/** Arguments for these parameters, at two times. */
export function madeUpSamples(parameters: readonly ReadParameter[]): Samples {
  return [0.25, 0.75].map((t) => (constants) => [...parameters.map((parameter) => madeUp(parameter, t)), constants]);
}

function madeUp(parameter: ReadParameter, t: number): unknown {
  if (parameter.kind === "scalar") return parameter.type === "i32" ? 0 : t;
  return view(parameter.layout, numbers(parameter.layout.size), parameter.name);
}

export function valueLike(item: Item): unknown {
  if (isScalar(item)) return item.constant ?? 0.75;
  if (item.kind === "list") return item.elements.map(({ item }) => valueLike(item));
  if (item.kind !== "array") return item.kind === "host" ? item.value : undefined;
  const data = numbers(sizeOf(item.shape));
  return item.container === "ndarray" ? ndarray(data, [...item.shape]) : data;
}
