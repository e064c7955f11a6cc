/**
 * Derivatives passing through a program: tangents forwards, cotangents backwards. Where a choice was made, `select`, `min`, `max`,
 * an `if`, what was not chosen has contributed nothing, whatever its own derivative is there. Zero times that derivative will not do,
 * for it may be infinite or no number: so each derivative carries the condition under which it counts, and is chosen by it, not multiplied.
 *
 * A derivative that counts and happens to be zero is another matter: times an infinite derivative it is NaN, and is reported.
 */
import { memo } from "../core/memo.ts";
import type { Builder } from "../ir/builder.ts";
import type { Let, Value } from "../ir/ir.ts";
import { scalarOperations, type RuleBuilder, type ScalarOperationName } from "../ir/scalar-operations.ts";
import { isTable, requireFinite, type Numbers } from "../ir/tables.ts";

export interface Contribution {
  readonly value: Value;
  /** Where it counts; everywhere, without. Elsewhere it stands for zero. */
  readonly live?: Value;
  /** The value is zero where that condition does not hold. */
  readonly isZeroed?: boolean;
  /** It counts unless it is exactly zero: of an array's element or a loop's value no more is known. */
  readonly unlessZero?: boolean;
  /**
   * The given directions or weights that it is a multiple of, as far as these are few: where all are zero nothing moves, or is
   * asked for, so that it does not count either. Looked at where an operation's derivative may be infinite.
   */
  readonly of?: readonly Value[];
}

const MOST_GIVEN = 8;

/** The derivative as a number. */
export function settled(b: RuleBuilder, { value, live, isZeroed }: Contribution): Value {
  return !live || isZeroed ? value : b.operation("select", live, value, b.f64(0));
}

export function countsUnlessZero(value: Value): Contribution {
  return { value, unlessZero: true };
}

/** A direction, or a weight, that the program is given. */
export function given(value: Value): Contribution {
  return { value, of: [value] };
}

/** Counts where the condition holds too. */
function where(b: RuleBuilder, condition: Value, { value, live, of, unlessZero }: Contribution): Contribution {
  return { value, live: live ? b.operation("bool.and", condition, live) : condition, of, unlessZero };
}

function union(x: readonly Value[] | undefined, y: readonly Value[] | undefined): readonly Value[] | undefined {
  if (!x || !y) return undefined;
  const all = new Set([...x, ...y]);
  return all.size > MOST_GIVEN ? undefined : [...all];
}

export function sum(b: RuleBuilder, x: Contribution, y: Contribution): Contribution {
  const of = union(x.of, y.of);
  if (x.live === y.live) {
    return {
      value: b.operation("add", x.value, y.value),
      live: x.live,
      isZeroed: x.isZeroed && y.isZeroed,
      unlessZero: x.unlessZero && y.unlessZero,
      of,
    };
  }
  const value = b.operation("add", settled(b, x), settled(b, y));
  if (x.live && y.live) return { value, live: b.operation("bool.or", x.live, y.live), isZeroed: true, of };
  return { value, unlessZero: (x.live ? y : x).unlessZero, of };
}

/** Is a value finite for certain? Programs are given numbers. */
function isNumber({ constant, definition }: Value): boolean {
  if (constant !== undefined) return Number.isFinite(constant);
  if (definition?.kind !== "load") return definition?.operation === "f64.from_i32";
  const { role, data } = definition.array;
  if (!data) return role === "input";
  if (isTable(data)) return requireFinite(data);
  return areFinite(data);
}

const areFinite = memo((data: Numbers): boolean => data.every(Number.isFinite));

/**
 * By the partial derivative of an operation, which may be infinite where the operation is not `smooth`. Where what is zero is not
 * multiplied, that is by an operation of its own: its derivative by what is zero is the partial derivative all the same.
 */
function times(b: RuleBuilder, by: Contribution, partial: Value, smooth: boolean): Contribution {
  const { live, isZeroed, of, unlessZero } = by;
  if (isNumber(partial)) return { value: b.operation("mul", by.value, partial), live, isZeroed, of, unlessZero };
  const isNonzero = (x: Value): Value => b.operation("ne", x, b.f64(0));
  const counts = unlessZero
    ? isNonzero(by.value)
    : of && !smooth
      ? of.map(isNonzero).reduce((any, x) => b.operation("bool.or", any, x))
      : undefined;
  const value = counts ? b.operation("mul.where", counts, by.value, partial) : b.operation("mul", by.value, partial);
  return { value, live, of, unlessZero };
}

/** What either side of a choice passes on. */
function chosen(b: Builder, first: Value, x: Contribution | undefined, y: Contribution | undefined): Contribution | undefined {
  if (!x || !y) {
    if (x) return where(b, first, x);
    return y && where(b, b.operation("bool.not", first), y);
  }
  const value = b.operation("select", first, x.value, y.value);
  const of = union(x.of, y.of);
  const unlessZero = x.unlessZero || y.unlessZero;
  if (!x.live && !y.live) return { value, of, unlessZero };
  const live = b.operation("bool.select", first, x.live ?? b.bool(true), y.live ?? b.bool(true));
  const isZeroed = (!x.live || x.isZeroed) && (!y.live || y.isZeroed);
  return { value, live, isZeroed, of, unlessZero };
}

