/**
 * The one memo: what is made once, and kept with what it is made of. Objects hold what is kept by them weakly: it goes with any of them.
 */
import { recent } from "./recent.ts";

/** For `most`: more than are asked for in turns, few enough to look through. */
export const MANY = 32;

export interface MemoOptions<A extends readonly unknown[]> {
  /**
   * What the value depends on: objects by identity, all else by `Object.is`. Default: the arguments. What is made should then hold no
   * argument that may be released before these.
   */
  readonly by?: (...args: A) => readonly unknown[];
  /**
   * How many values are kept with a first key, those asked for last; of first keys that are no objects all together. Those hold their
   * other keys strongly. Default: all.
   */
  readonly most?: number;
}

/** The function, called once for each list of arguments; where it throws nothing is kept. */
// @__NO_SIDE_EFFECTS__
export function memo<A extends readonly unknown[], V>(
  make: (...args: A) => V,
  { by, most }: MemoOptions<A> = {},
): (...args: A) => V {
  if (most !== undefined) return bounded(make, by ?? ((...args) => args), most);
  const root = new Level<V>();
  return (...args) => {
    const keys = by ? by(...args) : args;
    const last = keys.length - 1;
    let level = root;
    for (let i = 0; i < last; i++) level = level.below(keys[i]);
    const key = keys[last];
    const { values } = level;
    const found = values.get(key);
    if (found !== undefined || values.has(key)) return found as V;
    const value = make(...args);
    values.set(key, value);
    return value;
  };
}

function bounded<A extends readonly unknown[], V>(
  make: (...args: A) => V,
  by: (...args: A) => readonly unknown[],
  most: number,
): (...args: A) => V {
  const listOf = memo((_first: unknown): { readonly keys: readonly unknown[]; readonly value: V }[] => []);
  return (...args) => {
    const keys = by(...args);
    return recent(
      listOf(isObject(keys[0]) ? keys[0] : undefined),
      (entry) => entry.keys.length === keys.length && entry.keys.every((key, i) => Object.is(key, keys[i])),
      () => ({ keys, value: make(...args) }),
      most,
    ).value;
  };
}

/** Values by their last key, and the levels below by the keys before. */
class Level<V> {
  readonly values = new Store<V>();
  private levels: Store<Level<V>> | undefined;

  below(key: unknown): Level<V> {
    const levels = (this.levels ??= new Store<Level<V>>());
    const found = levels.get(key);
    if (found) return found;
    const made = new Level<V>();
    levels.set(key, made);
    return made;
  }
}

/** By objects weakly, by all else for good. */
class Store<T> {
  private weak: WeakMap<object, T> | undefined;
  private strong: Map<unknown, T> | undefined;

  get(key: unknown): T | undefined {
    return isObject(key) ? this.weak?.get(key) : this.strong?.get(key);
  }

  has(key: unknown): boolean {
    return (isObject(key) ? this.weak?.has(key) : this.strong?.has(key)) ?? false;
  }

  set(key: unknown, value: T): void {
    if (isObject(key)) (this.weak ??= new WeakMap()).set(key, value);
    else (this.strong ??= new Map()).set(key, value);
  }
}

function isObject(key: unknown): key is object {
  return typeof key === "object" ? key !== null : typeof key === "function";
}
