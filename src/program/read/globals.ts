/** What a name means that no scope declares. */
import { arrayOperations } from "../../arrays/operations/index.ts";
import { CapturedVariable } from "../../errors.ts";
import { ndarrayBuiltin } from "./builtins.ts";
import { host, type Item } from "./items.ts";
import { isNameKeeper, originalName } from "./injected.ts";
import { fail, unreadable, type Site } from "./reader.ts";
import { wrap } from "./wrap.ts";

const globals: Readonly<Record<string, unknown>> = {
  Math,
  Number,
  Boolean,
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
  if (isNameKeeper(name)) return { kind: "builtin", name, call: (_at, [fn]) => fn };
  const original = originalName(name);
  const operation = operationNamed(name) ?? operationNamed(original);
  if (operation) return operation;
  if (original === "ndarray") return ndarrayBuiltin;
  return captured(at, name);
}

/** Globals that depend on more than their arguments, or make what no program holds. */
const effectful = new Set([
  "console",
  "Date",
  "performance",
  "JSON",
  "String",
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

/** The library's operation of this name. */
export function operationNamed(name: string): Item | undefined {
  return Object.hasOwn(arrayOperations, name) ? { kind: "operation", operation: arrayOperations[name] } : undefined;
}

export function captured(at: Site, name: string): never {
  return fail(at, CapturedVariable, {
    construct: name,
    what: `\`${name}\` comes from outside the function, and a function's text does not tell its value`,
    remedy: `Pass it in \`constants\`: constants: { ${name.split(".")[0]} }, and take it from the function's last argument.`,
  });
}
