/** Makes items of functions of JavaScript that are handed in as constants or met as globals. */
import { definitionOf } from "../../operations/definitions.ts";
import { arrayOperationOf } from "../../operations/override.ts";
import { builtinOf } from "../library/builtins.ts";
import { callDefinition } from "./definitions.ts";
import { host, type Item } from "../state/items.ts";
import { hasText, isClass } from "../syntax/source.ts";
import { closureOf } from "../values/wrap.ts";

export function hostFunction(value: object, name: string): Item {
  const builtin = builtinOf(value);
  if (builtin) return builtin;
  const definition = definitionOf(value);
  if (definition) return { kind: "builtin", name, call: (at, args) => callDefinition(at, definition, args) };
  const operation = arrayOperationOf(value);
  if (operation) return { kind: "operation", operation };
  // Something is taken of it, as of other objects.
  if (isClass(value)) return host(value);
  return hasText(value) ? closureOf(value, name) : host(value);
}
