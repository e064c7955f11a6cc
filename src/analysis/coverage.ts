/**
 * Which elements of an array are certainly written, in the order of the program: loops of known length are gone through iteration by
 * iteration, of two branches counts what both write, and of loops of unknown length nothing.
 */
import { affine } from "../ir/affine.ts";
import {
  blocksOf,
  operandsOf,
  type ArrayDeclaration,
  type Block,
  type Call,
  type For,
  type Instruction,
  type Program,
  type Value,
} from "../ir/ir.ts";
import { arraysOf } from "../ir/calls.ts";
import { Counters } from "./counters.ts";

/** Accesses to look at; where there are more, nothing is certain. */
const MOST_ACCESSES = 2 ** 20;

/** Is every element of the array stored on every path through the program? (A sufficient condition.) */
export function isWrittenThroughout(program: Program, array: ArrayDeclaration): boolean {
  const coverage = new Coverage(array);
  coverage.block(program.body);
  return coverage.isComplete;
}

/** Is no element of the array read that was not stored since the array was last filled? (A sufficient condition.) */
export function isReadOnlyWritten(program: Program, array: ArrayDeclaration): boolean {
  const coverage = new Coverage(array, true);
  coverage.block(program.body);
  return !coverage.readsUnwritten;
}

/**
 * Elements of the array that are read without having been stored, which no store of the program reaches: they hold what they held
 * before. Undefined where an element may be read that other calls store.
 */
export function neverStored(program: Program, array: ArrayDeclaration): readonly number[] | undefined {
  const coverage = new Coverage(array);
  coverage.block(program.body);
  if (!coverage.readsUnwritten) return [];
  if (coverage.isAnyRead || coverage.isAnyStored) return undefined;
  const read = [...coverage.unwrittenReads];
  return read.some((index) => coverage.stored[index]) ? undefined : read;
}

class Coverage {
  readsUnwritten = false;
  /** Those that were read unwritten; and whether there may be others. */
  readonly unwrittenReads = new Set<number>();
  isAnyRead = false;
  /** Those that some path stores; and whether there may be others. */
  readonly stored: Uint8Array;
  isAnyStored = false;
  private readonly counters = new Counters();
  private readonly written: Uint8Array;
  /** What was written, in order, so that it can be taken back. */
  private readonly order: Int32Array;
  private count = 0;
  private readonly touchings = new Map<Block, readonly Instruction[]>();
  private accesses = 0;

  /** `fillsEmpty`: after a fill the array counts as unwritten. */
  constructor(
    private readonly array: ArrayDeclaration,
    private readonly fillsEmpty = false,
  ) {
    this.written = new Uint8Array(array.size);
    this.stored = new Uint8Array(array.size);
    this.order = new Int32Array(array.size);
  }

  get isComplete(): boolean {
    return this.count === this.array.size;
  }

  block(block: Block): void {
    // Once all is written, nothing that follows can be read unwritten.
    for (const i of this.touching(block)) if (this.fillsEmpty || !this.isComplete) this.instruction(i);
  }

  private instruction(i: Instruction): void {
    switch (i.kind) {
      case "let":
        return;
      case "load":
      case "accumulate":
        return this.read(this.valueOf(i.index));
      case "store":
        return this.write(this.valueOf(i.index));
      case "fill":
        if (this.fillsEmpty) this.takeBack(0);
        else this.writeAll(0, this.array.size);
        return;
      case "call":
        return this.call(i);
      case "if": {
        const condition = this.valueOf(i.condition);
        if (condition === condition) return this.block(condition ? i.then : i.else);
        return this.either(i.then, i.else);
      }
      case "for": {
        const [from, to] = [this.valueOf(i.from), this.valueOf(i.to)];
        const count = Math.max(0, Math.ceil((to - from) / i.step));
        if (!(count <= MOST_ACCESSES)) return this.perhaps(i.index, [i.body]);
        const stride = this.strideOf(i);
        if (stride !== undefined) {
          this.counters.set(i.index, from);
          return this.writeAll(this.valueOf(operandsOf(this.touching(i.body)[0])[0]), count, stride * i.step);
        }
        for (let k = 0; k < count && this.accesses <= MOST_ACCESSES; k++) {
          this.counters.set(i.index, from + k * i.step);
          this.block(i.body);
        }
        if (this.accesses > MOST_ACCESSES) this.giveUp();
        return;
      }
      case "while":
        return this.perhaps(undefined, blocksOf(i));
    }
  }

