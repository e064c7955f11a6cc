/** Lists the globals of JavaScript: those that functions may use, and those that programs have no use for. */
import { typedArrays } from "../../core/array-values.ts";

export const engineGlobals: Readonly<Record<string, unknown>> = {
  Math,
  Number,
  Boolean,
  String,
  Object,
  Array,
  ...typedArrays,
  Infinity,
  NaN,
  undefined,
  isFinite,
  isNaN,
};

/** Globals that depend on more than their arguments, or make what no program holds. */
export const effectful: ReadonlySet<string> = new Set([
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
  return Object.hasOwn(engineGlobals, name) || effectful.has(name) || name === "globalThis";
}
