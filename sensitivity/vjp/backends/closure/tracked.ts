/** Arrays that record how they were computed. The user's function sees them through a guard, as they are no numbers. */
import { BackendRefused, TrackedAsNumber } from "../../errors.ts";
import { APPLY, type Overriding } from "../../../../src/operations/override.ts";
import type { ArrayOperation } from "../../../../src/operations/index.ts";
import type { Definition } from "../../../../src/operations/definitions.ts";
import { sizeOf } from "../../../../src/arrays/shape.ts";

/** What records the operations on the arrays that it made. */
export interface Recorder {
  apply(operation: ArrayOperation | Definition, args: readonly unknown[]): unknown;
}

/** A tracked array. */
export class Tracked implements Overriding {
  /** The cotangent, which the reverse sweep adds up. */
  cotangent: Float64Array | undefined;

  constructor(
    private readonly recorder: Recorder,
    readonly name: string,
    readonly shape: readonly number[],
    /** The elements, row-major. */
    readonly value: Float64Array,
    /** The kind of array that a plain function would see. */
    readonly container: "typed" | "ndarray" = "ndarray",
  ) {}

  [APPLY](operation: ArrayOperation | Definition, args: readonly unknown[]): unknown {
    return this.recorder.apply(operation, args);
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get length(): number {
    return this.shape[0];
  }

  get dimension(): number {
    return this.shape.length;
  }

  /** The cotangent, to which all that used the array adds. */
  get gradient(): Float64Array {
    return (this.cotangent ??= new Float64Array(this.value.length));
  }
}

/** What the user's function may ask of a tracked array. */
const PUBLIC: ReadonlySet<PropertyKey> = new Set(["shape", "size", "length", "dimension"]);
const behind = new WeakMap<object, Tracked>();

/** The array as the user's function sees it. */
export function guarded(tracked: Tracked): object {
  const seen = new Proxy(tracked, {
    get(target, key) {
      if (key === APPLY) return target[APPLY].bind(target);
      if (PUBLIC.has(key)) return Reflect.get(target, key, target) as unknown;
      return usedAsNumber(target.name, key);
    },
    set(target, key): never {
      throw new BackendRefused("closure", `${target.name} is written in place (${memberName(key)})`, "source");
    },
  });
  behind.set(seen, tracked);
  return seen;
}

export function trackedBehind(value: unknown): Tracked | undefined {
  return typeof value === "object" && value !== null ? behind.get(value) : undefined;
}

/** Refuses a property of a tracked array. Symbols that engines and tools look for on anything are undefined. */
export function usedAsNumber(name: string, key: PropertyKey): undefined {
  if (key === Symbol.toPrimitive)
    throw new TrackedAsNumber(name, "an operator of the language, a function of Math, or an element of an array of numbers");
  if (key === Symbol.iterator) throw new TrackedAsNumber(name, "one element after the other");
  if (typeof key === "symbol") return undefined;
  throw new TrackedAsNumber(name, memberName(key));
}

function memberName(key: PropertyKey): string {
  return /^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`;
}
