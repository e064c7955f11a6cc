/**
 * Derivatives on their way through a program: tangents forwards, cotangents backwards. Where a choice was made, `select`, `min`, `max`,
 * an `if`, what was not chosen has contributed nothing, whatever its own derivative is there. Zero times that derivative will not do,
 * for it may be infinite or no number: so each derivative carries the condition under which it counts, and is chosen by it, not multiplied.
 *
 * A derivative that counts and happens to be zero is another matter: times an infinite derivative it is NaN, and is reported.
 */
import type { Builder } from "../program/builder.ts";
import type { Value } from "../program/ir.ts";
import { scalarOperations, type RuleBuilder, type ScalarOperationName } from "../program/operations/scalar.ts";

export interface Contribution {
  readonly value: Value;
  /** Where it counts; everywhere, without. Elsewhere it stands for zero. */
  readonly live?: Value;
  /** The value is zero where it does not count. */
  readonly isZeroed?: boolean;
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

/** A derivative that counts unless it is exactly zero: of an array's element or a loop's value, of which no more is known. */
export function countsUnlessZero(b: RuleBuilder, value: Value): Contribution {
  return { value, live: b.operation("ne", value, b.f64(0)), isZeroed: true };
}

/** A direction, or a weight, that the program is given. */
export function given(value: Value): Contribution {
  return { value, of: [value] };
}

/** Counts where the condition holds too. */
export function where(b: RuleBuilder, condition: Value, { value, live, of }: Contribution): Contribution {
  return { value, live: live ? b.operation("bool.and", condition, live) : condition, of };
}

function union(x: readonly Value[] | undefined, y: readonly Value[] | undefined): readonly Value[] | undefined {
  if (!x || !y) return undefined;
  const all = new Set([...x, ...y]);
  return all.size > MOST_GIVEN ? undefined : [...all];
}

export function sum(b: RuleBuilder, x: Contribution, y: Contribution): Contribution {
  const of = union(x.of, y.of);
  if (x.live === y.live) {
    return { value: b.operation("add", x.value, y.value), live: x.live, isZeroed: x.isZeroed && y.isZeroed, of };
  }
  const value = b.operation("add", settled(b, x), settled(b, y));
  if (!x.live || !y.live) return { value, of };
  return { value, live: b.operation("bool.or", x.live, y.live), isZeroed: true, of };
}

/** Is a value finite for certain? Programs are given numbers. */
function isNumber({ constant, definition }: Value): boolean {
  if (constant !== undefined) return Number.isFinite(constant);
  if (definition?.kind !== "load") return definition?.operation === "f64.from_i32";
  const { role, data } = definition.array;
  if (!data) return role === "input";
  let isFinite = finiteTables.get(data);
  if (isFinite === undefined) finiteTables.set(data, (isFinite = data.every(Number.isFinite)));
  return isFinite;
}

const finiteTables = new WeakMap<object, boolean>();

/** Through an operation, by its partial derivative. */
function times(b: RuleBuilder, name: ScalarOperationName, by: Contribution, partial: Value): Contribution {
  const { live, isZeroed, of } = by;
  const value = b.operation("mul", by.value, partial);
  if (isNumber(partial)) return { value, live, isZeroed, of };
  if (!of || scalarOperations[name].speculative) return { value, live, of };
  const moves = of.map((x) => b.operation("ne", x, b.f64(0))).reduce((any, x) => b.operation("bool.or", any, x));
  return { value, live: live ? b.operation("bool.and", live, moves) : moves };
}

/** What either side of a choice passes on. */
export function chosen(
  b: Builder,
  first: Value,
  x: Contribution | undefined,
  y: Contribution | undefined,
): Contribution | undefined {
  if (!x || !y) {
    if (x) return where(b, first, x);
    return y && where(b, b.operation("bool.not", first), y);
  }
  const value = b.operation("select", first, x.value, y.value);
  const of = union(x.of, y.of);
  if (!x.live && !y.live) return { value, of };
  const live = b.operation("bool.select", first, x.live ?? b.bool(true), y.live ?? b.bool(true));
  const isZeroed = (!x.live || x.isZeroed) && (!y.live || y.isZeroed);
  return { value, live, isZeroed, of };
}

/** Forwards: the result's derivative by those of the arguments, which are asked for once for each direction. */
export function push(
  b: Builder,
  name: ScalarOperationName,
  args: readonly Value[],
  result: Value,
): (tangents: readonly (Contribution | undefined)[]) => Contribution | undefined {
  const { choice, partials } = scalarOperations[name];
  if (choice) {
    const first = choice(b, args);
    return (tangents) => chosen(b, first, tangents[tangents.length - 2], tangents[tangents.length - 1]);
  }
  const slopes = partials!(b, args, result);
  return (tangents) =>
    tangents
      .flatMap((tangent, k) => (tangent && slopes[k] ? [times(b, name, tangent, slopes[k])] : []))
      .reduce<Contribution | undefined>((total, term) => (total ? sum(b, total, term) : term), undefined);
}

/** Backwards: what each argument's derivative takes from the result's; undefined for those that nothing passes through. */
export function pull(
  b: RuleBuilder,
  name: ScalarOperationName,
  args: readonly Value[],
  result: Value,
  cotangent: Contribution,
): readonly (Contribution | undefined)[] {
  const { choice, partials } = scalarOperations[name];
  if (!choice) return partials!(b, args, result).map((partial) => (partial ? times(b, name, cotangent, partial) : undefined));
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
  if (inThen?.live || inElse?.live) return countsUnlessZero(b, value);
  if (inThen && inElse) return { value, of: union(inThen.of, inElse.of) };
  return { value, live: inThen ? condition : b.operation("bool.not", condition), isZeroed: true };
}
