/**
 * The non-zero entries of a Jacobian, each computed on its own: every value carries its derivatives with respect to the few
 * elements of the input that it was made of (sparse forward mode: Griewank & Walther, "Evaluating Derivatives", 2nd ed., 2008,
 * section 7.1). A stencil costs a few operations an entry this way, however many colours its columns need.
 *
 * It is for programs that map elements of the input to elements of the output by scalar code, at indices that follow from loop
 * counters: with no array in between, and no sum over a loop.
 */
import { Builder, tripCount } from "../ir/builder.ts";
import { Clone, inline } from "../ir/clone.ts";
import { eliminate } from "../passes/eliminate.ts";
import { inlineCalls } from "../passes/inline-calls.ts";
import { rootsOf, varied, type Activity } from "../analysis/activity.ts";
import { Counters } from "../analysis/counters.ts";
import { isWrittenOnce, supersededStores } from "../analysis/write-order.ts";
import { walk, type ArrayArgument, type ArrayDeclaration, type Block, type For } from "../ir/ir.ts";
import type { Accumulate, Instruction, Let, Program, Store, Value } from "../ir/ir.ts";
import { splitLoops } from "../passes/split.ts";
import { push, settled, type Contribution } from "./contribution.ts";
import { hasRule } from "./rules.ts";

export interface EntriesOptions {
  readonly output: string;
  readonly input: string;
  /** How many entries there are, and where the one of a row and column goes; -1 for none. */
  readonly size: number;
  readonly position: (row: number, column: number) => number;
}

/**
 * The program with `values[size]`, the entries of d output / d input, in place of the output; undefined where it is no such map, or
 * has entries with no position.
 */
export function entriesOf(program: Program, options: EntriesOptions): Program | undefined {
  // Cut where indices change, loops have no branches that ask for them.
  const inlined = splitLoops(inlineCalls(program, (callee) => hasRule(callee, "jvp")));
  const [output, input] = rootsOf(inlined, [options.output, options.input]) as ArrayDeclaration[];
  const activity = varied(inlined, [input]);
  if (!isMap(inlined, activity, input, output) || !isWrittenOnce(inlined, output)) return undefined;
  const derive = (adds: boolean): Program | undefined => new Entries(inlined, activity, input, output, options, adds).derive();
  return derive(false) ?? derive(true);
}

/** Do derivatives flow from loads of the input to writes of the output through scalars alone, none of them carried or chosen? */
function isMap(program: Program, { arrays, values }: Activity, input: ArrayDeclaration, output: ArrayDeclaration): boolean {
  if ([...arrays].some((array) => array !== input && array !== output)) return false;
  for (const i of walk(program.body)) {
    if (i.kind === "if" && i.results.some((result) => values.has(result))) return false;
    if ((i.kind === "for" || i.kind === "while") && i.carried.some(({ phi }) => values.has(phi))) return false;
  }
  return true;
}

/** Derivatives with respect to elements of the input, by their index. */
type Partials = ReadonlyMap<Value, Contribution>;

class Entries extends Clone {
  private readonly partials = new Map<Value, Partials>();
  private readonly loops: For[] = [];
  private readonly counters = new Counters();
  private readonly written: Uint8Array;
  private possible = true;

  constructor(
    private readonly program: Program,
    private readonly activity: Activity,
    private readonly input: ArrayDeclaration,
    private readonly output: ArrayDeclaration,
    private readonly options: EntriesOptions,
    /** Entries are sums of contributions; otherwise each is written once. */
    private readonly adds: boolean,
  ) {
    super(new Builder(`${program.name}_entries`));
    this.written = new Uint8Array(options.size);
  }

  derive(): Program | undefined {
    const { b, program, output } = this;
    const args = program.parameters.map((parameter): ArrayArgument | Value => {
      if (parameter.kind === "scalar") {
        const { type, min, max } = parameter.value;
        return b.scalarParameter(parameter.name, type, min, max);
      }
      const { array } = parameter;
      const own =
        array === output
          ? b.arrayParameter("values", this.options.size, "output")
          : b.arrayParameter(array.name, array.size, "input");
      if (array === output && this.adds) b.fill(own, b.f64(0));
      return { array: own, offset: b.i32(0) };
    });
    inline(b, program, args, this);
    const complete = this.adds || this.written.every((writes) => writes === 1);
    return this.possible && complete ? eliminate(b.finish()) : undefined;
  }

