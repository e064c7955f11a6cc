/** Reads calls, `f(x)`, `object.method(x)` and `new Array(n)`: evaluates what is called and its arguments, and finds the method. */
import type { CallExpression, Expression, MemberExpression, NewExpression, SpreadElement } from "acorn";
import { ChainEnds, evaluateBefore, importedMember, memberOf } from "./members.ts";
import { arrayMethods, passOverHoles } from "../library/array-methods.ts";
import { callItem } from "./invocation.ts";
import { collectionMethod } from "../library/collection-methods.ts";
import { isCollection } from "../values/collections.ts";
import { describe, isNullish, isScalar, UNDEFINED, type ArrayItem, type Item, type ListItem } from "../state/items.ts";
import { elementsOf } from "../values/iterate.ts";
import { ndarrayMethods } from "../library/ndarray-methods.ts";
import { hasKey, propertyKey } from "../values/keys.ts";
import { callPrimitive, isPrimitiveMethod } from "../library/primitives.ts";
import { toText } from "../values/text.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import { areRows } from "../values/rows.ts";
import type { Scope } from "../state/scope.ts";
import { wrap } from "../values/wrap.ts";

export function evaluateCall(r: Reader, node: CallExpression, scope: Scope): Item {
  const at = { r, node, scope };
  if (node.callee.type === "Super") return unreadable(at, "super", "`super` cannot be read", "Use plain functions.");
  if (node.callee.type === "MemberExpression" && !importedMember(r, node.callee, scope))
    return callMember(r, node, node.callee, scope);
  const callee = r.expression(node.callee, scope);
  if (node.optional && isNullish(callee)) throw new ChainEnds();
  return callItem(at, callee, argumentsOf(r, node.arguments, scope));
}

/** `object.method(...)`: the object and the key are evaluated before the arguments, and each once. */
function callMember(r: Reader, node: CallExpression, callee: MemberExpression, scope: Scope): Item {
  const at: Site = { r, node, scope };
  const self = evaluateBefore(r, callee, scope);
  if (callee.optional && isNullish(self)) throw new ChainEnds();
  const key = propertyKey(r, callee, scope);
  const name = !isScalar(key) && key.kind === "host" ? String(key.value) : undefined;
  const args = (): Item[] => argumentsOf(r, node.arguments, scope);
  if (name !== undefined) {
    if (isPrimitiveMethod(self, name)) return callPrimitive(at, self, name, args());
    if (isFunction(self) && (name === "call" || name === "apply")) {
      const [receiver, ...given] = args();
      return callItem(at, self, name === "call" ? given : given[0] ? elementsOf(at, given[0]) : [], receiver);
    }
    const object = !isScalar(self) && self.kind === "host" && Array.isArray(self.value) ? listOf(at, self.value) : self;
    if (!isScalar(object) && (object.kind === "array" || object.kind === "list")) return callArray(at, object, name, args());
    const method = !isScalar(self) && self.kind === "host" && isCollection(self.value) && collectionMethod(self.value, name);
    if (method) return method.call(at, args());
  }
  const isOwn = name === "hasOwnProperty" && !isScalar(self) && (self.kind === "object" || self.kind === "record");
  if (isOwn) return r.builder.bool(hasKey(at, self, toText(at, args()[0] ?? UNDEFINED)));
  const method = memberOf({ r, node: callee, scope }, self, key, node.optional);
  if (node.optional && isNullish(method)) throw new ChainEnds();
  return callItem(at, method, args(), self);
}

function isFunction(item: Item): boolean {
  return !isScalar(item) && (item.kind === "closure" || item.kind === "builtin" || item.kind === "operation");
}

function callArray(at: Site, array: ArrayItem | ListItem, name: string, args: readonly Item[]): Item {
  if (array.kind === "array" && array.container === "ndarray") {
    if (Object.hasOwn(ndarrayMethods, name)) return ndarrayMethods[name](at, array, args);
    const names = Object.keys(ndarrayMethods).join(", ");
    return unreadable(at, name, `ndarrays have no \`${name}\` that can be read`, `They have: ${names}.`);
  }
  if (!Object.hasOwn(arrayMethods, name)) {
    return unreadable(
      at,
      name,
      `The array method \`${name}\` cannot be read`,
      `Those that can are: ${Object.keys(arrayMethods).join(", ")}. Arrays do not grow: make them with new Array(n).`,
    );
  }
  if (array.kind === "array" && array.storage.holes && passOverHoles.has(name))
    at.r.wholeUses.push({ at, storage: array.storage });
  return arrayMethods[name](at, array, args);
}

/** An array of the user's that holds more than numbers, element by element. */
function listOf(at: Site, values: readonly unknown[]): ListItem {
  at.r.hosts.noteAll(values, "elements");
  const elements = values.map((value, i) => at.r.journal.cell(`[${i}]`, wrap(at, value, "element")));
  return { kind: "list", elements, rows: areRows(values) ? values : undefined };
}

export function evaluateNew(r: Reader, node: NewExpression, scope: Scope): Item {
  const at = { r, node, scope };
  const callee = r.expression(node.callee, scope);
  if (!isScalar(callee) && callee.kind === "builtin" && callee.name.endsWith("Array"))
    return callee.call(at, argumentsOf(r, node.arguments, scope));
  return unreadable(
    at,
    "new",
    `\`${textOf(at)}\` makes an object of a class (${describe(callee)})`,
    "Only arrays and typed arrays are made with `new`; write objects as literals.",
  );
}

function argumentsOf(r: Reader, nodes: readonly (Expression | SpreadElement)[], scope: Scope): Item[] {
  return nodes.flatMap((node): Item[] =>
    node.type === "SpreadElement"
      ? elementsOf({ r, node, scope }, r.expression(node.argument, scope))
      : [r.expression(node, scope)],
  );
}
