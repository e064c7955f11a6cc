/** Reads properties of ndarrays. */
import { sizeOf } from "../../arrays/shape.ts";
import { host, type ArrayItem, type Item } from "../state/items.ts";
import type { Site } from "../state/site.ts";
import { wrap } from "./wrap.ts";

export const ndarrayProperties: Readonly<Record<string, (at: Site, array: ArrayItem) => Item>> = {
  shape: (at, array) => wrap(at, [...array.shape], "shape"),
  stride: (at, array) => wrap(at, [...array.strides], "stride"),
  offset: (at, array) => (array.storage.role === "host" || array.storage.role === "local" ? array.offset : at.r.builder.i32(0)),
  size: (at, array) => at.r.builder.i32(sizeOf(array.shape)),
  dimension: (at, array) => at.r.builder.i32(array.shape.length),
  dtype: () => host("float64"),
  /** All of the memory behind it: of a component of a parameter, that component. */
  data: (at, array) => {
    const { storage } = array;
    const whole = storage.role === "host" || storage.role === "local";
    const offset = whole ? at.r.builder.i32(0) : array.offset;
    return { ...array, offset, shape: [whole ? storage.size : sizeOf(array.shape)], strides: [1], container: "typed" };
  },
};
