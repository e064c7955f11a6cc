/** Numbers by name in an array that programs and their callers share. */
import type { Builder } from "./builder.ts";
import type { ArrayDeclaration, Value } from "./ir.ts";

export type Indices<Name extends string> = Readonly<Record<Name, number>>;

/** Names with their indices. */
export function numbered<Name extends string>(names: readonly Name[]): Indices<Name> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<Name, number>;
}

export class Registers<Name extends string> {
  readonly array: ArrayDeclaration;

  /** A parameter of the program. */
  constructor(
    private readonly b: Builder,
    name: string,
    private readonly indices: Indices<Name>,
    element: "f64" | "i32",
  ) {
    this.array = b.arrayParameter(name, Object.keys(indices).length, "inout", element);
  }

  get(name: Name): Value {
    return this.b.load(this.array, this.b.i32(this.indices[name]));
  }

  set(name: Name, value: Value | number): void {
    const { array, b } = this;
    const stored = typeof value !== "number" ? value : array.element === "i32" ? b.i32(value) : b.f64(value);
    b.store(array, b.i32(this.indices[name]), stored);
  }

  /** Is an i32 register not zero? */
  isSet(name: Name): Value {
    return this.b.operation("i32.ne", this.get(name), this.b.i32(0));
  }

  /** Adds one to an i32; returns it. */
  increment(name: Name): Value {
    const next = this.b.operation("i32.add", this.get(name), this.b.i32(1));
    this.set(name, next);
    return next;
  }
}
