/** Float64Array for numbers traced or not. */
import { refuse } from "../numbers/refusal.ts";
import { Traced } from "../numbers/tape.ts";
import { gt, identical, key, lt, same, toNumeric } from "./operators.ts";

/** Those made since the last recording began, with their lengths. */
const vectors: Vector[] = [];
const sizes: number[] = [];

export function forgetVectors(): void {
  vectors.length = 0;
  sizes.length = 0;
}

/** Throws Untraceable where a function made a vector longer or shorter. Lists that the engine keeps from it are slow ones. */
export function checkVectors(name: string): void {
  const changed = vectors.findIndex((vector, k) => vector.length !== sizes[k]);
  if (changed < 0) return;
  refuse(
    `${name} makes a Float64Array of ${sizes[changed]} elements one of ${vectors[changed].length}. ` +
      "JavaScript does not do that. Make the array long enough, or keep what grows in a plain list.",
  );
}

const BYTES =
  "the bytes of a Float64Array, or a Float64Array over an ArrayBuffer: bytes keep no derivatives. Make arrays with a length, or from arrays.";

function elementsOf(source: unknown): readonly unknown[] {
  if (Array.isArray(source)) return source;
  const size = key(source);
  if (size instanceof ArrayBuffer || size instanceof DataView) return refuse(BYTES);
  if (typeof size !== "object" || size === null) return new Array<unknown>(Number(size ?? 0)).fill(0);
  return Array.from(size as Iterable<unknown> | ArrayLike<unknown>);
}

/** What an element becomes. */
function element(x: unknown): unknown {
  return typeof x === "number" || x instanceof Traced ? x : toNumeric(x);
}

/** As typed arrays are ordered: -0 before 0, NaN at the end. */
function order(x: unknown, y: unknown): number {
  if (lt(x, y)) return -1;
  if (gt(x, y)) return 1;
  if (same(x, y)) return identical(x, y) ? 0 : identical(x, 0) ? 1 : -1;
  return Number(!same(x, x)) - Number(!same(y, y));
}

/** A list of fixed length; what typed arrays share with lists is inherited. */
export class Vector extends Array<unknown> {
  static readonly BYTES_PER_ELEMENT = 8;

  static override from<T, U = T>(
    source: Iterable<T> | ArrayLike<T>,
    map: (x: T, i: number) => U = (x) => x as unknown as U,
  ): U[] {
    return new Vector(Array.from(source, map)) as U[];
  }

  static override of<T>(...elements: T[]): T[] {
    return new Vector(elements) as T[];
  }

  constructor(source: unknown = 0) {
    const elements = elementsOf(source);
    super(elements.length);
    // Not a number first, so that the engine keeps all vectors alike: it has other lists for numbers alone.
    if (elements.length > 0) this[0] = undefined;
    for (let i = 0; i < elements.length; i++) this[i] = element(elements[i]);
    vectors.push(this);
    sizes.push(elements.length);
  }

  get buffer(): never {
    return refuse(BYTES);
  }

  get [Symbol.toStringTag](): string {
    return "Float64Array";
  }

  /** Typed arrays are not spread by `concat`. */
  get [Symbol.isConcatSpreadable](): boolean {
    return false;
  }

  get BYTES_PER_ELEMENT(): number {
    return 8;
  }

  get byteLength(): number {
    return 8 * this.length;
  }

  /** `this[name] = value`: what is no index of an element is ignored, or a property. */
  put(name: unknown, value: unknown): void {
    const index = typeof name === "string" && String(Number(name)) === name ? Number(name) : name;
    if (typeof index !== "number") (this as unknown as Record<PropertyKey, unknown>)[index as PropertyKey] = value;
    else if (Number.isInteger(index) && index >= 0 && index < this.length) this[index] = element(value);
  }

  set(source: ArrayLike<unknown>, offset: unknown = 0): void {
    const start = key(offset) as number;
    // A copy, for the two may overlap.
    Array.from(source).forEach((x, i) => this.put(start + i, x));
  }

  /** A view: writes go to this vector. */
  subarray(from = 0, to = this.length): Vector {
    const clamped = (given: number): number => {
      const index = Math.trunc(given) || 0;
      return Math.min(this.length, index < 0 ? Math.max(0, this.length + index) : index);
    };
    const start = clamped(key(from) as number);
    const size = Math.max(0, clamped(key(to) as number) - start);
    const at = (name: string | symbol): number | undefined => {
      const index = typeof name === "string" && /^\d+$/.test(name) ? Number(name) : size;
      return index < size ? start + index : undefined;
    };
    return new Proxy(new Vector(size), {
      get: (elements, name, view) => {
        const index = at(name);
        return index === undefined ? Reflect.get(elements, name, view) : this[index];
      },
      set: (_elements, name, value) => {
        const index = at(name);
        if (index === undefined) return false;
        this[index] = value;
        return true;
      },
    });
  }

  // By way of plain lists: what the engine makes of a vector by itself, it makes by its constructor and then grows. A species
  // of its own would be the way to say so, but the engine then never compiles the constructor.

  override slice(from?: number, to?: number): Vector {
    return new Vector(Array.from(this).slice(key(from) as number, key(to) as number));
  }

  override map<T>(change: (x: unknown, i: number, all: unknown[]) => T): T[] {
    return new Vector(Array.from(this, (x, i) => change(x, i, this))) as T[];
  }

  override filter(isKept: (x: unknown, i: number, all: unknown[]) => unknown): Vector {
    return new Vector(Array.from(this).filter((x, i) => isKept(x, i, this)));
  }

  override fill(value: unknown, from?: number, to?: number): this {
    return super.fill(element(value), key(from) as number, key(to) as number);
  }

  override sort(compare: (x: unknown, y: unknown) => number = order): this {
    return super.sort(compare);
  }

  override toSorted(compare: (x: unknown, y: unknown) => number = order): Vector {
    return new Vector(Array.from(this).sort(compare));
  }

  override toReversed(): Vector {
    return new Vector(Array.from(this).reverse());
  }

  override with(index: number, value: unknown): Vector {
    return new Vector(Array.from(this).with(key(index) as number, value));
  }

  toJSON(): object {
    return { ...this };
  }
}
