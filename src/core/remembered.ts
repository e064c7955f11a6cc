/** What constants hold, so that it can be put back: arrays, objects, maps and sets, and all within them. */
import { isTypedArray } from "./array-values.ts";

/** One object: what it held. */
interface Remembered {
  /** What has changed since, as "st.on"; undefined where nothing has. */
  changed(): string | undefined;
  putBack(): void;
}

/** So many objects are looked at: what leads to more is a whole library. */
const MOST = 100_000;

export class RememberedConstants {
  private readonly objects: readonly Remembered[];

  /** `isLeft`: of objects that are left alone, with all within them. */
  constructor(constants: unknown, isLeft: (object: object) => boolean = () => false) {
    this.objects = [...remembered(constants, "", new Set(), isLeft)];
  }

  /** What has changed since, by its name; undefined where nothing has. */
  changed(): string | undefined {
    for (const object of this.objects) {
      const name = object.changed();
      if (name !== undefined) return name;
    }
    return undefined;
  }

  putBack(): void {
    for (const object of this.objects) object.putBack();
  }
}

function* remembered(
  value: unknown,
  name: string,
  met: Set<unknown>,
  isLeft: (object: object) => boolean,
): Generator<Remembered> {
  if (typeof value !== "object" || value === null || met.has(value) || met.size > MOST || isLeft(value)) return;
  met.add(value);
  if (isTypedArray(value)) yield elements(value as unknown as number[], name);
  else if (Array.isArray(value)) {
    yield elements(value, name);
    for (const [i, element] of value.entries())
      if (typeof element === "object") yield* remembered(element, `${name}[${i}]`, met, isLeft);
  } else if (value instanceof Map || value instanceof Set) {
    yield members(value as Map<unknown, unknown>, name);
    for (const entry of value as Iterable<unknown>) yield* remembered(entry, name, met, isLeft);
  } else {
    yield fields(value as Record<string, unknown>, name);
    for (const [key, field] of Object.entries(dataOf(value)))
      yield* remembered(field, name ? `${name}.${key}` : key, met, isLeft);
  }
}

/** Of an array. */
function elements(array: unknown[], name: string): Remembered {
  const before = array.slice();
  return {
    changed() {
      if (array.length !== before.length) return name;
      for (let i = 0; i < before.length; i++) if (!Object.is(array[i], before[i])) return `${name}[${i}]`;
      return undefined;
    },
    putBack() {
      if (Array.isArray(array)) array.length = before.length;
      for (let i = 0; i < before.length; i++) if (!Object.is(array[i], before[i])) Reflect.set(array, i, before[i]);
    },
  };
}

function members(collection: Map<unknown, unknown> | Set<unknown>, name: string): Remembered {
  const before = [...(collection as Map<unknown, unknown>)];
  const flat = before.flat();
  return {
    changed() {
      const now = [...(collection as Map<unknown, unknown>)].flat();
      return now.length === flat.length && now.every((x, i) => Object.is(x, flat[i])) ? undefined : name;
    },
    putBack() {
      collection.clear();
      if (collection instanceof Map) for (const [key, member] of before) collection.set(key, member);
      else for (const member of before as unknown[]) collection.add(member);
    },
  };
}

function fields(object: Record<string, unknown>, name: string): Remembered {
  const before = dataOf(object);
  const keys = Object.keys(before);
  return {
    changed() {
      const now = dataOf(object);
      const key = [...keys, ...Object.keys(now)].find((k) => !(k in now) || !(k in before) || !Object.is(now[k], before[k]));
      if (key === undefined) return undefined;
      return name ? `${name}.${key}` : key;
    },
    putBack() {
      for (const key of Object.keys(dataOf(object))) if (!(key in before)) Reflect.deleteProperty(object, key);
      for (const key of keys) if (!Object.is(object[key], before[key])) Reflect.set(object, key, before[key]);
    },
  };
}

/** Its own properties that are no getters. */
function dataOf(object: object): Record<string, unknown> {
  const data: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(object)) {
    const property = Object.getOwnPropertyDescriptor(object, key)!;
    if ("value" in property) data[key] = property.value;
  }
  return data;
}
