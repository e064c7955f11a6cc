/** What a name means that no scope declares. */
import { arrayOperations } from "../../arrays/operations/index.ts";
import { CapturedVariable } from "../../errors.ts";
import { ndarrayBuiltin } from "./builtins.ts";
import { host, type Item } from "./items.ts";
import { isNameKeeper, originalName } from "./injected.ts";
import { fail, type Site } from "./reader.ts";
import { wrap } from "./wrap.ts";

const globals: Readonly<Record<string, unknown>> = {
  Math, Number, Boolean, Object, Array, Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Int8Array,
  Uint8Array, Infinity, NaN, undefined, isFinite, isNaN,
};

export function globalNamed(at: Site, name: string): Item {
  if (Object.hasOwn(globals, name)) return wrap(at, globals[name], name);
  if (name === "globalThis") return host(globals);
  if (isNameKeeper(name)) return { kind: "builtin", name, call: (_at, [fn]) => fn };
  const original = originalName(name);
  const operation = operationNamed(original);
  if (operation) return operation;
  if (original === "ndarray") return ndarrayBuiltin;
  return captured(at, name);
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
