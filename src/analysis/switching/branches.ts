/**
 * The decisions of a program on the state, held: each turns out as a table says, wherever the state is, so that the program is smooth
 * until the table is filled anew. Up to where one switches, that is what the program itself does; how far that is, its margin tells.
 */
import { memo } from "../../core/memo.ts";
import type { SourceLocation } from "../../core/source-location.ts";
import { Builder, tripCount } from "../../ir/builder.ts";
import { Clone, inline, parametersOf } from "../../ir/clone.ts";
import {
  blocksOf,
  walk,
  type ArrayArgument,
  type Block,
  type For,
  type Instruction,
  type Let,
  type Program,
  type Value,
} from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { makeTable } from "../../ir/tables.ts";
import { eliminate } from "../../passes/eliminate.ts";
import { inlineCalls } from "../../passes/inline-calls.ts";
import { unrollChosen } from "../../passes/unroll.ts";
import { dependence, dependenceOn } from "../dependence.ts";
import { inlineHeld } from "./domain.ts";
import { denominatorOf, hasPole, polesBefore } from "./poles.ts";
import { jumping, kinked, outcomeOf, outsideLoops } from "./outcomes.ts";

/** Decisions that are held, at most. */
export const MOST_HELD = 64;

export interface Branches {
  /** Where the decisions that are held stand in the text, in the order of the program. */
  readonly held: readonly (SourceLocation | undefined)[];
  /** Of each: is it the sign of a denominator, through which others look? Where that changes none can be held. */
  readonly isPole: readonly boolean[];
  /** How each turns out; whether that holds (1) or they turn out as the state has it (0); and what is added to the margin of each. */
  readonly table: Float64Array;
  /** (output du, input u, input p, scalar t): the program, which reads the table. */
  readonly program: Program;
  /** (output margins, input u, input p, scalar t): of each decision how far it is from switching, negative beyond that; 1 where it is not met. */
  readonly margins: Program;
  /** (output outcomes, input u, input p, scalar t): what the table would hold of each decision for this state; NaN where it is not met. */
  readonly outcomes: Program;
}

/** Of a program (output du, input u, input p, scalar t); undefined where no decision on the state can be held. */
export const branchesOf = memo((whole: Program): Branches | undefined => {
  const { program, held } = surveyOf(whole);
  if (held.length === 0) return undefined;
  const indices = new Map(held.map((decision, k) => [decision, k]));
  const table = makeTable(new Float64Array(2 * held.length + 1), indices);
  return {
    held: held.map(({ source }) => source),
    isPole: held.map(hasPole),
    table,
    program: heldProgram(program, indices, table),
    margins: noting(program, indices, table, "margins", 1, (b, { operation }, args, { mode, residual }) =>
      b.operation("add", marginOf(b, operation, args, mode), residual),
    ),
    outcomes: noting(program, indices, table, "outcomes", NaN, (b, i, args, { raw }) =>
      hasPole(i) ? outcomeOf(b, "abs", [denominatorOf(b, i.operation, args)], raw) : outcomeOf(b, i.operation, args, raw),
    ),
  };
});

/** Where decisions on the state stand that may jump and are not held: those in long loops, angles, those on these, and beyond the most that are held. */
export function decisionsNotHeld(whole: Program): readonly SourceLocation[] {
  return surveyOf(whole).free.flatMap(({ source }) => source ?? []);
}

/** The program with its short loops written out, and the decisions in it that are held, and that are not. */
export const surveyOf = memo(
  (whole: Program): { readonly program: Program; readonly held: readonly Let[]; readonly free: readonly Let[] } => {
    const inlined = inlineCalls(whole, (callee) => callee.rules !== undefined);
    const found = decisionsIn(inlined);
    const counted = found.filter(({ times }) => times !== undefined);
    const isFew = counted.reduce((sum, { times }) => sum + times!, 0) <= MOST_HELD;
    const loops = new Set(isFew ? counted.flatMap((one) => one.loops) : []);
    const program = loops.size > 0 ? unrollChosen(inlined, (loop) => loops.has(loop)) : inlined;
    const all = loops.size > 0 ? decisionsIn(program) : found;
    const straight = all.flatMap(({ decision, loops: around, times }) =>
      around.length === 0 && times !== undefined ? [decision] : [],
    );
    const jumps = behindJumps(program, new Set(straight));
    const continuous = straight.filter(({ args }) => !args.some((arg) => jumps.has(arg))).slice(0, MOST_HELD);
    const watched = new Set([...continuous, ...polesBefore(program, continuous)]);
    const held = walk(program.body).filter((i): i is Let => watched.has(i as Let));
    return { program, held, free: jumpsBeside(program, new Set(held)) };
  },
);

