/** Assignments to members of objects. Rewritten functions call them by name. */
import { tape, Traced } from "../numbers/tape.ts";
import { key, numeric, or32 } from "./operators.ts";
import { Vector } from "./vector.ts";

type Bag = Record<PropertyKey, unknown>;

/** `object[name] = value` */
export function put(object: unknown, name: unknown, value: unknown): unknown {
  if (object instanceof Vector) object.put(key(name), value);
  else
    (object as Bag)[key(name) as PropertyKey] = value instanceof Traced && isIntegers(object) ? tape.pin(wrapped(value)) : value;
  return value;
}

/** Of what an array of integers holds, the derivative is zero. */
function isIntegers(object: unknown): boolean {
  return ArrayBuffer.isView(object) && !(object instanceof Float32Array) && !(object instanceof Uint8ClampedArray);
}

function wrapped(x: Traced): Traced {
  return or32(x, 0) as Traced;
}

/** `object[name] = change(object[name])`; gives the new value. */
export function update(object: unknown, name: PropertyKey, change: (old: unknown) => unknown): unknown {
  return put(object, name, change((object as Bag)[name]));
}

/** The same; gives the old value. */
export function updateAfter(object: unknown, name: PropertyKey, change: (old: unknown) => unknown): unknown {
  const old = numeric((object as Bag)[name]);
  put(object, name, change(old));
  return old;
}
