/** A program that tells how a program's decisions on the state turn out, to see when they turn out otherwise. */
import { Builder } from "../../ir/builder.ts";
import { Clone, inline } from "../../ir/clone.ts";
import { eliminate } from "../../passes/eliminate.ts";
import { inlineCalls } from "../../passes/inline-calls.ts";
import type { SourceLocation } from "../../core/source-location.ts";
import {
  walk,
  type ArrayArgument,
  type ArrayDeclaration,
  type Block,
  type Instruction,
  type Let,
  type Program,
  type Value,
} from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { dependence } from "../dependence.ts";
import { influences } from "../influences.ts";

/** Operations whose result jumps where numbers cross. */
export const jumping: ReadonlySet<ScalarOperationName> = new Set([
  "lt",
  "le",
  "gt",
  "ge",
  "sign",
  "floor",
  "ceil",
  "trunc",
  "round",
  "rem",
  "atan2",
  "i32.from_f64",
  "i32.wrap_f64",
]);

/** And those whose derivative does. */
export const kinked: ReadonlySet<ScalarOperationName> = new Set(["max", "min", "abs"]);

export interface Outcomes {
  /** (output outcomes[one a decision], input u[n], input p[np], scalar t): numbers that change when the decisions do. */
  readonly program: Program;
  readonly decisions: readonly DecisionOnState[];
}

export interface DecisionOnState {
  readonly source: SourceLocation;
  /** Elements of p and of u that it may depend on. */
  readonly p: Int32Array;
  readonly u: Int32Array;
}

/**
 * The decisions on the state in a program without calls behind which something may jump: also what is larger, where that is compared with what it
 * was taken of; but not in loops, where there may be many.
 */
export function decisionsOnState(program: Program): (Let & { readonly source: SourceLocation })[] {
  const { values } = dependence(program, ["u"]);
  const straight = new Set(outsideLoops(program.body));
  return walk(program.body).filter(
    (i): i is Let & { readonly source: SourceLocation } =>
      i.kind === "let" &&
      (jumping.has(i.operation) || (kinked.has(i.operation) && straight.has(i))) &&
      i.source !== undefined &&
      i.args.some((arg) => values.has(arg)),
  );
}

export function outsideLoops({ instructions }: Block): Instruction[] {
  return instructions.flatMap((i) => (i.kind === "if" ? [...outsideLoops(i.then), ...outsideLoops(i.else)] : [i]));
}

/** Of a program (output du, if it writes any, input u, input p, scalar t); undefined where it decides nothing on the state. */
export function outcomesOf(whole: Program): Outcomes | undefined {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const indices = new Map<Let, number>();
  const sources: SourceLocation[] = [];
  for (const i of decisionsOnState(program)) {
    const { line, column, end, of } = i.source;
    const isThere = (s: SourceLocation): boolean => s.line === line && s.column === column && s.end === end && s.of === of;
    const earlier = sources.findIndex(isThere);
    indices.set(i, earlier < 0 ? sources.push(i.source) - 1 : earlier);
  }
  if (sources.length === 0) return undefined;
  const { noting, outcomes } = notingProgram(program, indices, sources.length);
  const inputs = (name: string): ArrayDeclaration | undefined =>
    noting.parameters
      .flatMap((parameter) => (parameter.kind === "array" ? [parameter.array] : []))
      .find((array) => array.name === name);
  const by = (name: string): Int32Array[] => {
    const input = inputs(name);
    return input ? influences(noting, outcomes, input, true) : sources.map(() => new Int32Array());
  };
  const [p, u] = [by("p"), by("u")];
  return { program: noting, decisions: sources.map((source, k) => ({ source, p: p[k], u: u[k] })) };
}

/**
 * (output outcome[1], input u[n], input p[np], scalar t): a number that changes when a decision of the program on the state turns out
 * otherwise, or one of its derivative does; undefined where it makes none.
 */
export function switchesOf(whole: Program): Program | undefined {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const { values } = dependence(program, ["u"]);
  const indices = new Map<Let, number>();
  for (const i of walk(program.body)) {
    if (i.kind !== "let" || !i.args.some((arg) => values.has(arg))) continue;
    if (jumping.has(i.operation) || kinked.has(i.operation)) indices.set(i, 0);
  }
  return indices.size > 0 ? notingProgram(program, indices, 1).noting : undefined;
}

/** `indices`: where the outcome of an instruction is added up. */
function notingProgram(
  program: Program,
  indices: ReadonlyMap<Let, number>,
  count: number,
): { readonly noting: Program; readonly outcomes: ArrayDeclaration } {
  const b = new Builder(`${program.name}_outcomes`);
  const outcomes = b.arrayParameter("outcomes", count, "output");
  const met = b.localArray("met", count);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const args = program.parameters.map((parameter) => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name, parameter.value.type);
    const { name, size, role } = parameter.array;
    return whole(role === "input" ? b.arrayParameter(name, size, "input") : b.localArray(name, size));
  });
  b.fill(outcomes, b.f64(0));
  b.fill(met, b.f64(0));
  inline(b, program, args, new Noting(b, indices, outcomes, met));
  return { noting: eliminate(b.finish()), outcomes };
}

/** Adds up the outcomes of each decision, each time it is met with another weight. */
class Noting extends Clone {
  constructor(
    b: Builder,
    private readonly indices: ReadonlyMap<Let, number>,
    private readonly outcomes: ArrayDeclaration,
    private readonly met: ArrayDeclaration,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    super.instruction(i);
    const position = i.kind === "let" ? this.indices.get(i) : undefined;
    if (position === undefined || i.kind !== "let") return;
    const { b } = this;
    const index = b.i32(position);
    const number = outcomeOf(
      b,
      i.operation,
      i.args.map((arg) => this.value(arg)),
      this.value(i.result),
    );
    b.accumulate(this.met, index, b.f64(1));
    b.accumulate(this.outcomes, index, b.operation("mul", number, b.operation("sqrt", b.load(this.met, index))));
  }
}

/** A number that is another one on the other side of where an operation's result jumps, or has a kink. */
export function outcomeOf(b: Builder, operation: ScalarOperationName, [x, y]: readonly Value[], result: Value): Value {
  const asNumber = (outcome: Value): Value =>
    b.operation("f64.from_i32", outcome.type === "bool" ? b.operation("i32.from_bool", outcome) : outcome);
  if (kinked.has(operation)) return asNumber(b.operation("lt", x, y ?? b.f64(0)));
  if (operation === "rem") return b.operation("trunc", b.operation("div", x, y));
  // x is the ordinate: the angle jumps where that changes its sign left of the origin.
  if (operation === "atan2") return asNumber(b.operation("bool.and", isNegative(b, x), isNegative(b, y)));
  return result.type === "f64" ? result : asNumber(result);
}

function isNegative(b: Builder, x: Value): Value {
  return b.operation("lt", x, b.f64(0));
}
