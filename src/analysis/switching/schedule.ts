/**
 * Decisions of a program on the state that turn out as a table says by the time: once it is known when they switch, a right-hand side that
 * decides on the state is one that switches at given times, for every program that is derived of it and in every order of times.
 */
import { memo } from "../../core/memo.ts";
import { Builder } from "../../ir/builder.ts";
import { parametersOf } from "../../ir/clone.ts";
import type { ArrayDeclaration, Program, Value } from "../../ir/ir.ts";
import { fillTable, makeTable } from "../../ir/tables.ts";
import { eliminate } from "../../passes/eliminate.ts";
import { inlineHeld } from "./domain.ts";
import { Holding, surveyOf, type Held } from "./branches.ts";

export interface Schedule {
  /** (…, input u, input p, scalar t): the program, which reads the tables. */
  readonly program: Program;
  /** 1 or -1, the direction of the solve; and behind it times, of which there are a power of two less one. */
  readonly times: Float64Array;
  /** How all decisions turn out before the first of them, between the first two, and so on. */
  readonly modes: Float64Array;
}

/** Of a program some of whose decisions are held, with room for so many switches or more. */
export function scheduleOf(whole: Program, switches: number): Schedule {
  return scheduleWith(whole, Math.max(2, Math.ceil(Math.log2(switches + 1))));
}

const scheduleWith = memo((whole: Program, doublings: number): Schedule => {
  const { program, held } = surveyOf(whole);
  const intervals = 2 ** doublings;
  const owner = {};
  const times = makeTable(new Float64Array(intervals), owner);
  const modes = makeTable(new Float64Array(intervals * held.length), owner);
  const indices = new Map(held.map((decision, k) => [decision, k]));
  const b = new Builder(`${program.name}_scheduled`);
  const [timeTable, modeTable] = [b.constantArray("switch_times", times), b.constantArray("switch_modes", modes)];
  const args = parametersOf(b, program);
  const t = args[program.parameters.findIndex((parameter) => parameter.kind === "scalar" && parameter.name === "t")] as Value;
  const first = firstOf(b, timeTable, t, intervals, held.length);
  const heldOf = (k: number): Omit<Held, "raw"> => ({
    mode: b.load(modeTable, b.operation("i32.add", first, b.i32(k))),
    isHeld: b.bool(true),
    residual: b.f64(0),
  });
  const result = inlineHeld(b, program, args, (each) => new Holding(b, indices, heldOf, undefined, each));
  return { program: eliminate(b.finish(result)), times, modes };
});

/** Where the modes of the interval begin that the time is in: by bisection. */
function firstOf(b: Builder, times: ArrayDeclaration, t: Value, intervals: number, count: number): Value {
  const direction = b.load(times, b.i32(0));
  let passed = b.i32(0);
  for (let half = intervals / 2; half >= 1; half /= 2) {
    const next = b.load(times, b.operation("i32.add", passed, b.i32(half)));
    const isPast = b.operation("ge", b.operation("mul", direction, b.operation("sub", t, next)), b.f64(0));
    passed = b.operation("i32.add", passed, b.operation("i32.mul", b.operation("i32.from_bool", isPast), b.i32(half)));
  }
  return b.operation("i32.mul", passed, b.i32(count));
}

/** Fills the tables of a schedule with how decisions turn out from the start, the first of these times, and from each of the others on. */
export function fillSchedule(
  { times, modes }: Schedule,
  direction: number,
  changes: readonly { readonly t: number; readonly modes: Float64Array }[],
): void {
  const later = changes.slice(1).map(({ t }) => t);
  const never = new Array<number>(times.length - 1 - later.length).fill(direction * Number.MAX_VALUE);
  fillTable(times, [direction, ...later, ...never]);
  const all = new Float64Array(modes.length);
  changes.forEach((one, k) => all.set(one.modes, k * one.modes.length));
  fillTable(modes, all);
}
