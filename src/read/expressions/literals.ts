/** Reads literals of arrays, objects and templates. */
import type { ArrayExpression, ObjectExpression, TemplateLiteral } from "acorn";
import { host, isScalar, UNDEFINED, type Item } from "../state/items.ts";
import { elementsOf } from "../values/iterate.ts";
import type { Cell } from "../state/cells.ts";
import { getProperty } from "../values/properties.ts";
import { keysOf, propertyKey } from "../values/keys.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { toText } from "../values/text.ts";
import { arrayOf } from "../values/array-of.ts";

export function arrayLiteral(r: Reader, node: ArrayExpression, scope: Scope): Item {
  const items = node.elements.flatMap((element): Item[] => {
    if (!element) return [UNDEFINED];
    if (element.type === "SpreadElement") return elementsOf({ r, node: element, scope }, r.expression(element.argument, scope));
    return [r.expression(element, scope)];
  });
  return arrayOf({ r, node, scope }, items);
}

export function objectLiteral(r: Reader, node: ObjectExpression, scope: Scope): Item {
  const fields = new Map<string, Cell>();
  const put = (key: string, item: Item): void => void fields.set(key, r.journal.cell(key, item));
  for (const property of node.properties) {
    const at: Site = { r, node: property, scope };
    if (property.type === "SpreadElement") {
      const source = r.expression(property.argument, scope);
      for (const key of keysOf(at, source)) put(key, getProperty(at, source, host(key)));
      continue;
    }
    if (property.kind !== "init")
      unreadable(at, "accessor", "A getter or setter cannot be read", "Use a plain property or a function.");
    const key = propertyKey(r, property, scope);
    if (isScalar(key)) put(String(key.constant), r.expression(property.value, scope));
    else if (key.kind === "host") put(String(key.value), r.expression(property.value, scope));
    else unreadable(at, "key", "This kind of property cannot be read", "Use plain names.");
  }
  return r.journal.object(fields);
}

/** The text of a template, `a${b}`. */
export function templateText(r: Reader, { quasis, expressions }: TemplateLiteral, scope: Scope): string {
  const parts = quasis.map(({ value }, i) => {
    const node = expressions[i];
    return `${value.cooked}${node ? toText({ r, node, scope }, r.expression(node, scope)) : ""}`;
  });
  return parts.join("");
}
