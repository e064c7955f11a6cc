/** A compiled function beside the plain one it was read from, at a point. */
import { describe } from "../core/array-values.ts";
import { memo } from "../core/memo.ts";
import { componentName, type Layout } from "../arrays/layout.ts";
import { ifItCanBe } from "../operations/calling.ts";
import { Arena } from "../compile/arena.ts";
import { compile, type Compiled, type Target } from "../compile/compile.ts";
import { Disagreement } from "./errors.ts";
import { EndlessLoop } from "../core/errors.ts";
import { markMisread } from "../read/misreading.ts";
import type { Program } from "../ir/ir.ts";
import { mayNotEnd } from "../ir/budget.ts";
import { interpret } from "../ir/interpret.ts";
import { placeOfStore } from "../analysis/stores.ts";
import { perturbed, type TriedPoint } from "./points.ts";

/** Far above what reordered sums and other libraries' elementary functions differ by, far below any wrong term. */
const RELATIVE = 1e-9;
/** Of the largest component: what cancellation may leave of a small one. */
const CANCELLATION = 1e-12;
/** Rounding, of what is computed on the way. */
const ROUNDING = [2 ** -46, -(2 ** -46)];
/** So much more than what rounding changes is no rounding. */
const AMPLIFIED = 16;

/** A function of (u, p, t) with values of the state's shape, both ways. */
export interface Compared {
  readonly name: string;
  /** (output[n], input u[n], input p[np], scalar t) */
  readonly program: Program;
  readonly plain: (into: Float64Array, u: Float64Array, p: Float64Array, t: number) => void;
  /** Of its value, and what messages call that. */
  readonly layout: Layout;
  readonly value: string;
  /** It is called at times that are given, not computed, so that it may test for them. */
  readonly exactTimes?: boolean;
  /** What the program takes behind the time. */
  readonly scalars?: readonly number[];
}

/**
 * Throws MisreadFunction where the compiled function differs at the point by more than rounding; {@link Disagreement} where the plain
 * one is at fault, as it does not give the same again.
 */
export function requireAgreement(compared: Compared, point: TriedPoint, target: Target): void {
  const { program, scalars = [] } = compared;
  const { u, p, t } = point;
  if (!ends(() => compiledAlone(program, target).run([undefined, u, p], [t, ...scalars]), program, point.isMadeUp)) return;
  const expected = point.isMadeUp ? ifItCanBe(() => valueAt(compared, u, p, t)) : valueAt(compared, u, p, t);
  if (!expected) return;
  const actual = compiledAlone(program, target)
    .run([undefined, u, p], [t, ...scalars])
    .arrays[0].slice();
  const index = firstDifference(actual, expected, u);
  if (index < 0) return;
  const again = valueAt(compared, u, p, t);
  const { name, layout, value } = compared;
  const component = componentName(layout, index, value);
  if (!Object.is(again[index], expected[index])) {
    const what = `at t = ${t} the function gives ${expected[index]} in component ${component}`;
    throw new Disagreement(`${name}: ${what}. ${impure(again[index])}`);
  }
  if (isRounding(compared, point, actual, expected, target)) return;
  const place = placeOfStore(program, index, name);
  const what = `its compiled form would give ${actual[index]} in ${component} where the function gives ${expected[index]}, at t = ${t}`;
  throw markMisread(program, place, what);
}

/**
 * To be asked before the plain function is called, which cannot be stopped: does the compiled one end? False where it does not at a
 * point that is made up; throws {@link EndlessLoop} at others.
 */
function ends(run: () => unknown, program: Program, isMadeUp = false): boolean {
  if (!mayNotEnd(program)) return true;
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof EndlessLoop && isMadeUp) return false;
    if (error instanceof EndlessLoop) throw error;
    return true;
  }
}

/** Throws {@link EndlessLoop} where the compiled function does not end. */
export function requireEnd({ program }: Compared, u: Float64Array, p: Float64Array, t: number, target: Target): void {
  ends(() => compiledAlone(program, target).run([undefined, u, p], [t]), program);
}

/** The plain function's. */
export function valueAt({ plain, layout }: Compared, u: Float64Array, p: Float64Array, t: number): Float64Array {
  const value = new Float64Array(layout.size);
  plain(value, u, p, t);
  return value;
}

/** A program by itself in memory, compiled once. */
export const compiledAlone = memo((program: Program, target: Target): CompiledAlone => new CompiledAlone(program, target));

class CompiledAlone {
  private readonly compiled: Compiled;
  private readonly args: number[];
  private readonly scalars: readonly number[];
  /** Those of the parameters, in the program's memory. */
  readonly arrays: readonly Float64Array[];

  constructor(program: Program, target: Target) {
    const { parameters } = program;
    const arena = new Arena();
    const unit = compile({ program }, arena, target);
    this.args = parameters.map((parameter) => (parameter.kind === "array" ? arena.reserve(parameter.array.size) : 0));
    this.compiled = unit.link().program;
    this.scalars = parameters.flatMap((parameter, k) => (parameter.kind === "scalar" ? [k] : []));
    this.arrays = parameters.flatMap((parameter, k) =>
      parameter.kind === "array" ? [arena.f64(this.args[k], parameter.array.size)] : [],
    );
  }

