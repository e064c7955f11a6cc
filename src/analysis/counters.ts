/** Integers that follow from loop counters and constants alone, such as the indices of a stencil. */
import { memo } from "../core/memo.ts";
import { affine } from "../ir/affine.ts";
import { tripCount } from "../ir/builder.ts";
import type { For, Value } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";
import { fixedNumbers } from "../ir/tables.ts";

type Reader = () => number;

export class Counters {
  private readonly cell = memo((_counter: Value) => ({ number: NaN }));

  set(counter: Value, number: number): void {
    this.cell(counter).number = number;
  }

  /** Reads a value at the present counters; NaN where it depends on anything else. */
  readonly reader = memo((value: Value): Reader => this.makeReader(value));

  /** Calls `visit` at every iteration of nested loops of known length; `counter` gives the value that counts a loop. */
  each(loops: readonly For[], counter: (loop: For) => Value, visit: () => void): void {
    const [loop, ...inner] = loops;
    if (!loop) return visit();
    const count = tripCount(loop.from, loop.to, loop.step)!;
    const cell = this.cell(counter(loop));
    for (let k = 0; k < count; k++) {
      cell.number = loop.from.constant! + k * loop.step;
      this.each(inner, counter, visit);
    }
  }

  private makeReader(value: Value): Reader {
    const { constant, terms } = affine(value);
    const readers = [...terms].map(([term, factor]): Reader => {
      const read = this.term(term);
      return factor === 1 ? read : () => factor * read();
    });
    if (readers.length === 0) return () => constant;
    const [first, second, third = () => 0] = readers;
    if (readers.length === 1) return () => constant + first();
    if (readers.length <= 3) return () => constant + first() + second() + third();
    return () => readers.reduce((sum, read) => sum + read(), constant);
  }

  private term(value: Value): Reader {
    const { definition } = value;
    if (!definition) {
      const cell = this.cell(value);
      return () => cell.number;
    }
    if (definition.kind === "load") {
      const data = fixedNumbers(definition.array);
      const index = this.reader(definition.index);
      return () => data?.[index()] ?? NaN;
    }
    const operation = scalarOperations[definition.operation].value;
    const args = definition.args.map((arg) => (arg.constant === undefined ? this.reader(arg) : () => arg.constant!));
    return () => {
      const numbers = args.map((read) => read());
      return numbers.some(Number.isNaN) ? NaN : operation(...numbers);
    };
  }
}
