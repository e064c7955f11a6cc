/** Numbers by name that a trajectory carries from step to step, and from one run of its kernel to the next. */
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import type { Slice } from "../step/builder.ts";

export class Numbers<Name extends string> {
  private readonly slice: Slice;

  constructor(
    private readonly b: BatchBuilder,
    array: string,
    private readonly names: readonly Name[],
  ) {
    this.slice = b.remembered(array, names.length);
  }

  get(name: Name): Value {
    return this.b.get(this.at(name));
  }

  set(name: Name, value: Value): void {
    this.b.set(this.at(name), value);
  }

  setAll(values: Partial<Record<Name, Value>>): void {
    for (const name of this.names) if (values[name]) this.set(name, values[name]);
  }

  clear(): void {
    for (const name of this.names) this.set(name, this.b.f64(0));
  }

  private at(name: Name): ArrayArgument {
    return this.b.element(this.slice, this.b.i32(this.names.indexOf(name)));
  }
}
