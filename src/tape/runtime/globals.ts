/** What the names mean in rewritten functions that they do not declare themselves. */
import { typedArrays } from "../../core/array-values.ts";
import { arrayOperations } from "../../operations/index.ts";
import { ndarray } from "../../arrays/ndarray.ts";
import { KeyedMap, listConstructor, ValueSet } from "./collections.ts";
import { traced } from "./array-operations.ts";
import { finite, math, notANumber, numberConstructor, parseFloating, parseInteger } from "./math.ts";
import { clone, json, objectConstructor } from "./objects.ts";
import { standingFor } from "./originals.ts";
import { identical, truthy } from "./operators.ts";
import { Vector } from "./vector.ts";

/** Of bundlers, that keep the names of functions: `__name(fn, "name")`. */
export const keepName = (fn: unknown): unknown => fn;

/** Globals that depend on nothing but their arguments. Those that compute with numbers have stand-ins. */
export const globals: Readonly<Record<string, unknown>> = {
  ...typedArrays,
  Math: math,
  Number: numberConstructor,
  Boolean: standingFor(new Proxy(Boolean, { apply: (_native, _this, [x]) => truthy(x) }), Boolean),
  Array: standingFor(
    listConstructor((value) => value instanceof Vector),
    Array,
  ),
  Float64Array: Vector,
  Map: KeyedMap,
  Set: ValueSet,
  Object: objectConstructor,
  JSON: json,
  structuredClone: clone,
  isFinite: finite,
  isNaN: notANumber,
  parseFloat: parseFloating,
  parseInt: parseInteger,
  Infinity,
  NaN,
  undefined,
  String,
  Symbol,
  BigInt,
  RegExp,
  WeakMap,
  WeakSet,
  console,
  Uint8ClampedArray,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** The library's array operations, and `ndarray`, whose arrays hold whatever the data holds. */
export const library: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(arrayOperations).map(([name, operation]) => [name, traced(operation)])),
  ndarray,
};

const standIns = new Map<unknown, unknown>([
  ...Object.entries(globals).map(
    ([name, standIn]) => [(globalThis as unknown as Record<string, unknown>)[name], standIn] as const,
  ),
  ...Object.getOwnPropertyNames(Math).map(
    (name) => [(Math as unknown as Record<string, unknown>)[name], (math as Record<string, unknown>)[name]] as const,
  ),
  ...(["isFinite", "isNaN", "isInteger", "isSafeInteger"] as const).map(
    (name) => [Number[name], numberConstructor[name]] as const,
  ),
  [Object.is, identical],
  ...Object.entries(arrayOperations).map(([name, operation]) => [operation.plain, library[name]] as const),
]);

/** What stands for a function of the engine or of the library, by identity. */
export function standInFor(value: unknown): unknown {
  return standIns.get(value);
}
