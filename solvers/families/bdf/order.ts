/**
 * What the next step is to be: the order with which it may be longest, and how long (A. C. Hindmarsh et al., SUNDIALS, ACM TOMS 31 (2005)
 * 363–396, section 2.1; estimates and the first phase as in K. E. Brenan, S. L. Campbell, L. R. Petzold, Numerical Solution of
 * Initial-Value Problems in Differential-Algebraic Equations (1996), 5.2).
 */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { Slice, StepBuilder } from "../../step/builder.ts";
import { say } from "../../step/verdict.ts";
import type { Past } from "./memory.ts";
import { LARGEST_ORDER, leadingCoefficients, type BdfTableau } from "./tableau.ts";

/** Errors count so many times where the length of the next step is asked for, of the order below, the same, and the one above. */
const CAUTION = { below: 1.4, same: 1.2, above: 1.6 };
/** A step is not made longer by less than this, nor by more. */
const LEAST_GROWTH = 1.2;
const MOST_GROWTH = 2;
const MOST_SHRINKING = 0.2;
/** After so many errors in a row that are too large, the past is no good. */
const MOST_FAILURES = 3;

/** A step that was solved. */
export interface Solved {
  readonly u: Slice;
  readonly uNext: Slice;
  readonly atol: Slice;
  readonly rtol: Value;
  readonly verdict: ArrayArgument;
  readonly correction: Slice;
  readonly past: Past;
  /** Its differences are what each adds to the predictor. */
  readonly next: Past;
  /** An i32. */
  readonly order: Value;
  /** h/ψⱼ, and their sums. */
  readonly parts: readonly Value[];
  readonly sums: readonly Value[];
}

/** Returns the error. Says in the verdict how much longer the next step is to be, and in both memories of which order. */
export function chooseNext(b: StepBuilder, { largestOrder, strictness }: BdfTableau, solved: Solved): Value {
  const { past, order } = solved;
  const k = b.toF64(order);
  const constants = errorConstants(b, solved, strictness);
  /** Of the order that is higher by so much, whose predictor is lower by the terms of the differences between. */
  const errorOf = (by: -1 | 0 | 1): Value => {
    const { u, uNext, atol, rtol, correction } = solved;
    const constant = b.load(constants, b.operation("i32.add", order, b.i32(by)));
    return b.times(
      constant,
      b.errorNorm((at) => correctionOf(b, solved, by, at, correction), u, uNext, atol, rtol),
    );
  };
  /** By which a step of that order may be longer. */
  const factorOf = (error: Value, caution: number, by: number): Value => {
    const logarithm = b.operation("log", b.times(error, caution));
    return b.operation("exp", b.operation("div", b.times(logarithm, -1), plus(b, k, 1 + by)));
  };
  const zero = b.f64(0);
  const error = errorOf(0);
  const isAccepted = b.operation("le", error, b.f64(1));
  const same = factorOf(error, CAUTION.same, 0);
  const steps = past.get("steps");
  const settles = b.operation("eq", past.get("settled"), zero);
  const sameOrder = plus(b, past.get("sameOrder"), 1);
  const isDue = b.operation("bool.or", b.operation("bool.not", isAccepted), b.operation("gt", sameOrder, k));
  const looks = b.operation("bool.or", settles, isDue);
  const hasLower = b.operation("i32.gt", order, b.i32(1));
  const hasHigher = and(b, b.operation("i32.lt", order, b.i32(largestOrder)), b.operation("ge", steps, k));
  const [lower] = b.if(
    and(b, looks, hasLower),
    () => [factorOf(errorOf(-1), CAUTION.below, -1)],
    () => [zero],
  );
  const [higher] = b.if(
    and(b, looks, hasHigher, isAccepted, b.operation("bool.not", settles)),
    () => [factorOf(errorOf(1), CAUTION.above, 1)],
    () => [zero],
  );
  const estimates = { k, same, lower, higher, steps, sameOrder, settles, isDue, looks };
  b.when(
    isAccepted,
    () => goOn(b, largestOrder, solved, estimates),
    () => tryAgain(b, solved, estimates),
  );
  return error;
}

function plus(b: StepBuilder, x: Value, by: number): Value {
  return b.plus(x, b.f64(by));
}

function and(b: StepBuilder, ...all: Value[]): Value {
  return all.reduce((x, y) => b.operation("bool.and", x, y));
}

