/** `Object`, `JSON` and `structuredClone` for objects that hold numbers traced or not. */
import { isPlainObject } from "../../core/array-values.ts";
import { numberOfText } from "../numbers/text.ts";
import { Traced } from "../numbers/tape.ts";
import { KeyedMap, ValueSet } from "./collections.ts";
import { identical } from "./operators.ts";
import { standingFor } from "./originals.ts";
import { Vector } from "./vector.ts";

/** The engine's own, but for what compares numbers. */
export const objectConstructor = standingFor(
  new Proxy(Object, { get: (native, name) => (name === "is" ? identical : (Reflect.get(native, name) as unknown)) }),
  Object,
);

/** The engine's own, but for what holds numbers traced or not. What is one thing stays one. */
export function clone(value: unknown): unknown {
  const copies = new Map<object, unknown>();
  const keep = <T>(from: object, to: T): T => (copies.set(from, to), to);
  const of = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null || part instanceof Traced)
      return part instanceof Traced ? part : structuredClone(part);
    if (copies.has(part)) return copies.get(part);
    if (part instanceof Vector) return keep(part, new Vector(part));
    if (Array.isArray(part)) {
      const list = keep(part, new Array<unknown>(part.length));
      part.forEach((element, i) => (list[i] = of(element)));
      return list;
    }
    if (part instanceof Map) {
      const map = keep(part, new KeyedMap());
      for (const [name, element] of part) map.set(of(name), of(element));
      return map;
    }
    if (part instanceof Set) {
      const set = keep(part, new ValueSet());
      for (const element of part) set.add(of(element));
      return set;
    }
    if (!isPlainObject(part)) return keep(part, structuredClone(part));
    const copy = keep(part, {});
    for (const [name, element] of Object.entries(part)) Object.assign(copy, { [name]: of(element) });
    return copy;
  };
  return of(value);
}

type Reviver = (this: unknown, name: string, value: unknown) => unknown;

/** Numbers that are read are those that were written. */
export const json: Readonly<Pick<JSON, "parse" | "stringify">> = Object.freeze({
  stringify: JSON.stringify,
  parse(text: string, revive: Reviver = (_, value) => value): unknown {
    return JSON.parse(text, function (this: unknown, name: string, value: unknown) {
      return revive.call(this, name, typeof value === "number" ? numberOfText(value) : value);
    });
  },
});
