/** Calls and members. */
import type { AnyNode, CallExpression, MemberExpression, NewExpression, SpreadElement, Expression } from "acorn";
import { typedArrayMethod } from "./builtins.ts";
import { arrayMethods, passOverHoles } from "./array-methods.ts";
import { asIsHere } from "./branch.ts";
import { evaluate } from "./expressions.ts";
import { callItem } from "./functions.ts";
import { captured, isGlobal, libraryFunction } from "./globals.ts";
import { collectionMethod, entriesOf, isCollection } from "./collections.ts";
import { describe, host, isNullish, isScalar, maybe, UNDEFINED, type Item, type ListItem } from "./items.ts";
import { elementsOf } from "./iterate.ts";
import { ndarrayBuiltin } from "./builtins.ts";
import { ndarrayMethods } from "./ndarray-methods.ts";
import { getProperty, propertyKey } from "./properties.ts";
import { isImport } from "./injected.ts";
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
  const object = evaluate(r, node.object as Expression, scope);
  if (node.optional && isNullish(object)) throw new ChainEnds();
  if (isOptional(node) && !isScalar(object) && object.kind === "maybe")
    return maybe(object.present, memberOf(r, node, scope, object.item, optional));
  const item = asIsHere({ r, node, scope }, memberOf(r, node, scope, object, optional || node.optional));
  const present = node.optional && !isScalar(object) && object.kind === "row" ? object.present : undefined;
  return present && isScalar(item) ? maybe(present, item) : item;
}

/** `optional`: a property that is missing is undefined. */
function memberOf(r: Reader, node: MemberExpression, scope: Scope, object: Item, optional = false): Item {
  const at = { r, node, scope };
  const key = propertyKey(r, node, scope);
  if (!isScalar(object) && object.kind === "host" && !isScalar(key) && key.kind === "host") {
    const inherited = typedArrayMethod(object.value, String(key.value));
    if (inherited) return inherited;
  }
  if (!isScalar(object) && object.kind === "builtin" && !isScalar(key) && key.kind === "host") {
    const constructor = (globalThis as unknown as Record<string, unknown>)[object.name];
    return typedArrayMethod(constructor, String(key.value)) ?? getProperty(at, host(constructor), key);
  }
  if (!isScalar(object) && object.kind === "host" && isCollection(object.value) && !isScalar(key) && key.kind === "host") {
    if (key.value === "size") return r.builder.i32(entriesOf(at, object.value).elements.length);
  }
  return getProperty(at, object, key, optional);
}

export function evaluateCall(r: Reader, node: CallExpression, scope: Scope): Item {
  const at = { r, node, scope };
  if (node.callee.type === "Super") return unreadable(at, "super", "`super` cannot be read", "Use plain functions.");
  const args = (): Item[] => argumentsOf(r, node.arguments, scope);
  if (node.callee.type === "MemberExpression" && !importedMember(r, node.callee, scope)) {
    const { callee } = node;
    const self = evaluate(r, callee.object as Expression, scope);
    if (callee.optional && isNullish(self)) throw new ChainEnds();
    const object = !isScalar(self) && self.kind === "host" && Array.isArray(self.value) ? listOf(at, self.value) : self;
    if (!isScalar(object) && (object.kind === "array" || object.kind === "list")) {
      const key = propertyKey(r, callee, scope);
      const name = !isScalar(key) && key.kind === "host" ? String(key.value) : "";
      const given = args();
      if (object.kind === "array" && object.container === "ndarray") {
        const method = Object.hasOwn(ndarrayMethods, name) ? ndarrayMethods[name] : undefined;
        return method
          ? method(at, object, given)
          : unreadable(
              at,
              name,
              `ndarrays have no \`${name}\` that can be read`,
              `They have: ${Object.keys(ndarrayMethods).join(", ")}.`,
            );
      }
      if (Object.hasOwn(arrayMethods, name)) {
        if (object.kind === "array" && object.storage.holes && passOverHoles.has(name))
          at.r.wholeUses.push({ at, storage: object.storage });
        return arrayMethods[name](at, object, given);
      }
      if (object.kind === "array" || Number.isNaN(Number(name))) {
        return unreadable(
          at,
          name,
          `The array method \`${name}\` cannot be read`,
          `Those that can are: ${Object.keys(arrayMethods).join(", ")}. Arrays do not grow: make them with new Array(n).`,
        );
      }
    }
    return callMethod(r, node, callee, scope, self);
  }
  const callee = evaluate(r, node.callee, scope);
  if (node.optional && isNullish(callee)) throw new ChainEnds();
  return callItem(at, callee, args());
}

/** A method of an object of the user's, or of a map or set among the constants. */
function callMethod(r: Reader, node: CallExpression, callee: MemberExpression, scope: Scope, self: Item): Item {
  if (!isScalar(self) && self.kind === "host" && isCollection(self.value)) {
    const key = propertyKey(r, callee, scope);
    const method = !isScalar(key) && key.kind === "host" ? collectionMethod(self.value, String(key.value)) : undefined;
    if (method) return method.call({ r, node, scope }, argumentsOf(r, node.arguments, scope));
  }
  const method = memberOf(r, callee, scope, self, node.optional);
  if (node.optional && isNullish(method)) throw new ChainEnds();
  return callItem({ r, node, scope }, method, argumentsOf(r, node.arguments, scope), self);
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