interface Found {
  readonly decision: Let;
  /** The loops that it stands in. */
  readonly loops: readonly For[];
  /** How often it is met; undefined where that is not known. */
  readonly times: number | undefined;
}

/** An angle jumps along a half-line, which no margin tells. */
const isDecision = ({ operation }: Let): boolean => operation !== "atan2" && (jumping.has(operation) || kinked.has(operation));

function decisionsIn(program: Program): Found[] {
  const { values } = dependence(program, ["u"]);
  const found: Found[] = [];
  const block = ({ instructions }: Block, loops: readonly For[], times: number | undefined): void => {
    for (const i of instructions) {
      if (i.kind === "let" && isDecision(i) && i.args.some((arg) => values.has(arg))) {
        // Kinks of what is computed in loops, as by layers of a network, are left to the control of errors.
        const isLeft = loops.length > 0 && kinked.has(i.operation);
        found.push({ decision: i, loops, times: isLeft ? undefined : times });
      }
      const inner = i.kind === "for" ? tripCount(i.from, i.to, i.step) : i.kind === "while" ? undefined : 1;
      const each = times === undefined || inner === undefined ? undefined : times * inner;
      for (const one of blocksOf(i)) block(one, i.kind === "for" ? [...loops, i] : loops, each);
    }
  };
  block(program.body, [], 1);
  return found;
}

/**
 * What carries anything of what may jump with the state and is not held: of an index that a loop finds, an angle, a pole in a loop. No step can
 * be made to end where it jumps, and a decision on it that is held would stay on its old side behind that.
 */
function behindJumps(program: Program, straight: ReadonlySet<Let>): ReadonlySet<Value> {
  const poles = new Set(polesBefore(program, [...straight]));
  for (const i of outsideLoops(program.body)) if (i.kind === "let") poles.delete(i);
  return dependenceOn(
    program,
    [...jumpsBeside(program, straight), ...poles].map(({ result }) => result),
  ).values;
}

/** What may jump with the state and is not among these. */
function jumpsBeside(program: Program, these: ReadonlySet<Let>): Let[] {
  const { values } = dependence(program, ["u"]);
  return walk(program.body).filter(
    (i): i is Let => i.kind === "let" && jumping.has(i.operation) && !these.has(i) && i.args.some((arg) => values.has(arg)),
  );
}

type Table = Float64Array;
type Note = (i: Let, args: readonly Value[], held: Held) => void;

/** How a decision turns out. */
export interface Held {
  /** What the state makes of it. */
  readonly raw: Value;
  /** What a table says. */
  readonly mode: Value;
  /** A bool: does that hold? */
  readonly isHeld: Value;
  /** What is added to its margin. */
  readonly residual: Value;
}

/** Has decisions turn out as a table says. */
export class Holding extends Clone {
  constructor(
    b: Builder,
    private readonly indices: ReadonlyMap<Instruction, number>,
    private readonly heldOf: (index: number) => Omit<Held, "raw">,
    private readonly note?: Note,
    /** To be called for every operation, with its arguments. */
    private readonly each?: (i: Let, args: readonly Value[]) => void,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    super.instruction(i);
    if (i.kind !== "let") return;
    const args = i.args.map((arg) => this.value(arg));
    this.each?.(i, args);
    const index = this.indices.get(i);
    if (index === undefined) return;
    const held = { raw: this.value(i.result), ...this.heldOf(index) };
    this.values.set(i.result, heldResult(this.b, i.operation, args, held));
    this.note?.(i, args, held);
  }
}

