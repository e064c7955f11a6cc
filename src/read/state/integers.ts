/** Finds values that are certain to be integers, such as elements of tables that users keep as plain numbers. */
import { memo } from "../../core/memo.ts";
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import { fixedNumbers } from "../../ir/tables.ts";

/** The same numbers as integers, if they all are. */
const integerCopy = memo((data: Float64Array): Int32Array | undefined => {
  const integers = Int32Array.from(data);
  return integers.every((x, i) => x === data[i]) ? integers : undefined;
});

/** A value as an i32, where it is certain to be an integer. */
export function asInteger(b: Builder, value: Value): Value | undefined {
  if (value.type === "i32") return value;
  const { definition } = value;
  const isInside = definition?.kind === "load" && definition.index.min >= 0 && definition.index.max < definition.array.size;
  const numbers = isInside ? fixedNumbers(definition.array) : undefined;
  if (isInside && numbers instanceof Float64Array) {
    const copy = integerCopy(numbers);
    if (copy) return b.load(b.constantArray(definition.array.name, copy), definition.index);
  }
  return value.type === "f64" ? integerBehind(value) : undefined;
}

/** The i32 that an f64 was converted from. */
export function integerBehind(value: Value): Value | undefined {
  const definition = value.definition;
  return definition?.kind === "let" && definition.operation === "f64.from_i32" ? definition.args[0] : undefined;
}