/** What the next order is chosen by. */
interface Estimates {
  /** The order of the step, as a number. */
  readonly k: Value;
  /** By what the step may be longer, with its order, and with the orders below and above, where these are looked at. */
  readonly same: Value;
  readonly lower: Value;
  readonly higher: Value;
  /** Steps since the beginning, and of the order, with this one. */
  readonly steps: Value;
  readonly sameOrder: Value;
  /** Bools: orders still follow each other; there were steps enough of this order; so another one is looked at. */
  readonly settles: Value;
  readonly isDue: Value;
  readonly looks: Value;
}

/** The step is accepted. */
function goOn(b: StepBuilder, largestOrder: number, { past, next, order, verdict }: Solved, estimates: Estimates): void {
  const { k, same, lower, higher, steps, sameOrder, settles, isDue, looks } = estimates;
  const zero = b.f64(0);
  const failed = b.operation("gt", past.get("failures"), zero);
  const isBest = (x: Value, other: Value): Value => and(b, b.operation("gt", x, same), b.operation("gt", x, other));
  const isLower = isBest(lower, higher);
  // At the beginning orders follow each other until a step might not be longer.
  const mayGrow = and(b, b.operation("bool.not", failed), b.operation("ge", same, b.f64(1)), b.operation("bool.not", isLower));
  const stillSettles = and(b, settles, mayGrow, b.operation("i32.lt", order, b.i32(largestOrder)));
  const isHigher = b.operation("bool.or", stillSettles, isBest(higher, lower));
  const change = b.operation("select", isLower, b.f64(-1), b.operation("select", isHigher, b.f64(1), zero));
  const best = b.operation("max", same, b.operation("max", lower, higher));
  const growth = b.operation("min", best, b.f64(MOST_GROWTH));
  const grows = and(b, looks, b.operation("ge", growth, b.f64(LEAST_GROWTH)), b.operation("bool.not", failed));
  const shrinks = b.operation("min", b.f64(1), b.operation("max", b.f64(0.5), b.operation("select", isDue, best, same)));
  say(b, verdict, "factor", b.operation("select", grows, growth, shrinks));
  const changes = b.operation("bool.or", grows, b.operation("ne", change, zero));
  next.set("steps", plus(b, steps, 1));
  next.set("order", b.plus(k, change));
  next.set("sameOrder", b.operation("select", changes, zero, sameOrder));
  next.set("settled", b.operation("select", stillSettles, zero, b.f64(1)));
  next.set("failures", 0);
}

/** The step is rejected, or goes on where steps are of one length. */
function tryAgain(b: StepBuilder, { past, next, verdict }: Solved, { k, same, lower, steps }: Estimates): void {
  const failures = plus(b, past.get("failures"), 1);
  const isLower = b.operation("gt", lower, same);
  const isLost = b.operation("ge", failures, b.f64(MOST_FAILURES));
  const best = b.operation("max", b.f64(MOST_SHRINKING), b.operation("max", lower, same));
  say(b, verdict, "factor", b.operation("select", isLost, b.f64(MOST_SHRINKING), b.operation("min", b.f64(0.9), best)));
  const reduced = b.operation("select", isLower, plus(b, k, -1), k);
  past.set("failures", failures);
  past.set("order", reduced);
  past.set("settled", 1);
  past.set("steps", b.operation("select", isLost, b.f64(0), steps));
  next.set("steps", plus(b, steps, 1));
  next.set("order", reduced);
  next.set("sameOrder", 0);
  next.set("settled", 1);
  next.set("failures", 0);
}

/** u₁ less the predictor of the order, or of the one below or above it. */
function correctionOf(
  b: StepBuilder,
  { next, order }: Solved,
  by: -1 | 0 | 1,
  at: (vector: Slice) => Value,
  correction: Slice,
): Value {
  if (by === 0) return at(correction);
  const choice = Array.from({ length: LARGEST_ORDER }, (_, i) => i + 2).map((j) => {
    const wanted = by === -1 ? j - 1 : j - 2;
    const is = b.operation("i32.eq", order, b.i32(wanted));
    return b.times(b.operation("select", is, b.f64(1), b.f64(0)), at(next.difference(j)));
  });
  const term = choice.reduce((x, y) => b.plus(x, y));
  return b.operation(by === -1 ? "add" : "sub", at(correction), term);
}

/** By order: of the part of the solution that the formula does not see, in u₁ less the predictor, what counts as an error. */
function errorConstants(b: StepBuilder, { parts, sums }: Solved, strictness: number) {
  const constants = b.localArray("constants", LARGEST_ORDER + 1);
  for (let k = 1; k <= LARGEST_ORDER; k++) {
    const residual = b.operation("abs", b.operation("sub", sums[k], b.f64(leadingCoefficients[k])));
    b.store(constants, b.i32(k), b.times(b.operation("max", parts[k], residual), strictness));
  }
  return constants;
}
