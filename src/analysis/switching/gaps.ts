/** What a program's decisions on the state switch at: numbers that cross zero, or a whole one, where they do. */
import { Builder } from "../../ir/builder.ts";
import { Clone, inline } from "../../ir/clone.ts";
import { eliminate } from "../../passes/eliminate.ts";
import { inlineCalls } from "../../passes/inline-calls.ts";
import type { ArrayArgument, ArrayDeclaration, Instruction, Let, Program, Value, While } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { decisionsOnState, outcomeOf } from "./outcomes.ts";

export interface Gaps {
  /**
   * (output count[1], output outcome[1], input u, input p, scalar t, scalar which): how many decisions were met, and a number that is
   * the same where those met up to `which`, counted from 0, turned out the same.
   */
  readonly meeting: Program;
  /** (output gap[1], input u, input p, scalar t, scalar which): what decision `which` switches at. */
  readonly gap: Program;
}

/** Of a program (input u, input p, scalar t) that decides something on the state. */
export function gapsOf(whole: Program): Gaps {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const decisions: ReadonlySet<Instruction> = new Set(decisionsOnState(program));
  const gap = written(program, ["gap"], (b, [gap], isWhich) => (i, args) => {
    runIf(b, isWhich("eq"), () => b.store(gap, b.i32(0), gapOf(b, i.operation, args)));
  });
  const meeting = written(program, ["met", "outcome"], (b, [met, outcome], isWhich) => (i, args, result) => {
    const first = b.i32(0);
    b.accumulate(met, first, b.f64(1));
    runIf(b, isWhich("le"), () =>
      b.accumulate(
        outcome,
        first,
        b.operation("mul", outcomeOf(b, i.operation, args, result), b.operation("sqrt", b.load(met, first))),
      ),
    );
  });
  return { meeting, gap };

  type Note = (i: Let, args: readonly Value[], result: Value) => void;

  /** A program (outputs of one element, input u, input p, scalar t, scalar which) that notes something of each decision. */
  function written(
    of: Program,
    names: readonly string[],
    noteBy: (b: Builder, outputs: readonly ArrayDeclaration[], isWhich: (how: "eq" | "le") => Value) => Note,
  ): Program {
    const b = new Builder(`${of.name}_gaps`);
    const outputs = names.map((name) => b.arrayParameter(name, 1, "output"));
    const args = of.parameters.map((parameter): ArrayArgument | Value => {
      if (parameter.kind === "scalar") return b.scalarParameter(parameter.name, parameter.value.type);
      const { name, size, role } = parameter.array;
      return { array: role === "input" ? b.arrayParameter(name, size, "input") : b.localArray(name, size), offset: b.i32(0) };
    });
    const which = b.scalarParameter("which");
    const counter = b.localArray("counter", 1);
    for (const array of [...outputs, counter]) b.fill(array, b.f64(0));
    const note = noteBy(b, outputs, (how) => b.operation(how, b.load(counter, b.i32(0)), which));
    inline(
      b,
      of,
      args,
      new Noting(b, decisions, (i, given, result) => {
        note(i, given, result);
        b.accumulate(counter, b.i32(0), b.f64(1));
      }),
    );
    return eliminate(b.finish());
  }
}

class Noting extends Clone {
  constructor(
    b: Builder,
    private readonly decisions: ReadonlySet<Instruction>,
    private readonly note: (i: Let, args: readonly Value[], result: Value) => void,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    if (i.kind === "while") return this.while(i);
    super.instruction(i);
    if (i.kind !== "let" || !this.decisions.has(i)) return;
    this.note(
      i,
      i.args.map((arg) => this.value(arg)),
      this.value(i.result),
    );
  }

  /** The condition is met before the loop and at the end of its body: what a condition writes is not differentiated. */
  private while({ carried, condition, body, results }: While): void {
    const { b } = this;
    const bind = (to: readonly Value[], values: readonly Value[]): void =>
      to.forEach((value, k) => this.values.set(value, values[k]));
    const phis = carried.map(({ phi }) => phi);
    const goesOn = (values: readonly Value[]): Value => (bind(phis, values), this.block(condition)[0]);
    const initial = carried.map((each) => this.value(each.initial));
    const last = b.while(
      [...initial, goesOn(initial)],
      (values) => values[initial.length],
      (values) => {
        bind(phis, values);
        const next = this.block(body);
        return [...next, goesOn(next)];
      },
      phis.map(({ min, max }) => [min, max] as const),
    );
    bind(results, last);
  }
}

/** It passes zero, or a whole number or a half, where the operation's result jumps. */
function gapOf(b: Builder, operation: ScalarOperationName, [x, y]: readonly Value[]): Value {
  switch (operation) {
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "max":
    case "min":
      return b.operation("sub", x, y);
    case "rem":
      return b.operation("div", x, y);
    default:
      return x;
  }
}

function runIf(b: Builder, condition: Value, body: () => void): void {
  b.if(
    condition,
    () => (body(), []),
    () => [],
  );
}
