/** Reads calls of the library's array operations, which are lowered to loops over scalars. */
import type { ArrayOperation } from "../../operations/index.ts";
import type { Operand } from "../../operations/view.ts";
import { newArray, readView, writeView } from "../values/arrays.ts";
import { host, isScalar, type Item } from "../state/items.ts";
import { elementsOf } from "../values/iterate.ts";
import { toNumber } from "../state/numbers.ts";
import { getProperty } from "../values/properties.ts";
import { keysOf } from "../values/keys.ts";
import { unreadable, type Site } from "../state/site.ts";
import { staticOf } from "../values/static.ts";

export function callOperation(at: Site, operation: ArrayOperation, args: readonly Item[]): Item {
  const { operands: given, options } = splitItems(at, operation, args);
  const operands = given.map((item) => operandOf(at, item));
  const shape = operation.resultShape(
    operands.map((operand) => ("shape" in operand ? operand.shape : [])),
    options,
  );
  if (shape.length === 0) return operation.lower(at.r.builder, operands, undefined, options)!;
  const result = newArray(at, shape, "ndarray", "Float64Array", operation.name);
  operation.lower(at.r.builder, operands, writeView(at, result), options);
  return result;
}

function splitItems(
  at: Site,
  { name, operands: count, field }: ArrayOperation,
  args: readonly Item[],
): { operands: readonly Item[]; options: readonly unknown[] } {
  const constantOf = (item: Item, what: string): unknown =>
    staticOf(item) ??
    unreadable(
      at,
      name,
      `${what} of ${name} is not known when the function is read`,
      "Shapes, axes and ranges must be constants.",
    );
  const optionsFrom = (start: number): unknown[] => args.slice(start).map((item, i) => constantOf(item, `Option ${i + 1}`));
  if (count === "list") return { operands: elementsOf(at, args[0]), options: optionsFrom(1) };
  if (field === undefined) return { operands: args.slice(0, count), options: optionsFrom(count) };
  const others = keysOf(at, args[0]).filter((key) => key !== field);
  const first = Object.fromEntries(others.map((key) => [key, constantOf(getProperty(at, args[0], host(key)), `\`${key}\``)]));
  return { operands: [getProperty(at, args[0], host(field)), ...args.slice(1, count)], options: [first, ...optionsFrom(count)] };
}

function operandOf(at: Site, item: Item): Operand {
  return !isScalar(item) && item.kind === "array" ? readView(at, item) : at.r.builder.toF64(toNumber(at, item));
}
