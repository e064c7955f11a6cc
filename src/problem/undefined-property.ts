/** What a function that runs by itself reads of its arguments, and is not there: a misspelt name gives NaN, and no error. */
import { isPlainObject, isTypedArray } from "../core/array-values.ts";
import { ifItCanBe } from "../operations/calling.ts";
import type { ProblemCode } from "./code.ts";
import { adviceOn } from "../core/options/names.ts";

/** The first such property, in a sentence, found by a call at this point. */
export function undefinedProperty(code: ProblemCode, u: Float64Array, p: Float64Array, t: number): string | undefined {
  const found: string[] = [];
  const watched = (value: unknown, path: string): unknown => {
    const isList = Array.isArray(value) || isTypedArray(value);
    if (!isList && !isPlainObject(value)) return value;
    return new Proxy(value as object, {
      get(target, key) {
        const part: unknown = Reflect.get(target, key);
        if (typeof key === "symbol") return part;
        if (!(key in target)) found.push(missing(target, key, path, isList));
        const { configurable, writable } = Object.getOwnPropertyDescriptor(target, key) ?? {};
        if (typeof part === "function") return isList ? (part as () => unknown).bind(target) : part;
        // Of what is frozen, nothing but itself may be shown.
        return configurable === false && writable === false ? part : watched(part, isList ? `${path}[${key}]` : `${path}.${key}`);
      },
    });
  };
  for (const { operator, inputs } of code.operators.rhs.functionsAt([u, p, t])) {
    const { args } = operator.frameAt(inputs);
    const names = [...operator.signature.takes.map(({ name }) => name), "constants"];
    const first = operator.inPlace ? 1 : 0;
    const seen = args.slice(first).map((argument, k) => watched(argument, names[k]));
    ifItCanBe(() => operator.fn(...args.slice(0, first), ...seen));
    if (found.length > 0) return `${operator.name} reads ${found[0]}`;
  }
  return undefined;
}

function missing(object: object, key: string, path: string, isList: boolean): string {
  if (!isList) return `\`${path}.${key}\`, which is undefined. ${adviceOn(key, Object.keys(object))}`;
  const place = Number.isNaN(Number(key)) ? `${path}.${key}` : `${path}[${key}]`;
  return `\`${place}\`, which is undefined: \`${path}\` has ${(object as ArrayLike<unknown>).length} elements.`;
}
