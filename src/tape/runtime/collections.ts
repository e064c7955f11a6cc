/** Lists, maps and sets made by rewritten functions: lengths and keys are certain numbers, and keys that are looked at are traced. */
import { add, key } from "./operators.ts";
import { Traced } from "../numbers/tape.ts";

/** The engine's own list constructor, given plain lengths; vectors stand for typed arrays and are no lists. */
export function listConstructor(isVector: (value: unknown) => boolean): ArrayConstructor {
  const isArray = (value: unknown): boolean => Array.isArray(value) && !isVector(value);
  const certain = (args: unknown[]): unknown[] => (args.length === 1 ? args.map(key) : args);
  const members = { isArray, [Symbol.hasInstance]: isArray } as Readonly<Record<PropertyKey, unknown>>;
  return new Proxy(Array, {
    apply: (native, self, args: unknown[]) => Reflect.apply(native, self, certain(args)) as unknown,
    construct: (native, args: unknown[], target) => Reflect.construct(native, certain(args), target) as object,
    get: (native, name, receiver) => (Object.hasOwn(members, name) ? members[name] : Reflect.get(native, name, receiver)),
  });
}

/** The traced numbers that are keys, by the certain numbers that stand for them. */
class Keys {
  private readonly traced = new Map<unknown, Traced>();

  /** A new key's. */
  note(name: unknown, certain: unknown): void {
    // A collection has no key -0.
    if (name instanceof Traced) this.traced.set(certain, (certain === 0 ? add(name, 0) : name) as Traced);
  }

  forget(certain: unknown): void {
    this.traced.delete(certain);
  }

  clear(): void {
    this.traced.clear();
  }

  shown(certain: unknown): unknown {
    return this.traced.get(certain) ?? certain;
  }
}

export class KeyedMap extends Map<unknown, unknown> {
  static groupBy(items: Iterable<unknown>, keyOf: (item: unknown, i: number) => unknown): KeyedMap {
    const groups = new KeyedMap();
    let i = 0;
    for (const item of items) {
      const name = keyOf(item, i++);
      if (!groups.has(name)) groups.set(name, []);
      (groups.get(name) as unknown[]).push(item);
    }
    return groups;
  }

  readonly #keys = new Keys();

  constructor(entries?: Iterable<readonly [unknown, unknown]> | null) {
    super();
    for (const entry of entries ?? []) this.set(entry[0], entry[1]);
  }

  override get(name: unknown): unknown {
    return super.get(key(name));
  }

  override has(name: unknown): boolean {
    return super.has(key(name));
  }

  override set(name: unknown, value: unknown): this {
    const certain = key(name);
    if (!super.has(certain)) this.#keys.note(name, certain);
    return super.set(certain, value);
  }

  override delete(name: unknown): boolean {
    const certain = key(name);
    this.#keys.forget(certain);
    return super.delete(certain);
  }

  override clear(): void {
    this.#keys.clear();
    super.clear();
  }

  override *entries(): MapIterator<[unknown, unknown]> {
    for (const [name, value] of super.entries()) yield [this.#keys.shown(name), value];
  }

  override *keys(): MapIterator<unknown> {
    for (const name of super.keys()) yield this.#keys.shown(name);
  }

  override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
    return this.entries();
  }

  override forEach(use: (value: unknown, name: unknown, map: Map<unknown, unknown>) => void, self?: unknown): void {
    super.forEach((value, name) => use.call(self, value, this.#keys.shown(name), this));
  }
}

export class ValueSet extends Set<unknown> {
  readonly #keys = new Keys();

  constructor(values?: Iterable<unknown> | null) {
    super();
    for (const value of values ?? []) this.add(value);
  }

  override has(value: unknown): boolean {
    return super.has(key(value));
  }

  override add(value: unknown): this {
    const certain = key(value);
    if (!super.has(certain)) this.#keys.note(value, certain);
    return super.add(certain);
  }

  override delete(value: unknown): boolean {
    const certain = key(value);
    this.#keys.forget(certain);
    return super.delete(certain);
  }

  override clear(): void {
    this.#keys.clear();
    super.clear();
  }

  override *values(): SetIterator<unknown> {
    for (const value of super.values()) yield this.#keys.shown(value);
  }

  override keys(): SetIterator<unknown> {
    return this.values();
  }

  override *entries(): SetIterator<[unknown, unknown]> {
    for (const value of this.values()) yield [value, value];
  }

  override [Symbol.iterator](): SetIterator<unknown> {
    return this.values();
  }

  override forEach(use: (value: unknown, same: unknown, set: Set<unknown>) => void, self?: unknown): void {
    for (const value of this.values()) use.call(self, value, value, this);
  }

  // What newer engines have: theirs would make sets of the certain numbers.

  union(other: ReadonlySet<unknown>): ValueSet {
    return new ValueSet([...this, ...setOf(other)]);
  }

  intersection(other: ReadonlySet<unknown>): ValueSet {
    return new ValueSet([...this].filter((value) => other.has(value)));
  }

  difference(other: ReadonlySet<unknown>): ValueSet {
    return new ValueSet([...this].filter((value) => !other.has(value)));
  }

  symmetricDifference(other: ReadonlySet<unknown>): ValueSet {
    return new ValueSet([...this.difference(other), ...setOf(other).difference(this)]);
  }
}

function setOf(values: ReadonlySet<unknown>): ValueSet {
  return values instanceof ValueSet ? values : new ValueSet(values);
}
