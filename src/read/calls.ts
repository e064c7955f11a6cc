/** Calls and members. */
import type { AnyNode, CallExpression, MemberExpression, NewExpression, SpreadElement, Expression } from "acorn";
import { typedArrayMethod } from "./builtins.ts";
import { arrayMethods, passOverHoles } from "./array-methods.ts";
import { asIsHere } from "./branch.ts";
import { evaluate, evaluateIfThere } from "./expressions.ts";
import { callItem } from "./functions.ts";
import { captured, isGlobal, libraryFunction } from "./globals.ts";
import { collectionMethod, entriesOf, isCollection } from "./collections.ts";
import { describe, host, isNullish, isScalar, maybe, UNDEFINED, type ArrayItem, type Item, type ListItem } from "./items.ts";
import { elementsOf } from "./iterate.ts";
import { ndarrayBuiltin } from "./builtins.ts";
import { ndarrayMethods } from "./ndarray-methods.ts";
import { getProperty, hasKey, propertyKey } from "./properties.ts";
import { isImport } from "./injected.ts";
import { callPrimitive, isPrimitiveMethod, toText } from "./text.ts";
import { textOf, unreadable, type Reader, type Site } from "./reader.ts";
import { areRows } from "./rows.ts";
import type { Scope } from "./scope.ts";
import { wrap } from "./wrap.ts";

/** Leaves a chain, `a?.b.c`, whose link is undefined or null. */
class ChainEnds extends Error {
  static override readonly name = "ChainEnds";
}

export function chain(evaluateChain: () => Item): Item {
  try {
    return evaluateChain();
  } catch (reason) {
    if (reason instanceof ChainEnds) return UNDEFINED;
    throw reason;
  }
}

/** Is a member of something that may be missing missing too? */
function isOptional(node: AnyNode): boolean {
  return (
    (node.type === "MemberExpression" && (node.optional || isOptional(node.object))) ||
    (node.type === "CallExpression" && (node.optional || isOptional(node.callee)))
  );
}

/** `optional`: a property that is missing is undefined. */
export function evaluateMember(r: Reader, node: MemberExpression, scope: Scope, optional = false): Item {
  const imported = importedMember(r, node, scope);
  if (imported) return imported;
  const object = evaluateBefore(r, node, scope);
  if (node.optional && isNullish(object)) throw new ChainEnds();
  const at = { r, node, scope };
  const key = propertyKey(r, node, scope);
  if (isOptional(node) && !isScalar(object) && object.kind === "maybe")
    return maybe(object.present, memberOf(at, object.item, key, optional));
  const item = asIsHere(at, memberOf(at, object, key, optional || node.optional));
  const present = node.optional && !isScalar(object) && object.kind === "row" ? object.present : undefined;
  return present && isScalar(item) ? maybe(present, item) : item;
}

/** What a member is taken of, which need not be there before `?.`. */
function evaluateBefore(r: Reader, { object, optional }: MemberExpression, scope: Scope): Item {
  return optional ? evaluateIfThere(r, object as Expression, scope) : evaluate(r, object as Expression, scope);
}

/** `optional`: a property that is missing is undefined. */
function memberOf(at: Site, object: Item, key: Item, optional = false): Item {
  if (!isScalar(object) && object.kind === "host" && !isScalar(key) && key.kind === "host") {
    const inherited = typedArrayMethod(object.value, String(key.value));
    if (inherited) return inherited;
  }
  if (!isScalar(object) && object.kind === "builtin" && !isScalar(key) && key.kind === "host") {
    const constructor = (globalThis as unknown as Record<string, unknown>)[object.name];
    if (constructor !== undefined)
      return typedArrayMethod(constructor, String(key.value)) ?? getProperty(at, host(constructor), key);
  }
  if (!isScalar(object) && object.kind === "host" && isCollection(object.value) && !isScalar(key) && key.kind === "host") {
    if (key.value === "size") return at.r.builder.i32(entriesOf(at, object.value).elements.length);
  }
  return getProperty(at, object, key, optional);
}

export function evaluateCall(r: Reader, node: CallExpression, scope: Scope): Item {
  const at = { r, node, scope };
  if (node.callee.type === "Super") return unreadable(at, "super", "`super` cannot be read", "Use plain functions.");
  if (node.callee.type === "MemberExpression" && !importedMember(r, node.callee, scope))
    return callMember(r, node, node.callee, scope);
  const callee = evaluate(r, node.callee, scope);
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
    const known = Object.keys(ndarrayMethods).join(", ");
    return unreadable(at, name, `ndarrays have no \`${name}\` that can be read`, `They have: ${known}.`);
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
  const callee = evaluate(r, node.callee, scope);
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
      ? elementsOf({ r, node, scope }, evaluate(r, node.argument, scope))
      : [evaluate(r, node, scope)],
  );
}

/**
 * What bundlers make of an imported name: `__vite_ssr_import_0__.matmul`, `import_odegrad.matmul`. The root is no name of the
 * function's; the property is a function of the library, or it is captured.
 */
function importedMember(r: Reader, node: MemberExpression, scope: Scope): Item | undefined {
  if (node.object.type !== "Identifier" || node.computed || node.property.type !== "Identifier") return undefined;
  const root = node.object.name;
  const at = { r, node, scope };
  if (scope.find(root) || isGlobal(root) || libraryFunction(at, root)) return undefined;
  const { name } = node.property;
  const isNdArray = name === "ndarray" || (name === "default" && isImport(root));
  return isNdArray ? ndarrayBuiltin : (libraryFunction(at, `${root}.${name}`) ?? captured(at, `${root}.${name}`));
}
