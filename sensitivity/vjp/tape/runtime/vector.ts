/** Float64Array for numbers traced or not. */
import { Untraceable } from "../../../../src/errors.ts";
import { key } from "./operators.ts";

/** A list of fixed length; what typed arrays share with lists is inherited. */
export class Vector extends Array<unknown> {
  static readonly BYTES_PER_ELEMENT = 8;

  /** What lists make of themselves in between has no fixed length. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

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
    super();
    const size = key(source);
    if (size instanceof ArrayBuffer || size instanceof DataView) {
      throw new Untraceable(
        "a Float64Array over an ArrayBuffer: bytes keep no derivatives. Make it with a length, or from an array.",
      );
    }
    if (typeof size === "object" && size !== null)
      for (const element of Array.from(size as Iterable<unknown> | ArrayLike<unknown>)) this.push(element);
    else for (let i = 0; i < Number(size); i++) this.push(0);
    Object.preventExtensions(this);
  }

  set(source: ArrayLike<unknown>, offset: unknown = 0): void {
    const start = key(offset) as number;
    // A copy, for the two may overlap.
    Array.from(source).forEach((element, i) => (this[start + i] = element));
  }

  /** A view: writes go to this vector. */
  subarray(from = 0, to = this.length): Vector {
    const place = (index: number): number => Math.min(this.length, index < 0 ? Math.max(0, this.length + index) : index);
    const start = place(key(from) as number);
    const size = Math.max(0, place(key(to) as number) - start);
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

  override slice(from?: number, to?: number): Vector {
    return new Vector(super.slice(key(from) as number, key(to) as number));
  }

  override map<T>(change: (x: unknown, i: number, all: unknown[]) => T): T[] {
    return new Vector(super.map(change)) as T[];
  }

  override filter(isKept: (x: unknown, i: number, all: unknown[]) => unknown): Vector {
    return new Vector(super.filter(isKept));
  }
}
