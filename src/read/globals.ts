/** What a name means that no scope declares. */
import { CapturedVariable, type ReadError } from "../core/errors.ts";
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
  const { activation } = at.scope;
  let root = activation;
  while (root.caller) root = root.caller;
  const culprit = culpritOf(activation.source.fn) ?? { fn: activation.source.fn, node: at.node, name };
  const source = culprit.fn === activation.source.fn ? activation.source : sourceOf(culprit.fn, "function").source;
  const error = source.error(CapturedVariable, culprit.node, fromOutside(culprit.name));
  throw culprit.fn === root.source.fn ? error : capturedByConstant(error);
}

export function fromOutside(path: string): Complaint {
  // Elements of arrays have no names.
  const name = path.replace(/\.\d+$/, "");
  return {
    construct: name,
    what: `\`${name}\` comes from outside the function, and a function's text does not tell its value`,
    remedy: `Pass it in \`constants\`: constants: { ${rootOf(name)} }, and take it from the function's last argument.`,
  };
}

/** The error, where the function is among the constants itself, and is not given these. */
export function capturedByConstant(error: ReadError): ReadError {
  const name = rootOf(error.construct);
  return error.withRemedy(
    `The function is among the constants itself: pass \`${name}\` to it as an argument, or put both into one object, or class, in ` +
      `\`constants\`, whose methods find it by \`this\`: this.${name}.`,
  );
}

function rootOf(path: string): string {
  return path.split(".")[0];
}
