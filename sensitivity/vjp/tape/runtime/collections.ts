/** Lists, maps and sets made by rewritten functions: lengths and keys are certain numbers. */
import { key } from "./operators.ts";

/** The engine's own list constructor, given plain lengths; vectors stand for typed arrays and are no lists. */
export function listConstructor(isVector: (value: unknown) => boolean): ArrayConstructor {
  const isArray = (value: unknown): boolean => Array.isArray(value) && !isVector(value);
  const certain = (args: unknown[]): unknown[] => (args.length === 1 ? args.map(key) : args);
  return new Proxy(Array, {
    apply: (native, self, args: unknown[]) => Reflect.apply(native, self, certain(args)) as unknown,
    construct: (native, args: unknown[], target) => Reflect.construct(native, certain(args), target) as object,
    get: (native, name, receiver) => (name === "isArray" ? isArray : Reflect.get(native, name, receiver)),
  });
}

export class KeyedMap extends Map<unknown, unknown> {
  override get(name: unknown): unknown {
    return super.get(key(name));
  }

  override has(name: unknown): boolean {
    return super.has(key(name));
  }

  override set(name: unknown, value: unknown): this {
    return super.set(key(name), value);
  }

  override delete(name: unknown): boolean {
    return super.delete(key(name));
  }
}

export class ValueSet extends Set<unknown> {
  override has(value: unknown): boolean {
    return super.has(key(value));
  }

  override add(value: unknown): this {
    return super.add(key(value));
  }

  override delete(value: unknown): boolean {
    return super.delete(key(value));
  }
}
