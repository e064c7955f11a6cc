/**
 * Which paths a program takes: a program that tells what its decisions are at a point, to see when it takes a path that it did not take
 * before. Decisions are comparisons, whatever is made of them (branches, choices, `&&`, ends of loops), and loops that may not run.
 */
import { Builder } from "../ir/builder.ts";
import { Clone, inline } from "../ir/clone.ts";
import { eliminate } from "../passes/eliminate.ts";
import { inlineCalls } from "../passes/inline-calls.ts";
import { walk, type ArrayArgument, type ArrayDeclaration, type Instruction, type Program, type Value } from "../ir/ir.ts";

export interface Paths {
  /**
   * (output path[1], inout taken[2 × decisions], inputs and scalars as of the program): a number that is the same only where all
   * decisions outside of loops are (but for chance), and which outcomes of each were met, noted as 1 and never taken back.
   */
  readonly program: Program;
  readonly decisions: number;
  /** Those outside of loops. */
  readonly apart: number;
}

/** Undefined for a program that has one path only. */
export function pathsOf(whole: Program): Paths | undefined {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const indices = new Map<Instruction, number>();
  for (const i of walk(program.body)) if (isDecision(i)) indices.set(i, indices.size);
  if (indices.size === 0) return undefined;
  const b = new Builder(`${program.name}_paths`);
  const path = b.arrayParameter("path", 1, "output");
  const taken = b.arrayParameter("taken", 2 * indices.size, "inout");
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar") {
      const { type, min, max } = parameter.value;
      return b.scalarParameter(parameter.name, type, min, max);
    }
    const { name, size, role } = parameter.array;
    const array = role === "input" ? b.arrayParameter(name, size, "input") : b.localArray(name, size);
    return { array, offset: b.i32(0) };
  });
  b.fill(path, b.f64(0));
  const noting = new Noting(b, indices, { path, taken });
  inline(b, program, args, noting);
  return { program: eliminate(b.finish()), decisions: indices.size, apart: noting.apart };
}

function isDecision(i: Instruction): boolean {
  if (i.kind === "let") return i.result.type === "bool" && i.result.constant === undefined;
  return i.kind === "for" && (i.from.constant === undefined || i.to.constant === undefined);
}

/** Irrational, so that no sums of its powers are equal but for rounding. */
const FADING = Math.PI / 4;

class Noting extends Clone {
  apart = 0;
  private loops = 0;

  constructor(
    b: Builder,
    private readonly indices: ReadonlyMap<Instruction, number>,
    private readonly notes: Readonly<Record<"path" | "taken", ArrayDeclaration>>,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    const index = this.indices.get(i);
    const { b } = this;
    if (index !== undefined && i.kind === "for") {
      const runs = b.operation(i.step > 0 ? "i32.lt" : "i32.gt", this.value(i.from), this.value(i.to));
      this.note(index, runs);
    }
    const isLoop = i.kind === "for" || i.kind === "while";
    if (isLoop) this.loops++;
    super.instruction(i);
    if (isLoop) this.loops--;
    if (index !== undefined && i.kind === "let") this.note(index, this.value(i.result));
  }

  /** The number is a sum of powers of another: in loops it would take longer than the decisions do. */
  private note(index: number, outcome: Value): void {
    const { b } = this;
    const { path, taken } = this.notes;
    const chosen = b.operation("i32.from_bool", outcome);
    b.store(taken, b.operation("i32.add", b.i32(2 * index), chosen), b.f64(1));
    if (this.loops > 0) return;
    this.apart++;
    const [first, number] = [b.i32(0), b.operation("f64.from_i32", chosen)];
    const before = b.operation("mul", b.f64(FADING), b.load(path, first));
    b.store(path, first, b.operation("add", before, number));
  }
}
