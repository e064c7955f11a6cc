/** Reads members of objects, and chains of them that may end at what is missing: `a?.b.c`. */
import type { AnyNode, Expression, MemberExpression } from "acorn";
import { asIsHere } from "../values/branch.ts";
import { ndarrayBuiltin, typedArrayMethod } from "../library/builtins.ts";
import { entriesOf, isCollection } from "../values/collections.ts";
import { isGlobal } from "../syntax/engine-globals.ts";
import { captured, capturedNamed, libraryFunction } from "../library/globals.ts";
import { isImport } from "../syntax/injected.ts";
import { host, isNullish, isScalar, maybe, UNDEFINED, type Item } from "../state/items.ts";
import { getProperty } from "../values/properties.ts";
import { propertyKey } from "../values/keys.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import type { Site } from "../state/site.ts";

/** Leaves a chain, `a?.b.c`, whose link is undefined or null. */
export class ChainEnds extends Error {
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
export function evaluateBefore(r: Reader, { object, optional }: MemberExpression, scope: Scope): Item {
  return optional ? evaluateIfThere(r, object as Expression, scope) : r.expression(object as Expression, scope);
}

/** `optional`: a property that is missing is undefined. */
export function memberOf(at: Site, object: Item, key: Item, optional = false): Item {
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

/** An expression whose last property, if it is one, need not exist: then it is undefined. */
export function evaluateIfThere(r: Reader, node: Expression, scope: Scope): Item {
  return node.type === "MemberExpression" ? evaluateMember(r, node, scope, true) : r.expression(node, scope);
}

/**
 * What bundlers make of an imported name: `__vite_ssr_import_0__.matmul`, `import_odegrad.matmul`. The root is no name of the
 * function's; the property is a function of the library, or it is captured.
 */
export function importedMember(r: Reader, node: MemberExpression, scope: Scope): Item | undefined {
  if (node.object.type !== "Identifier" || node.computed || node.property.type !== "Identifier") return undefined;
  const root = node.object.name;
  const at = { r, node, scope };
  if (scope.find(root) || isGlobal(root) || capturedNamed(at, root) || libraryFunction(at, root)) return undefined;
  const { name } = node.property;
  const isNdArray = name === "ndarray" || (name === "default" && isImport(root));
  return isNdArray ? ndarrayBuiltin : (libraryFunction(at, `${root}.${name}`) ?? captured(at, `${root}.${name}`));
}
