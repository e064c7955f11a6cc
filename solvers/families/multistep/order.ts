/**
 * What the next step is to be: the order with which it may be longest, and how long (A. C. Hindmarsh et al., SUNDIALS, ACM TOMS 31 (2005)
 * 363–396, section 2.1; estimates and the first phase as in K. E. Brenan, S. L. Campbell, L. R. Petzold, Numerical Solution of
 * Initial-Value Problems in Differential-Algebraic Equations (1996), 5.2).
 */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { StepBuilder } from "../../step/builder.ts";
import { say } from "../../step/verdict.ts";
import type { Past } from "./past.ts";

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
  readonly verdict: ArrayArgument;
  readonly past: Past;
  readonly next: Past;
  /** An i32. */
  readonly order: Value;
  readonly largestOrder: number;
  /** From this order on it changes only where the step of the same one may not grow as much as steps may. */
  readonly restrainedFrom: number;
  /** Of the order that is higher by so much, in units of the tolerance. */
  readonly errorOf: (by: -1 | 0 | 1) => Value;
}

/** Returns the error. Says in the verdict how much longer the next step is to be, and in both memories of which order. */
export function chooseNext(b: StepBuilder, solved: Solved): Value {
  return new Choice(b, solved).choose();
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
    const error = solved.errorOf(0);
    const isAccepted = b.operation("le", error, b.f64(1));
    // An error is that of the order once the k + 2 states that it is made of are: of other steps, algebraic components had other errors.
    const isDue = this.or(this.not(isAccepted), b.operation("gt", this.sameOrder, this.plus(k, 1)));
    const looks = this.or(settles, isDue);
    const hasHigher = b.operation("i32.lt", solved.order, b.i32(solved.largestOrder));
    const isKnown = this.and(hasHigher, b.operation("ge", solved.past.get("steps"), k));
    const factor = (condition: Value, by: -1 | 1, caution: number): Value =>
      b.if(
        condition,
        () => [this.factorOf(solved.errorOf(by), caution, by)],
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
    const isFirst = this.and(settles, this.not(this.hasLower));
    const most = b.operation("select", isFirst, b.f64(MOST_GROWTH.first), b.f64(MOST_GROWTH.later));
    const isRestrained = this.and(
      b.operation("i32.ge", solved.order, b.i32(solved.restrainedFrom)),
      b.operation("ge", same, most),
    );
    const isLower = this.and(isBest(lower, higher), this.not(isRestrained));
    const hasNotFailed = b.operation("le", past.get("failures"), zero);
    // Orders follow each other until a step might not be longer; what failed before the first says nothing of them.
    const isSteady = this.or(hasNotFailed, b.operation("eq", steps, zero));
    const stillSettles = this.and(settles, isSteady, b.operation("ge", same, b.f64(1)), this.not(isLower), hasHigher);
    const rises = this.or(stillSettles, isBest(higher, lower), b.operation("ge", higher, most));
    const isHigher = this.and(rises, this.not(isRestrained));
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