  /** `arrays`: what each holds before, where that matters. The results are those until the next call. */
  run(
    arrays: readonly (ArrayLike<number> | undefined)[],
    scalars: readonly number[],
  ): { readonly result: number; readonly arrays: readonly Float64Array[] } {
    for (let k = 0; k < arrays.length; k++) if (arrays[k]) this.arrays[k].set(arrays[k]!);
    for (let k = 0; k < scalars.length; k++) this.args[this.scalars[k]] = scalars[k];
    return { result: this.compiled(...this.args), arrays: this.arrays };
  }
}

/** Does the plain function itself give as much else where rounding moves it, as at the edge of a branch? */
function isRounding(
  compared: Compared,
  { u, p, t }: TriedPoint,
  actual: Float64Array,
  expected: Float64Array,
  target: Target,
): boolean {
  const { program, scalars = [] } = compared;
  const moved = ROUNDING.flatMap((by): [Float64Array, number][] => {
    const states: [Float64Array, number] = [perturbed(u, by), t];
    return compared.exactTimes ? [states] : [states, [u, t + by * (t || 1)]];
  });
  const values = moved
    .filter(([state, time]) =>
      ends(() => compiledAlone(program, target).run([undefined, state, p], [time, ...scalars]), program, true),
    )
    .flatMap(([state, time]) => ifItCanBe(() => valueAt(compared, state, p, time)) ?? []);
  return actual.every((x, i) => {
    const near = values.map((value) => value[i]);
    return isClose(x, expected[i], 0) || isMoved(x, expected[i], near);
  });
}

/** Is a value one that the function gives `near` the point, or no farther off than those are by some times? */
function isMoved(value: number, expected: number, near: readonly number[]): boolean {
  const difference = Math.abs(value - expected);
  return near.some((other) => isClose(value, other, 0) || difference <= AMPLIFIED * Math.abs(other - expected));
}

/** A value of a program beside the plain one's, with the arguments of both. */
export interface ComparedValue {
  /** The state first. */
  readonly args: readonly (Float64Array | number)[];
  /** At another state, where one is given. */
  readonly plain: (u?: Float64Array) => number;
  readonly isMadeUp?: boolean;
}

/** As {@link requireAgreement}, for a program whose result is one number. */
export function checkValueAgreement(program: Program, compared: Iterable<ComparedValue>): void {
  for (const each of compared) {
    const run = (): number => valueOf(program, each.args);
    if (!ends(run, program, each.isMadeUp)) continue;
    if (each.isMadeUp && ifItCanBe(each.plain) === undefined) continue;
    // It is looked at a few times, which takes less than compiling it.
    const value = mayNotEnd(program) ? run() : interpret(program, each.args, { operation: () => {}, access: () => {} })!;
    requireSameValue(program, value, each);
  }
}

function valueOf(program: Program, args: ComparedValue["args"]): number {
  return compiledAlone(program, "wasm").run(arraysAmong(args), numbersAmong(args)).result;
}

/** To be asked before the plain function is called at arguments that are made up: does the compiled one end there? */
export function endsAt(program: Program, args: ComparedValue["args"]): boolean {
  return ends(() => valueOf(program, args), program, true);
}

function arraysAmong(args: ComparedValue["args"]): readonly Float64Array[] {
  return args.filter((arg) => typeof arg !== "number");
}

function numbersAmong(args: ComparedValue["args"]): readonly number[] {
  return args.filter((arg) => typeof arg === "number");
}

/** `value`: the program's at these arguments. Throws as {@link requireAgreement} does. */
export function requireSameValue(program: Program, value: number, { args, plain }: ComparedValue): void {
  const expected = plain();
  const scale = args.reduce<number>((max, arg) => Math.max(max, typeof arg === "number" ? 0 : largest(arg)), 0);
  if (isClose(value, expected, CANCELLATION * scale)) return;
  requireSame(program.name, expected, plain());
  const [u] = args as [Float64Array];
  const moved = ROUNDING.map((by) => perturbed(u, by)).filter((state) => endsAt(program, [state, ...args.slice(1)]));
  const near = moved.flatMap((state) => ifItCanBe(() => plain(state)) ?? []);
  if (isMoved(value, expected, near)) return;
  const what = `its compiled form would give ${value} where the function gives ${expected}`;
  throw markMisread(program, { name: program.name }, what);
}

/** Throws {@link Disagreement} where a function gave what is no number (undefined: it could not be called), or other things at two calls. */
export function requireSame(name: string, value: unknown, again: unknown): void {
  if (value !== undefined && typeof value !== "number") {
    throw new Disagreement(
      `${name}: the function gives ${describe(value)}, where a number is needed: return one, such as u[0], not [u[0]].`,
    );
  }
  if (!Object.is(value, again)) throw new Disagreement(`${name}: the function gives ${value as number}. ${impure(again)}`);
}

function firstDifference(actual: Float64Array, expected: Float64Array, u: Float64Array): number {
  const allowed = CANCELLATION * Math.max(largest(expected), largest(u));
  return actual.findIndex((x, i) => !isClose(x, expected[i], allowed));
}

function isClose(x: number, y: number, allowed: number): boolean {
  return Object.is(x, y) || x === y || Math.abs(x - y) <= RELATIVE * Math.max(Math.abs(x), Math.abs(y)) + allowed;
}

function largest(x: Float64Array): number {
  return x.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0);
}

function impure(again: unknown): string {
  return (
    `Called again at the same point it gave ${again as number}: it draws random numbers or keeps state between calls. ` +
    `It must depend on its arguments alone.`
  );
}
