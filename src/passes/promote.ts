/**
 * Small local arrays as scalar values: where every element is named by a constant, loads and stores become values, carried through
 * loops and yielded by branches (scalar replacement; Cytron et al., "Efficiently computing static single assignment form and the
 * control dependence graph", 1991). On SIMD lanes and on GPUs, memory of one's own is dear.
 */
import type { Builder } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import { eliminate } from "./eliminate.ts";
import {
  blocksOf,
  walk,
  type ArrayDeclaration,
  type Block,
  type For,
  type If,
  type Instruction,
  type Program,
  type Value,
  type While,
} from "../ir/ir.ts";
import { unrollLoops } from "./unroll.ts";

/** Elements of an array that may become as many values. */
const LARGEST = 64;

export function promoteArrays(program: Program): Program {
  const unrolled = unrollLoops(program);
  const promoted = promotable(unrolled);
  if (promoted.size === 0) return program;
  return eliminate(rebuild(unrolled, (b) => new Promotion(b, promoted)));
}

function promotable(program: Program): ReadonlySet<ArrayDeclaration> {
  const candidates = new Set(
    program.arrays.filter(({ role, element, size }) => role === "local" && element === "f64" && size <= LARGEST),
  );
  for (const i of walk(program.body)) {
    if (i.kind === "load" || i.kind === "store" || i.kind === "accumulate") {
      const at = i.index.constant;
      if (at === undefined || at < 0 || at >= i.array.size) candidates.delete(i.array);
    } else if (i.kind === "call") {
      for (const argument of i.args) if ("array" in argument) candidates.delete(argument.array);
    } else if (i.kind === "while") {
      // Its condition runs once more than its body.
      for (const { array } of writtenIn(i.condition)) candidates.delete(array);
    }
  }
  return candidates;
}

interface Cell {
  readonly array: ArrayDeclaration;
  readonly index: number;
}

/** Elements that are written; of arrays whose indices are constants. */
function writtenIn(...blocks: readonly Block[]): readonly Cell[] {
  const written = new Map<ArrayDeclaration, Set<number>>();
  const note = (array: ArrayDeclaration, ...indices: readonly number[]): void => {
    const known = written.get(array);
    if (known) for (const index of indices) known.add(index);
    else written.set(array, new Set(indices));
  };
  for (const block of blocks) {
    for (const i of walk(block)) {
      if (i.kind === "store" || i.kind === "accumulate") note(i.array, i.index.constant!);
      else if (i.kind === "fill") note(i.array, ...Array.from({ length: i.array.size }, (_, index) => index));
    }
  }
  return [...written].flatMap(([array, indices]) => [...indices].map((index) => ({ array, index })));
}

class Promotion extends Clone {
  /** What the elements hold at present. */
  private readonly contents = new Map<ArrayDeclaration, Value[]>();

  constructor(
    b: Builder,
    private readonly promoted: ReadonlySet<ArrayDeclaration>,
  ) {
    super(b);
    for (const array of promoted) this.contents.set(array, Array<Value>(array.size).fill(b.f64(0)));
  }

  override instruction(i: Instruction): void {
    const { b } = this;
    b.source = "source" in i ? i.source : undefined;
    switch (i.kind) {
      case "load": {
        const cells = this.contents.get(i.array);
        if (!cells) return super.instruction(i);
        this.values.set(i.result, cells[i.index.constant!]);
        return;
      }
      case "store":
      case "accumulate": {
        const cells = this.contents.get(i.array);
        if (!cells) return super.instruction(i);
        const at = i.index.constant!;
        const value = this.value(i.value);
        cells[at] = i.kind === "store" ? value : b.operation("add", cells[at], value);
        return;
      }
      case "fill": {
        const cells = this.contents.get(i.array);
        if (!cells) return super.instruction(i);
        cells.fill(this.value(i.value));
        return;
      }
      case "if":
        return this.if(i);
      case "for":
        return this.for(i);
      case "while":
        return this.while(i);
      default:
        super.instruction(i);
    }
  }

  private if(i: If): void {
    const cells = this.written(...blocksOf(i));
    const before = this.read(cells);
    const [then, otherwise] = [i.then, i.else].map((block) => (): readonly Value[] => {
      this.write(cells, before);
      const yields = this.block(block);
      return [...yields, ...this.read(cells)];
    });
    this.finish(i.results, cells, this.b.if(this.value(i.condition), then, otherwise));
  }

  private for(i: For): void {
    const cells = this.written(i.body);
    const initial = [...i.carried.map((c) => this.value(c.initial)), ...this.read(cells)];
    const body = (index: Value, carried: readonly Value[]): readonly Value[] => {
      this.values.set(i.index, index);
      return this.iteration(i, cells, carried);
    };
    const results = this.b.for(this.value(i.from), this.value(i.to), i.step, initial, body, i.mayNotEnd);
    this.finish(i.results, cells, results);
  }

  private while(i: While): void {
    const cells = this.written(i.body);
    const initial = [...i.carried.map((c) => this.value(c.initial)), ...this.read(cells)];
    const condition = (carried: readonly Value[]): Value => {
      this.enter(i, cells, carried);
      return this.block(i.condition)[0];
    };
    const intervals = i.carried.map((c) => [c.phi.min, c.phi.max] as const);
    const body = (carried: readonly Value[]): readonly Value[] => this.iteration(i, cells, carried);
    const results = this.b.while(initial, condition, body, intervals, i.mayNotEnd);
    this.finish(i.results, cells, results);
  }

  private written(...blocks: readonly Block[]): readonly Cell[] {
    return writtenIn(...blocks).filter(({ array }) => this.promoted.has(array));
  }

  private read(cells: readonly Cell[]): Value[] {
    return cells.map(({ array, index }) => this.contents.get(array)![index]);
  }

  private write(cells: readonly Cell[], values: readonly Value[]): void {
    cells.forEach(({ array, index }, k) => (this.contents.get(array)![index] = values[k]));
  }

  private enter(i: Extract<Instruction, { kind: "for" | "while" }>, cells: readonly Cell[], carried: readonly Value[]): void {
    i.carried.forEach(({ phi }, k) => this.values.set(phi, carried[k]));
    this.write(cells, carried.slice(i.carried.length));
  }

  private iteration(
    i: Extract<Instruction, { kind: "for" | "while" }>,
    cells: readonly Cell[],
    carried: readonly Value[],
  ): readonly Value[] {
    this.enter(i, cells, carried);
    const yields = this.block(i.body);
    return [...yields, ...this.read(cells)];
  }

  private finish(results: readonly Value[], cells: readonly Cell[], values: readonly Value[]): void {
    results.forEach((result, k) => this.values.set(result, values[k]));
    this.write(cells, values.slice(results.length));
  }
}