  override block(block: Block): Value[] {
    const superseded = supersededStores(block, this.output);
    for (const instruction of block.instructions) if (!superseded.has(instruction)) this.instruction(instruction);
    return block.yields.map((value) => this.value(value));
  }

  override instruction(i: Instruction): void {
    if ((i.kind === "store" || i.kind === "accumulate") && i.array === this.output) return this.write(i);
    // The entries themselves are filled where that matters.
    if (i.kind === "fill" && i.array === this.output) return;
    if (i.kind === "for") this.loops.push(i);
    super.instruction(i);
    if (i.kind === "for") this.loops.pop();
    if (i.kind === "load" && i.array === this.input) {
      this.partials.set(i.result, new Map([[this.value(i.index), { value: this.b.f64(1) }]]));
    }
    if (i.kind === "let" && this.activity.values.has(i.result)) this.partials.set(i.result, this.chained(i));
  }

  /** The chain rule: the sum over the arguments of the operation's partial with respect to it times its own partials. */
  private chained(i: Let): Partials {
    const { b } = this;
    const { args, result } = i;
    const through = push(
      b,
      i,
      args.map((arg) => this.value(arg)),
      this.value(result),
    );
    const inner = args.map((arg) => this.partials.get(arg));
    const indices = new Set(inner.flatMap((partials) => [...(partials?.keys() ?? [])]));
    const outer = new Map<Value, Contribution>();
    for (const index of indices) {
      const partial = through(inner.map((partials) => partials?.get(index)));
      if (partial) outer.set(index, partial);
    }
    return outer;
  }

  /** The entries of the row that an element of the output is. */
  private write(i: Store | Accumulate): void {
    const { b } = this;
    const partials = [...(this.partials.get(i.value) ?? [])]
      .map(([column, entry]) => [column, settled(b, entry)] as const)
      .filter(([, entry]) => entry.constant !== 0);
    if (partials.length === 0) return;
    const { array } = this.arrays.get(this.output)!;
    const positions = this.positionsOf(
      this.value(i.index),
      partials.map(([column]) => column),
    );
    const table = this.loops.length > 0 ? b.constantArray("positions", positions) : undefined;
    const first = b.operation("i32.mul", this.iteration(), b.i32(partials.length));
    partials.forEach(([, entry], k) => {
      const position = table ? b.load(table, b.operation("i32.add", first, b.i32(k))) : b.i32(positions[k]);
      b[this.adds ? "accumulate" : "store"](array, position, entry);
    });
  }

  /** Where the entries go, side by side for each iteration of the loops around. */
  private positionsOf(row: Value, columns: readonly Value[]): Int32Array {
    const readRow = this.counters.reader(row);
    const readers = columns.map((column) => this.counters.reader(column));
    const positions: number[] = [];
    this.counters.each(
      this.loops,
      (loop) => this.values.get(loop.index)!,
      () => {
        const at = readRow();
        for (const read of readers) positions.push(this.positionOf(at, read()));
      },
    );
    return Int32Array.from(positions);
  }

  private positionOf(row: number, column: number): number {
    const position = Number.isNaN(column) ? -1 : this.options.position(row, column);
    if (position < 0 || (this.written[position]++ > 0 && !this.adds)) this.possible = false;
    return Math.max(position, 0);
  }

  /** The number of the present iteration of all loops around. */
  private iteration(): Value {
    const { b } = this;
    let number = b.i32(0);
    for (const { index, from, to, step } of this.loops) {
      const offset = b.operation("i32.sub", this.values.get(index)!, b.i32(from.constant!));
      const own = step === 1 ? offset : b.operation("i32.div", offset, b.i32(step));
      number = b.operation("i32.add", b.operation("i32.mul", number, b.i32(tripCount(from, to, step)!)), own);
    }
    return number;
  }
}
