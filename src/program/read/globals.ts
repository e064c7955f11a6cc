/** What a name means that no scope declares. */
import { CapturedVariable } from "../../errors.ts";
import { boundTo, culpritOf } from "./bindings.ts";
import { ndarrayBuiltin } from "./builtins.ts";
import { host, isScalar, type Item } from "./items.ts";
import { isNameKeeper, originalName } from "./injected.ts";
import { unreadable, type Site } from "./reader.ts";
import { sourceOf, type Complaint } from "./source.ts";
import { wrap } from "./wrap.ts";

const globals: Readonly<Record<string, unknown>> = {
  Math,
  Number,
  Boolean,
  String,
  Object,
  Array,
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  Infinity,
  NaN,
  undefined,
  isFinite,
  isNaN,
};

export function globalNamed(at: Site, name: string): Item {
  if (Object.hasOwn(globals, name)) return wrap(at, globals[name], name);
  if (name === "globalThis") return host(globals);
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

/** `__name(fn, "name")` */
function keepsName([fn, name, ...more]: readonly Item[]): boolean {
  const isName = name && !isScalar(name) && name.kind === "host" && typeof name.value === "string";
  return Boolean(isName) && !isScalar(fn) && fn.kind === "closure" && more.length === 0;
}

/** Globals that depend on more than their arguments, or make what no program holds. */
const effectful = new Set([
  "console",
  "Date",
  "performance",
  "JSON",
  "Symbol",
  "BigInt",
  "RegExp",
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "Promise",
  "Proxy",
  "Reflect",
  "Error",
  "Intl",
  "parseInt",
  "parseFloat",
  "eval",
  "Function",
  "process",
  "require",
  "window",
  "document",
  "crypto",
  "fetch",
  "setTimeout",
  "structuredClone",
  "arguments",
]);

export function isGlobal(name: string): boolean {
  return Object.hasOwn(globals, name) || effectful.has(name) || name === "globalThis";
}

/** The function of the library that a free name of the text stands for. */
export function libraryFunction(at: Site, name: string): Item | undefined {
  const callee = boundTo(at.scope.activation.source.fn, name);
  return callee && wrap(at, callee, name);
}

export function captured(at: Site, name: string): never {
  const { source } = at.scope.activation;
  const culprit = culpritOf(source.fn);
  if (!culprit) throw source.error(CapturedVariable, at.node, fromOutside(name));
  const { fn, node } = culprit;
  throw (fn === source.fn ? source : sourceOf(fn, "function").source).error(CapturedVariable, node, fromOutside(culprit.name));
}

export function fromOutside(name: string): Complaint {
  return {
    construct: name,
    what: `\`${name}\` comes from outside the function, and a function's text does not tell its value`,
    remedy: `Pass it in \`constants\`: constants: { ${name.split(".")[0]} }, and take it from the function's last argument.`,
  };
}