  private call(call: Call): void {
    const { inputs, outputs } = arraysOf(call);
    for (const { parameter, at } of inputs) {
      if (at.array !== this.array) continue;
      const offset = this.valueOf(at.offset);
      for (let k = 0; k < parameter.size; k++) this.read(offset + k);
    }
    for (const { parameter, at } of outputs) {
      if (at.array !== this.array) continue;
      if (parameter.role === "output") this.writeAll(this.valueOf(at.offset), parameter.size);
      else this.isAnyStored = true;
    }
  }

  private giveUp(): void {
    this.readsUnwritten = this.isAnyRead = this.isAnyStored = true;
  }

  /** Any iteration of a loop, or none. */
  private perhaps(counter: Value | undefined, blocks: readonly Block[]): void {
    if (counter) this.counters.set(counter, NaN);
    const before = this.count;
    blocks.forEach((block) => this.block(block));
    this.takeBack(before);
  }

  private either(then: Block, otherwise: Block): void {
    const before = this.count;
    this.block(then);
    const inThen = new Set(this.takeBack(before));
    this.block(otherwise);
    const inElse = this.takeBack(before);
    for (const index of inElse) if (inThen.has(index)) this.write(index);
  }

  private read(index: number): void {
    this.accesses++;
    const isOutside = index < 0 || index >= this.array.size;
    const isUnknown = !Number.isInteger(index) || this.accesses > MOST_ACCESSES;
    if (this.accesses <= MOST_ACCESSES && (isUnknown ? this.isComplete : isOutside || this.written[index])) return;
    this.readsUnwritten = true;
    if (isUnknown) this.isAnyRead = true;
    else this.unwrittenReads.add(index);
  }

  private write(index: number): void {
    this.accesses++;
    if (!Number.isInteger(index) || this.accesses > MOST_ACCESSES) this.isAnyStored = true;
    this.mark(index);
  }

  private mark(index: number): void {
    if (!(index >= 0 && index < this.array.size) || this.written[index]) return;
    this.written[index] = this.stored[index] = 1;
    this.order[this.count++] = index;
  }

  private writeAll(offset: number, count: number, stride = 1): void {
    if (!Number.isInteger(offset)) this.isAnyStored = true;
    for (let k = 0; k < count; k++) this.mark(offset + k * stride);
  }

  /** Of a loop that does no more with the array than to store an element each iteration: how far apart they lie, where that is constant. */
  private strideOf({ index, body }: For): number | undefined {
    const [store, second] = this.touching(body);
    if (store?.kind !== "store" || second) return undefined;
    const { terms } = affine(store.index);
    return [...terms.keys()].some((term) => term.definition) ? undefined : terms.get(index);
  }

  /** Takes back what was written after the first `length`. */
  private takeBack(length: number): Int32Array {
    const taken = this.order.slice(length, this.count);
    for (const index of taken) this.written[index] = 0;
    this.count = length;
    return taken;
  }

  private valueOf(value: Value): number {
    return value.constant ?? this.counters.reader(value)();
  }

  /** The instructions that have to do with the array. */
  private touching(block: Block): readonly Instruction[] {
    let found = this.touchings.get(block);
    if (!found) {
      found = block.instructions.filter(
        (i) =>
          ("array" in i && i.array === this.array) ||
          (i.kind === "call" && i.args.some((arg) => "array" in arg && arg.array === this.array)) ||
          blocksOf(i).some((inner) => this.touching(inner).length > 0),
      );
      this.touchings.set(block, found);
    }
    return found;
  }
}
