/** `Object` and `JSON` for objects that hold numbers traced or not. */
import { numberOfText } from "../text.ts";
import { identical } from "./operators.ts";
import { standingFor } from "./originals.ts";

/** The engine's own, but for what compares numbers. */
export const objectConstructor = standingFor(
  new Proxy(Object, { get: (native, name) => (name === "is" ? identical : (Reflect.get(native, name) as unknown)) }),
  Object,
);

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
