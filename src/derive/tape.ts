/** Where a reverse program keeps what loops of unknown length leave behind: records, the last of which is taken off first. */
import type { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Value } from "../ir/ir.ts";

export class Tape {
  private readonly data: ArrayDeclaration;
  private readonly pointer: ArrayDeclaration;

  constructor(
    private readonly b: Builder,
    private readonly capacity: number,
  ) {
    this.data = b.localArray("tape", capacity);
    this.pointer = b.localArray("tape_pointer", 1, "i32");
  }

  begin(): void {
    this.b.store(this.pointer, this.b.i32(0), this.b.i32(0));
  }

  /** How many numbers it had to hold. */
  needed(): Value {
    return this.b.load(this.pointer, this.b.i32(0));
  }

  push(values: readonly Value[]): void {
    const { b } = this;
    const { array, offset } = this.reserve(values.length);
    values.forEach((value, k) => b.store(array, b.operation("i32.add", offset, b.i32(k)), b.toF64(value)));
  }

  /** Room for so many numbers; past its end it is nowhere useful, which `needed` tells. */
  reserve(count: number): ArrayArgument {
    const { b } = this;
    const top = this.needed();
    const last = b.i32(this.capacity - count);
    const offset = b.operation("i32.select", b.operation("i32.le", top, last), top, last);
    b.store(this.pointer, b.i32(0), b.operation("i32.add", top, b.i32(count)));
    return { array: this.data, offset };
  }

  pop(count: number): (k: number) => Value {
    const { b } = this;
    const { array, offset } = this.popStretch(count);
    return (k) => b.load(array, b.operation("i32.add", offset, b.i32(k)));
  }

  popStretch(count: number): ArrayArgument {
    const { b } = this;
    const offset = b.operation("i32.sub", this.needed(), b.i32(count));
    b.store(this.pointer, b.i32(0), offset);
    return { array: this.data, offset };
  }
}
