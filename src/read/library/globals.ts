/** Finds what a name means that no scope declares: a global, a function of the library, or a captured variable. */
import { CapturedVariable } from "../syntax/errors.ts";
import { effectful, engineGlobals } from "../syntax/engine-globals.ts";
import { capturedByConstant, fromOutside } from "../syntax/captured.ts";
import { boundTo, culpritOf } from "../constants/bindings.ts";
import { scopeOf } from "../constants/scopes.ts";
import { ndarrayBuiltin } from "./builtins.ts";
import { host, isScalar, type Item } from "../state/items.ts";
import { isNameKeeper, originalName } from "../syntax/injected.ts";
import { unreadable, type Site } from "../state/site.ts";
import { sourceOf } from "../syntax/source.ts";
import { getProperty } from "../values/properties.ts";
import { wrap } from "../values/wrap.ts";

export function globalNamed(at: Site, name: string): Item {
  const known = capturedNamed(at, name);
  if (known) return known;
  if (Object.hasOwn(engineGlobals, name)) return wrap(at, engineGlobals[name], name);
  if (name === "globalThis") return host(engineGlobals);
  if (effectful.has(name)) {
    return unreadable(
      at,
      name,
      `\`${name}\` has no place in a program`,
      "Compute with numbers; prepare everything else before solving and pass it in `constants`.",
    );
  }
  if (isNameKeeper(name)) {
    const call = (_at: Site, args: readonly Item[]): Item => (keepsName(args) ? args[0] : captured(at, name));
    return { kind: "builtin", name, call };
  }
  const bound = libraryFunction(at, name);
  if (bound) return bound;
  if (originalName(name) === "ndarray") return ndarrayBuiltin;
  const { fn } = at.scope.activation.source;
  // A function that calls itself by its name.
  return (fn as { name?: string }).name === name ? wrap(at, fn, name) : captured(at, name);
}

/** What is known of a name that the function captures. */
export function capturedNamed(at: Site, name: string): Item | undefined {
  const scope = scopeOf(at.scope.activation.source.fn);
  return scope && Object.hasOwn(scope, name) ? getProperty(at, host(scope), host(name)) : undefined;
}

/** `__name(fn, "name")` */
function keepsName([fn, name, ...more]: readonly Item[]): boolean {
  const isName = name && !isScalar(name) && name.kind === "host" && typeof name.value === "string";
  return Boolean(isName) && !isScalar(fn) && fn.kind === "closure" && more.length === 0;
}

/** The function of the library that a free name of the text stands for. */
export function libraryFunction(at: Site, name: string): Item | undefined {
  const callee = boundTo(at.scope.activation.source.fn, name);
  return callee && wrap(at, callee, name);
}

export function captured(at: Site, name: string): never {
  const { activation } = at.scope;
  let root = activation;
  while (root.caller) root = root.caller;
  const culprit = culpritOf(activation.source.fn) ?? { fn: activation.source.fn, node: at.node, name };
  const source = culprit.fn === activation.source.fn ? activation.source : sourceOf(culprit.fn, "function").source;
  const error = source.error(CapturedVariable, culprit.node, fromOutside(culprit.name));
  throw culprit.fn === root.source.fn ? error : capturedByConstant(error);
}