function heldProgram(program: Program, indices: ReadonlyMap<Let, number>, table: Table): Program {
  const b = new Builder(program.name);
  const heldOf = byTable(b, table);
  const held = inlineHeld(b, program, parametersOf(b, program), (each) => new Holding(b, indices, heldOf, undefined, each));
  return eliminate(b.finish(held));
}

/** By the table of branches. */
function byTable(b: Builder, table: Table): (index: number) => Omit<Held, "raw"> {
  const modes = b.constantArray("branches", table);
  const count = (table.length - 1) / 2;
  const at = (k: number): Value => b.load(modes, b.i32(k));
  return (index) => ({
    mode: at(index),
    isHeld: b.operation("ne", at(count), b.f64(0)),
    residual: at(count + 1 + index),
  });
}

/** A program (output of one number a decision, input u, input p, scalar t); `unmet`: what stands for a decision that is not met. */
function noting(
  program: Program,
  indices: ReadonlyMap<Let, number>,
  table: Table,
  name: string,
  unmet: number,
  numberOf: (b: Builder, ...of: Parameters<Note>) => Value,
): Program {
  const b = new Builder(`${program.name}_${name}`);
  const output = b.arrayParameter(name, indices.size, "output");
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name, parameter.value.type);
    const { name: of, size, role } = parameter.array;
    return { array: role === "input" ? b.arrayParameter(of, size, "input") : b.localArray(of, size), offset: b.i32(0) };
  });
  b.fill(output, b.f64(unmet));
  const note: Note = (i, ...of) => b.store(output, b.i32(indices.get(i)!), numberOf(b, i, ...of));
  inline(b, program, args, new Holding(b, indices, byTable(b, table), note));
  return eliminate(b.finish());
}

function heldResult(b: Builder, operation: ScalarOperationName, [x, y]: readonly Value[], { raw, mode, isHeld }: Held): Value {
  const isOn = (): Value => b.operation("ne", mode, b.f64(0));
  const either = (held: Value): Value => b.operation("select", isHeld, held, raw);
  switch (operation) {
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return b.operation("bool.select", isHeld, isOn(), raw);
    case "max":
      return either(b.operation("select", isOn(), y, x));
    case "min":
      return either(b.operation("select", isOn(), x, y));
    case "abs":
      return either(b.operation("select", isOn(), b.operation("neg", x), x));
    case "rem":
      return either(b.operation("sub", x, b.operation("mul", mode, y)));
    case "i32.from_f64":
    case "i32.wrap_f64":
      return b.operation(operation, b.operation("select", isHeld, mode, x));
    case "div":
    case "tan":
      return raw;
    default:
      return either(mode);
  }
}

function marginOf(b: Builder, operation: ScalarOperationName, [x, y]: readonly Value[], mode: Value): Value {
  const isOn = (): Value => b.operation("ne", mode, b.f64(0));
  const difference = (from: Value, to: Value): Value => b.operation("sub", to, from);
  const between = (of: Value, low: Value, high: Value): Value => b.operation("min", difference(low, of), difference(of, high));
  const plus = (by: number): Value => b.operation("add", mode, b.f64(by));
  const towardsZero = (of: Value): Value => {
    const low = b.operation("select", b.operation("gt", mode, b.f64(0)), mode, plus(-1));
    return between(of, low, b.operation("select", b.operation("lt", mode, b.f64(0)), mode, plus(1)));
  };
  switch (operation) {
    case "lt":
    case "le":
    case "max":
    case "min":
      return b.operation("select", isOn(), difference(x, y), difference(y, x));
    case "gt":
    case "ge":
      return b.operation("select", isOn(), difference(y, x), difference(x, y));
    case "abs":
      return b.operation("select", isOn(), b.operation("neg", x), x);
    case "div":
    case "tan":
      return marginOf(b, "abs", [denominatorOf(b, operation, [x, y])], mode);
    case "sign":
      return b.operation("select", isOn(), b.operation("mul", mode, x), b.operation("neg", b.operation("abs", x)));
    case "floor":
      return between(x, mode, plus(1));
    case "ceil":
      return between(x, plus(-1), mode);
    case "round":
      return between(x, plus(-0.5), plus(0.5));
    case "rem":
      return towardsZero(b.operation("div", x, y));
    default:
      return towardsZero(x);
  }
}
