/**
 * The one memo: what is made once, and kept with what it is made of. Objects hold what is kept by them weakly: it goes with any of them.
 */
import { recent } from "./recent.ts";

/** For `most`: more than are asked for in turns, few enough to look through. */
export const MANY = 32;

export interface MemoOptions<A extends readonly unknown[]> {
  /**
   * What the value depends on: objects by identity, all else by its value. Default: the arguments. What is made should then hold no
   * argument that may be released before these.
   */
  readonly by?: (...args: A) => readonly unknown[];
  /**
   * How many values are kept with a first key, those asked for last; of first keys that are no objects all together. Those hold their
   * other keys strongly. Default: all.
   */
  readonly most?: number;
}

/** The function, called once for each list of arguments; where it throws nothing is kept. Asking again costs little more than a WeakMap. */
// @__NO_SIDE_EFFECTS__
export function memo<A extends readonly unknown[], V>(
  make: (...args: A) => V,
  { by, most }: MemoOptions<A> = {},
): (...args: A) => V {
  if (most !== undefined) return bounded(make, by, most);
  const root = new Level<V>();
  return (...args) => {
    const keys = by ? by(...args) : args;
    const last = keys.length - 1;
    let level = root;
    for (let i = 0; i < last; i++) level = level.below(keys[i]);
    const found = level.get(keys[last]);
    return found !== undefined || level.has(keys[last]) ? (found as V) : level.keep(keys[last], make(...args));
  };
}

interface Entry<V> {
  readonly keys: readonly unknown[];
  readonly value: V;
}

function bounded<A extends readonly unknown[], V>(
  make: (...args: A) => V,
  by: MemoOptions<A>["by"],
  most: number,
): (...args: A) => V {
  const lists = new Level<Entry<V>[]>();
  return (...args) => {
    const keys = by ? by(...args) : args;
    const first = isObject(keys[0]) ? keys[0] : undefined;
    return recent(
      lists.get(first) ?? lists.keep(first, []),
      (entry) => areSame(entry.keys, keys),
      () => ({ keys, value: make(...args) }),
      most,
    ).value;
  };
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** Values by their last key, objects weakly and all else for good, and the levels below by the keys before. */
class Level<V> {
  private weak: WeakMap<object, V> | undefined;
  private strong: Map<unknown, V> | undefined;
  private levels: Level<Level<V>> | undefined;

  get(key: unknown): V | undefined {
    return isObject(key) ? this.weak?.get(key) : this.strong?.get(key);
  }

  has(key: unknown): boolean {
    return (isObject(key) ? this.weak?.has(key) : this.strong?.has(key)) ?? false;
  }

  keep(key: unknown, value: V): V {
    if (isObject(key)) (this.weak ??= new WeakMap()).set(key, value);
    else (this.strong ??= new Map()).set(key, value);
    return value;
  }

  below(key: unknown): Level<V> {
    return this.levels?.get(key) ?? (this.levels ??= new Level()).keep(key, new Level());
  }
}

function isObject(key: unknown): key is object {
  return typeof key === "object" ? key !== null : typeof key === "function";
}
