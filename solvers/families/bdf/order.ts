/**
 * What the next step is to be: the order with which it may be longest, and how long (A. C. Hindmarsh et al., SUNDIALS, ACM TOMS 31 (2005)
 * 363–396, section 2.1; estimates and the first phase as in K. E. Brenan, S. L. Campbell, L. R. Petzold, Numerical Solution of
 * Initial-Value Problems in Differential-Algebraic Equations (1996), 5.2).
 */
import type { ArrayArgument, ArrayDeclaration, Value } from "../../../src/ir/ir.ts";
import type { AnySlice, Slice, StepBuilder } from "../../step/builder.ts";
import { say } from "../../step/verdict.ts";
import type { Past } from "./memory.ts";
import { leadingCoefficients, type BdfTableau } from "./tableau.ts";

/** Errors count so many times where the length of the next step is asked for, of the order below, the same, and the one above. */
const CAUTION = { below: 1.4, same: 1.2, above: 1.6 };
/** A step is not made longer by less than this, nor by more: of order 1 at the beginning, or later. */
const LEAST_GROWTH = 1.2;
const MOST_GROWTH = { first: 4, later: 2 };
const MOST_SHRINKING = 0.2;
/** After so many errors in a row that are too large orders become lower, and of order 1 the past is no good. */
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
  readonly next: Past;
  /** An i32. */
  readonly order: Value;
  /** By j: what the differences are multiplied with in the predictor; h/ψⱼ, and their sums. */
  readonly growth: ArrayDeclaration;
  readonly parts: ArrayDeclaration;
  readonly sums: ArrayDeclaration;
}

/** Returns the error. Says in the verdict how much longer the next step is to be, and in both memories of which order. */
export function chooseNext(b: StepBuilder, tableau: BdfTableau, solved: Solved): Value {
  return new Choice(b, tableau, solved).choose();
}

/** By what a step may be longer: of the order below, where there is one and it was looked at, the same, and the one above. */
interface Factors {
  readonly lower: Value;
  readonly same: Value;
  readonly higher: Value;
}

class Choice {
  private readonly k: Value;
  private readonly zero: Value;
  private readonly hasLower: Value;
  /** Whether it is still at the beginning, where orders follow each other. */
  private readonly settles: Value;
  private readonly sameOrder: Value;

  constructor(
    private readonly b: StepBuilder,
    private readonly tableau: BdfTableau,
    private readonly solved: Solved,
  ) {
    this.k = b.toF64(solved.order);
    this.zero = b.f64(0);
    this.hasLower = b.operation("i32.gt", solved.order, b.i32(1));
    this.settles = b.operation("eq", solved.past.get("settled"), this.zero);
    this.sameOrder = this.plus(solved.past.get("sameOrder"), 1);
  }

  choose(): Value {
    const { b, k, settles, solved } = this;
    const error = this.errorOf(0);
    const isAccepted = b.operation("le", error, b.f64(1));
    // An error is that of the order once the k + 2 states that it is made of are: of other steps, algebraic components had other errors.
    const isDue = this.or(this.not(isAccepted), b.operation("gt", this.sameOrder, this.plus(k, 1)));
    const looks = this.or(settles, isDue);
    const hasHigher = b.operation("i32.lt", solved.order, b.i32(this.tableau.largestOrder));
    const isKnown = this.and(hasHigher, b.operation("ge", solved.past.get("steps"), k));
    const factor = (condition: Value, by: -1 | 1, caution: number): Value =>
      b.if(
        condition,
        () => [this.factorOf(this.errorOf(by), caution, by)],
        () => [this.zero],
      )[0];
    const factors = {
      lower: factor(this.and(looks, this.hasLower), -1, CAUTION.below),
      same: this.factorOf(error, CAUTION.same, 0),
      higher: factor(this.and(looks, isKnown, isAccepted, this.not(settles)), 1, CAUTION.above),
    };
    b.when(
      isAccepted,
      () => this.goOn(factors, looks, isDue, hasHigher),
      () => this.tryAgain(factors),
    );
    return error;
  }

  /** Of the order that is higher by so much, whose predictor is lower by the terms of the differences between. */
  private errorOf(by: -1 | 0 | 1): Value {
    const { b, solved } = this;
    const { u, uNext, atol, rtol, correction } = solved;
    const term = expectedBeside(b, solved, by);
    const norm = b.errorNorm((at) => b.operation(by > 0 ? "sub" : "add", at(correction), term(at)), u, uNext, atol, rtol);
    return b.times(errorConstant(b, solved, by, this.tableau.strictness), norm);
  }

  /** By which a step of that order may be longer. */
  private factorOf(error: Value, caution: number, by: number): Value {
    const { b } = this;
    const logarithm = b.operation("log", b.times(error, caution));
    return b.operation("exp", b.operation("div", b.times(logarithm, -1), this.plus(this.k, 1 + by)));
  }

