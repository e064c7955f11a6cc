/** The blocks of a program that are being built, outermost first, and where in them values may be used. */
import { InternalError } from "../core/errors.ts";
import type { ArrayDeclaration, Block, Instruction, ScalarType, Value } from "./ir.ts";
import { AvailableElements } from "./available-elements.ts";

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** What is computed from what: a number where it is short, which is looked up faster than a text. */
export type SharedKey = string | number;

export interface OpenBlock {
  readonly block: Block;
  /** What a loop's body computes from outside values alone may move before the loop; nothing moves out of a branch. */
  readonly isLoop: boolean;
  readonly shared: Map<SharedKey, Value>;
  readonly memory: AvailableElements;
  readonly written: Set<ArrayDeclaration>;
}

/** Builds on at the end of a block that was already built. */
export type Continue = <T>(build: () => T) => T;

export class OpenBlocks {
  private readonly blocks: OpenBlock[] = [];
  /** The values made so far, and the blocks they belong to, by their ids. */
  private readonly values: Value[] = [];
  private readonly levels: number[] = [];
  private readonly constants = {
    f64: new Map<unknown, Value>(),
    i32: new Map<unknown, Value>(),
    bool: new Map<unknown, Value>(),
  };

  /** `name`: of the program, for messages. */
  constructor(private readonly name: string) {
    this.open(false);
  }

  /** How many are open: one, where nothing but the program's own is. */
  get depth(): number {
    return this.blocks.length;
  }

  /** One of them, the program's own at 0. */
  at(level: number): OpenBlock {
    return this.blocks[level];
  }

  /** The innermost. */
  get top(): OpenBlock {
    return this.blocks[this.blocks.length - 1];
  }

  private open(isLoop: boolean): OpenBlock {
    // A loop's body also sees what its earlier iterations wrote, so it starts knowing nothing.
    const memory = new AvailableElements(isLoop || !this.blocks.length ? undefined : this.top.memory);
    const block: OpenBlock = { block: { instructions: [], yields: [] }, isLoop, shared: new Map(), memory, written: new Set() };
    this.blocks.push(block);
    return block;
  }

  /** Builds a block. One that `run` gives up with an exception leaves nothing but pure instructions moved out of it. */
  build(isLoop: boolean, run: () => void): OpenBlock {
    const depth = this.blocks.length;
    const block = this.open(isLoop);
    try {
      run();
    } finally {
      this.blocks.length = depth;
    }
    return block;
  }

  /** The body, or condition, of a loop: `build` returns what it yields. */
  yielding(build: () => readonly Value[]): OpenBlock {
    return this.build(true, () => {
      this.top.block.yields = [...build()];
    });
  }

  continue(block: OpenBlock): Continue {
    return (build) => {
      this.blocks.push(block);
      try {
        return build();
      } finally {
        this.blocks.pop();
      }
    };
  }

  /** Appends to the block at a level, the innermost by default. */
  add(instruction: Instruction, level = this.depth - 1): void {
    this.blocks[level].block.instructions.push(instruction);
  }

  /** A value of the open block at a level. */
  newValue(type: ScalarType, level: number, min = INT_MIN, max = INT_MAX): Value {
    return this.make(level, type, undefined, min, max);
  }

  /** One value for each number. */
  constant(type: ScalarType, constant: number): Value {
    const known = this.constants[type];
    const key = Object.is(constant, -0) ? "-0" : constant;
    let value = known.get(key);
    if (!value) {
      value = this.make(0, type, constant, constant, constant);
      known.set(key, value);
    }
    return value;
  }

  /** With all its properties from the beginning: engines are fast where objects of a kind have the same. */
  private make(level: number, type: ScalarType, constant: number | undefined, min: number, max: number): Value {
    const value: Value = { id: this.values.length, type, constant, min, max, definition: undefined };
    this.values.push(value);
    this.levels.push(level);
    return value;
  }

  /** Undefined of a value of another program. */
  private levelOf(value: Value): number | undefined {
    return this.values[value.id] === value ? this.levels[value.id] : undefined;
  }

  /** What was computed before, in this block or in one around it. */
  lookup(key: SharedKey): Value | undefined {
    for (let i = this.blocks.length - 1; i >= 0; i--) {
      const value = this.blocks[i].shared.get(key);
      if (value) return value;
    }
    return undefined;
  }

  /** Right after a block was closed: may the value be used, or was it that block's own? */
  isInScope(value: Value): boolean {
    const depth = this.levelOf(value);
    return depth !== undefined && depth < this.blocks.length;
  }

  /** The outermost open block that may compute something of these arguments: out of loops, never out of a branch. */
  levelFor(args: readonly Value[]): number {
    let needed = 0;
    for (const arg of args) {
      const depth = this.levelOf(arg);
      if (depth === undefined || depth >= this.blocks.length)
        throw new InternalError(`program ${this.name}: a value is used outside its block`);
      needed = Math.max(needed, depth);
    }
    let level = this.blocks.length - 1;
    while (level > needed && this.blocks[level].isLoop) level--;
    return level;
  }

  /** The instructions of a block that was closed become part of the innermost, and may be used there. */
  adopt({ block, shared }: OpenBlock): void {
    for (const instruction of block.instructions) {
      this.top.block.instructions.push(instruction);
      if ("result" in instruction && instruction.result) this.levels[instruction.result.id] = this.depth - 1;
    }
    shared.forEach((value, key) => this.top.shared.set(key, value));
  }

  /** Drops what is known of the elements that a write at `index` (anywhere, without one) may change. */
  touch(array: ArrayDeclaration, index?: Value): void {
    for (const block of this.blocks) block.written.add(array);
    if (index) this.top.memory.touch(array, index);
    else this.top.memory.forget(array);
  }

  /** Drops what is known of the elements of arrays. */
  forget(arrays: Iterable<ArrayDeclaration>): void {
    for (const array of arrays) this.top.memory.forget(array);
  }
}
