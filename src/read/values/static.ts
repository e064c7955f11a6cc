/** Makes plain values of items that are known in full when the function is read. */
import { sizeOf } from "../../arrays/shape.ts";
import { isScalar, type Item } from "../state/items.ts";

/** `undefined` where it is not known. */
export function staticOf(item: Item): unknown {
  if (isScalar(item)) return item.type === "bool" && item.constant !== undefined ? Boolean(item.constant) : item.constant;
  if (item.kind === "host") return item.value;
  if (item.kind === "list") {
    const elements = item.elements.map((cell) => staticOf(cell.item));
    return elements.includes(undefined) ? undefined : elements;
  }
  if (item.kind === "object") {
    const fields = [...item.fields].map(([name, cell]) => [name, staticOf(cell.item)] as const);
    return fields.some(([, field]) => field === undefined) ? undefined : Object.fromEntries(fields);
  }
  if (item.kind !== "array" || item.offset.constant !== 0 || sizeOf(item.shape) !== item.storage.size) return undefined;
  const { content } = item.storage;
  return content === undefined ? undefined : nested(Array.from(content), item.shape);
}

function nested(flat: readonly number[], shape: readonly number[]): unknown {
  if (shape.length <= 1) return flat;
  const size = flat.length / shape[0];
  return Array.from({ length: shape[0] }, (_, i) => nested(flat.slice(i * size, (i + 1) * size), shape.slice(1)));
}