  /** After a step that is accepted. */
  private goOn({ lower, same, higher }: Factors, looks: Value, isDue: Value, hasHigher: Value): void {
    const { b, k, zero, solved, settles } = this;
    const { past, next, verdict } = solved;
    const steps = past.get("steps");
    const isBest = (x: Value, other: Value): Value => this.and(b.operation("gt", x, same), b.operation("gt", x, other));
    const isLower = isBest(lower, higher);
    const hasNotFailed = b.operation("le", past.get("failures"), zero);
    // Orders follow each other until a step might not be longer; what failed before the first says nothing of them.
    const isSteady = this.or(hasNotFailed, b.operation("eq", steps, zero));
    const stillSettles = this.and(settles, isSteady, b.operation("ge", same, b.f64(1)), this.not(isLower), hasHigher);
    const isFirst = this.and(settles, this.not(this.hasLower));
    const most = b.operation("select", isFirst, b.f64(MOST_GROWTH.first), b.f64(MOST_GROWTH.later));
    const isHigher = this.or(stillSettles, isBest(higher, lower), b.operation("ge", higher, most));
    const change = b.operation("select", isHigher, b.f64(1), b.operation("select", isLower, b.f64(-1), zero));
    const best = b.operation("max", same, b.operation("max", lower, higher));
    const growth = b.operation("min", best, most);
    const grows = this.and(looks, b.operation("ge", growth, b.f64(LEAST_GROWTH)), hasNotFailed);
    const shrinks = b.operation("min", b.f64(1), b.operation("max", b.f64(0.5), b.operation("select", isDue, best, same)));
    say(b, verdict, "factor", b.operation("select", grows, growth, shrinks));
    const changes = this.or(grows, b.operation("ne", change, zero));
    next.set("used", k);
    next.set("steps", this.plus(steps, 1));
    next.set("order", b.plus(k, change));
    next.set("sameOrder", b.operation("select", changes, zero, this.sameOrder));
    next.set("settled", b.operation("select", stillSettles, zero, b.f64(1)));
    next.set("failures", 0);
  }

  /** After an error that is too large. */
  private tryAgain({ lower, same }: Factors): void {
    const { b, k, solved } = this;
    const { past, next, verdict } = solved;
    const steps = past.get("steps");
    const failures = this.plus(past.get("failures"), 1);
    const isForced = b.operation("ge", failures, b.f64(MOST_FAILURES));
    const isLower = this.and(this.hasLower, this.or(isForced, b.operation("gt", lower, same)));
    const isLost = this.and(isForced, this.not(this.hasLower));
    const best = b.operation("max", b.f64(MOST_SHRINKING), b.operation("max", lower, same));
    say(b, verdict, "factor", b.operation("select", isForced, b.f64(MOST_SHRINKING), b.operation("min", b.f64(0.9), best)));
    const reduced = b.operation("select", isLower, this.plus(k, -1), k);
    past.set("failures", failures);
    past.set("order", reduced);
    past.set("settled", 1);
    past.set("steps", b.operation("select", isLost, this.zero, steps));
    // Steps of one length go on from here all the same.
    next.set("used", k);
    next.set("steps", this.plus(steps, 1));
    next.set("order", reduced);
    next.set("sameOrder", 0);
    next.set("settled", 1);
    next.set("failures", 0);
  }

  private plus(x: Value, by: number): Value {
    return this.b.plus(x, this.b.f64(by));
  }

  private and(...all: Value[]): Value {
    return all.reduce((x, y) => this.b.operation("bool.and", x, y));
  }

  private or(...all: Value[]): Value {
    return all.reduce((x, y) => this.b.operation("bool.or", x, y));
  }

  private not(x: Value): Value {
    return this.b.operation("bool.not", x);
  }
}

/** What the predictor of the order below has less, or that of the order above more. */
function expectedBeside(
  b: StepBuilder,
  { past, growth, order }: Solved,
  by: -1 | 0 | 1,
): (at: (vector: AnySlice) => Value) => Value {
  if (by === 0) return () => b.f64(0);
  const j = b.operation("i32.add", order, b.i32(by === -1 ? 1 : 2));
  const [weight, difference] = [b.load(growth, j), past.difference(j)];
  return (at) => b.times(weight, at(difference));
}

/** Of the part of the solution that the formula of an order does not see, in u₁ less the predictor, what counts as an error. */
function errorConstant(b: StepBuilder, { parts, sums, order }: Solved, by: -1 | 0 | 1, strictness: number): Value {
  const k = b.operation("i32.add", order, b.i32(by));
  const above = b.operation("i32.add", k, b.i32(1));
  const leading = b.load(b.constantArray("leading", leadingCoefficients), k);
  const residual = b.operation("abs", b.operation("sub", b.load(sums, above), leading));
  return b.times(b.operation("max", b.load(parts, above), residual), strictness);
}