/** Through a product with a condition, where that does not hold the first factor being zero: of argument k. */
function ofConditional(b: RuleBuilder, [condition, x, y]: readonly Value[], by: Contribution, k: number): Contribution {
  if (k === 1) return times(b, by, y, false);
  const { live, of, unlessZero } = by;
  return { value: b.operation("mul.where", condition, x, by.value), live, of, unlessZero };
}

/** An operation of the program that is derived. */
type Applied = Pick<Let, "operation" | "args">;

/** Operations whose values, and derivatives, are too large for a number far out. */
const growing: ReadonlySet<ScalarOperationName> = new Set(["exp", "expm1", "sinh", "cosh", "pow"]);
/** To what a factor or a denominator is made of. */
const MOST_STEPS = 4;

function mayGrow({ definition }: Value, steps = MOST_STEPS): boolean {
  if (definition?.kind !== "let") return false;
  const { operation, args } = definition;
  return growing.has(operation) || (steps > 0 && args.some((arg) => mayGrow(arg, steps - 1)));
}

/**
 * The partial derivatives of an operation, by what stands for its arguments. That of a product with what is too large for a number is 0,
 * as that of the large factor itself is: what is finite of such a product, 1 / cosh(x)**2, is at its limit.
 */
function slopesOf(b: RuleBuilder, i: Applied, args: readonly Value[], result: Value): readonly (Value | null)[] {
  const slopes = scalarOperations[i.operation].partials!(b, args, result);
  if (i.operation !== "mul") return slopes;
  return slopes.map((slope, k) => {
    if (!slope || !mayGrow(i.args[1 - k])) return slope;
    return b.operation("select", b.operation("eq", b.operation("abs", slope), b.f64(Infinity)), b.f64(0), slope);
  });
}

/** A quotient of so large a denominator that its slope is 0: what that is multiplied with may be infinite. */
function byDenominator(b: RuleBuilder, slope: Value, tangent: Contribution): Contribution {
  const { value, live, of, unlessZero } = tangent;
  return { value: b.operation("mul.where", b.operation("ne", slope, b.f64(0)), slope, value), live, of, unlessZero };
}

/** Forwards: the result's derivative by those of the arguments, which are asked for once for each direction. */
export function push(
  b: Builder,
  i: Applied,
  args: readonly Value[],
  result: Value,
): (tangents: readonly (Contribution | undefined)[]) => Contribution | undefined {
  const { choice, speculative } = scalarOperations[i.operation];
  if (choice) {
    const first = choice(b, args);
    return (tangents) => chosen(b, first, tangents[tangents.length - 2], tangents[tangents.length - 1]);
  }
  const isConditional = i.operation === "mul.where";
  const slopes = slopesOf(b, i, args, result);
  const isLarge = i.operation === "div" && mayGrow(i.args[1]);
  const term = (tangent: Contribution | undefined, k: number): Contribution[] => {
    if (!tangent) return [];
    if (isConditional) return [ofConditional(b, args, tangent, k)];
    if (!slopes[k]) return [];
    return [isLarge && k === 1 ? byDenominator(b, slopes[k], tangent) : times(b, tangent, slopes[k], speculative)];
  };
  return (tangents) =>
    tangents.flatMap(term).reduce<Contribution | undefined>((total, next) => (total ? sum(b, total, next) : next), undefined);
}

/** Backwards: what each argument's derivative takes from the result's; undefined for those that nothing passes through. */
export function pull(
  b: RuleBuilder,
  i: Applied,
  args: readonly Value[],
  result: Value,
  cotangent: Contribution,
): readonly (Contribution | undefined)[] {
  const { choice, speculative } = scalarOperations[i.operation];
  if (i.operation === "mul.where") {
    const byFactor = ofConditional(b, args, cotangent, 2);
    return [undefined, ofConditional(b, args, cotangent, 1), { ...byFactor, unlessZero: true }];
  }
  if (!choice) return slopesOf(b, i, args, result).map((slope) => (slope ? times(b, cotangent, slope, speculative) : undefined));
  const first = choice(b, args);
  const sides = [where(b, first, cotangent), where(b, b.operation("bool.not", first), cotangent)];
  return args.map((_, k) => sides[k - args.length + 2]);
}

/** What the branches of an `if` left, where each may or may not have had something to pass on. */
export function joined(
  b: Builder,
  condition: Value,
  value: Value,
  inThen: Contribution | undefined,
  inElse: Contribution | undefined,
): Contribution {
  if ([inThen, inElse].some((side) => side?.live || side?.unlessZero)) return countsUnlessZero(value);
  if (inThen && inElse) {
    const of = union(inThen.of, inElse.of);
    // What a branch was given, an element at an index of its own, is not known behind it.
    return of?.every((x) => b.isInScope(x)) === false ? countsUnlessZero(value) : { value, of };
  }
  return { value, live: inThen ? condition : b.operation("bool.not", condition), isZeroed: true };
}
