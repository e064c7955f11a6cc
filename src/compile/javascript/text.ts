/** Numbers, addresses and names as JavaScript text. */
import type { ArrayDeclaration, Value } from "../../ir/ir.ts";

/** By how much the address of an element is shifted to give its index. */
export function shift(array: ArrayDeclaration): number {
  return array.element === "f64" ? 3 : 2;
}

/** Names are the user's, and may hold whatever ends a comment: of them, only what may stand in an identifier or a path is written. */
export function comment({ role, name, size }: ArrayDeclaration): string {
  return `${role} ${name.replace(/[^\w.[\]]/g, "_")}[${size}]`;
}

export function literal(value: Value): string {
  const constant = value.constant!;
  if (value.type === "bool") return constant ? "true" : "false";
  const text = Object.is(constant, -0) ? "-0" : String(constant);
  return text.startsWith("-") ? `(${text})` : text;
}
