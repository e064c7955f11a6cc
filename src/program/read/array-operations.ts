/** Calls of the library's array operations. */
import type { ArrayOperation } from "../../arrays/operations/index.ts";
import type { Operand } from "../../arrays/operations/view.ts";
import { newArray, readView, writeView } from "./arrays.ts";
import { isScalar, type Item } from "./items.ts";
import { elementsOf } from "./iterate.ts";
import { toNumber } from "./numbers.ts";
import { unreadable, type Site } from "./reader.ts";
import { staticOf } from "./static.ts";

export function callOperation(at: Site, operation: ArrayOperation, args: readonly Item[]): Item {
  const { operands: count, name } = operation;
  const [given, rest] = count === "list" ? [elementsOf(at, args[0]), args.slice(1)] : [args.slice(0, count), args.slice(count)];
  const operands = given.map((item) => operandOf(at, item));
  const options = rest.map(
    (item, i) =>
      staticOf(item) ??
      unreadable(
        at,
        name,
        `Option ${i + 1} of ${name} is not known when the function is read`,
        "Shapes, axes and ranges must be constants.",
      ),
  );
  const shape = operation.resultShape(
    operands.map((operand) => ("shape" in operand ? operand.shape : [])),
    options,
  );
  if (shape.length === 0) return operation.lower(at.r.builder, operands, undefined, options)!;
  const result = newArray(at, shape, "ndarray", "Float64Array", name);
  operation.lower(at.r.builder, operands, writeView(at, result), options);
  return result;
}

function operandOf(at: Site, item: Item): Operand {
  return !isScalar(item) && item.kind === "array" ? readView(at, item) : at.r.builder.toF64(toNumber(at, item));
}
