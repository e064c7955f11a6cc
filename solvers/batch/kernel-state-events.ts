/**
 * Events of the state in kernels. Each step is looked at before it is taken, by the rules of single solves (step-loop/state-events.ts): where
 * it meets a condition it is tried again, to end there, and its end is corrected until the condition is zero to rounding.
 */
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import { LEAST } from "../step-loop/stops.ts";
import { BEHIND, BEYOND, LEAST_BEYOND, MOST_CORRECTIONS, MOVING_STEP, ULP } from "../step-loop/state-events.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import { KernelConditions } from "./kernel-conditions.ts";
import { applyEvent, type KernelEvents } from "./kernel-events.ts";
import { Numbers } from "./numbers.ts";

/** What a look at a step says. It is taken where that is `keep`, or `atEnd`: a condition is met at its end; it is dropped otherwise. */
export const look = { keep: 0, again: 1, atEnd: 2, atStart: 3, notFinite: 4 } as const;

/** `active`: is the present step to end at t? `isAtStart`: is the condition met where it begins? `stop`: where steps end in any case, if `stops`. */
const aim = [
  "active",
  "t",
  "slope",
  "corrections",
  "limit",
  "hasBefore",
  "beforeT",
  "beforeValue",
  "first",
  "beyond",
  "isAtStart",
  "stops",
  "stop",
] as const;

export class KernelStateEvents {
  readonly conditions: KernelConditions;
  private readonly aim: Numbers<(typeof aim)[number]>;
  /** Does the trajectory go on behind the events that take place? */
  private readonly going: ArrayArgument;

  constructor(
    private readonly b: BatchBuilder,
    private readonly events: KernelEvents,
  ) {
    this.conditions = new KernelConditions(b, events);
    this.aim = new Numbers(b, "aim", aim);
    this.going = b.slice({ array: b.localArray("going", 1), offset: 0 });
  }

  /** Before the first step: nothing is aimed at, and nothing was met. */
  reset(): void {
    this.aim.clear();
    this.conditions.reset();
  }

  /** Where the next step ends at the latest. */
  stopBefore(target: Value): Value {
    const { b, aim: a } = this;
    return b.operation("select", b.operation("ne", a.get("stops"), b.f64(0)), a.get("stop"), target);
  }

  /** The length of the next try of a step that is taken again from t. */
  lengthFrom(t: Value): Value {
    return this.b.operation("sub", this.aim.get("stop"), t);
  }

  /** What is no further is at t, where events take place: see {@link behind} of single solves. */
  reach(t: Value): Value {
    const { b } = this;
    const size = (x: Value): Value => b.operation("abs", x);
    const [t0, t1] = [b.setting("t0"), b.setting("t1")];
    const least = b.times(size(b.operation("sub", t1, t0)), LEAST);
    const largest = b.operation("max", b.operation("max", size(t0), size(t)), least);
    return b.plus(t, b.times(b.setting("direction"), b.times(largest, BEHIND)));
  }

  /** The same at the end of a step of which a look said this, where any do. */
  reachAtEnd(found: Value, tNext: Value): Value {
    const { b } = this;
    return b.operation("select", b.operation("eq", found, b.f64(look.atEnd)), this.reach(tNext), tNext);
  }

  /** A step was taken to where steps end, or events took place. */
  pass(): void {
    this.aim.set("stops", this.b.f64(0));
  }

  /** Looks at the step that was tried, from t to tNext; returns one of {@link look}. */
  look(t: Value, tNext: Value): Value {
    const { b, aim: a } = this;
    const isAimed = b.operation("bool.and", b.operation("ne", a.get("active"), b.f64(0)), b.operation("eq", a.get("t"), tNext));
    const [next] = b.if(
      isAimed,
      () => [this.atAim(t, tNext)],
      () => [tNext],
    );
    return b.if(
      b.operation("eq", next, tNext),
      () => {
        a.set("active", b.f64(0));
        return [this.over(t, tNext, isAimed)];
      },
      () => {
        this.aimAgain(next);
        return [b.f64(look.again)];
      },
    )[0];
  }

  /** What the step ends with is not what a longer one had there: another condition may be met within it, before that aimed at, at its end. */
  private over(t: Value, tNext: Value, isAimed: Value): Value {
    const { b, aim: a, conditions } = this;
    const size = (x: Value): Value => b.operation("abs", x);
    const both = (...all: readonly Value[]): Value => all.reduce((x, y) => b.operation("bool.and", x, y));
    const crossing = conditions.over(t, tNext);
    const far = b.times(b.operation("max", size(tNext), size(b.operation("sub", tNext, t))), LEAST_BEYOND);
    const isEarlier = b.operation("gt", size(b.operation("sub", tNext, crossing.t)), far);
    const near = b.times(size(t), MOVING_STEP);
    const isAtStart = b.operation("le", size(b.operation("sub", crossing.t, t)), near);
    const isLast = b.operation("ge", a.get("corrections"), b.f64(MOST_CORRECTIONS));
    const isSame = b.operation("eq", crossing.first, a.get("first"));
    const isNone = [isAtStart, isSame, isLast].reduce((x, y) => b.operation("bool.or", x, y));
    const isOther = both(crossing.isFound, isEarlier, b.operation("bool.not", isNone));
    const isAtEnd = both(isAimed, b.operation("bool.not", crossing.isNotANumber), b.operation("bool.not", isOther));
    const isNew = both(crossing.isFound, b.operation("bool.not", isAtEnd));
    return b.if(
      isNew,
      () => {
        const { t: at, slope, first, beyond } = crossing;
        const corrections = b.operation("select", isAimed, b.plus(a.get("corrections"), b.f64(1)), b.f64(0));
        const starts = b.operation("select", isAtStart, b.f64(1), b.f64(0));
        a.setAll({ slope, first, beyond, isAtStart: starts, limit: tNext, corrections, hasBefore: b.f64(0) });
        b.when(b.operation("bool.not", isAtStart), () => this.aimAt(at));
        return [b.operation("select", isAtStart, b.f64(look.atStart), b.f64(look.again))];
      },
      () => {
        const isFinite = b.operation("bool.not", crossing.isNotANumber);
        b.when(both(isFinite, b.operation("bool.not", isAtEnd)), () => conditions.accept());
        const found = b.operation("select", isAtEnd, b.f64(look.atEnd), b.f64(look.keep));
        return [b.operation("select", isFinite, found, b.f64(look.notFinite))];
      },
    )[0];
  }

  private aimAt(t: Value): void {
    const one = this.b.f64(1);
    this.aim.setAll({ active: one, t, stops: one, stop: t });
  }

  private aimAgain(t: Value): void {
    const { b, aim: a } = this;
    a.set("corrections", b.plus(a.get("corrections"), b.f64(1)));
    this.aimAt(t);
  }

  /** Where a step that ended where it was to is to end instead; its end t where that is good enough. */
  private atAim(start: Value, t: Value): Value {
    const { b, aim: a, conditions } = this;
    const value = conditions.valueAt(a.get("first"), b.slice(b.there.u), t);
    return b.if(
      b.operation("eq", a.get("beyond"), b.f64(0)),
      () => [this.corrected(start, t, value)],
      () => [this.movedBeyond(start, t, value)],
    )[0];
  }

  /** Where the step is to end instead; t where that will do. */
  private corrected(start: Value, t: Value, value: Value): Value {
    const { b, aim: a } = this;
    const size = (x: Value): Value => b.operation("abs", x);
    const hasBefore = b.operation("ne", a.get("hasBefore"), b.f64(0));
    const [before, slope] = [a.get("beforeValue"), a.get("slope")];
    const secant = b.operation("div", b.operation("sub", value, before), b.operation("sub", t, a.get("beforeT")));
    const isSecant = b.operation("bool.and", b.operation("finite", secant), b.operation("ne", secant, b.f64(0)));
    const own = b.operation("select", b.operation("bool.and", hasBefore, isSecant), secant, slope);
    const next = b.operation("sub", t, b.operation("div", value, own));
    const change = size(b.operation("sub", next, t));
    const isLast = b.operation("ge", a.get("corrections"), b.f64(MOST_CORRECTIONS));
    const isNoBetter = b.operation("bool.and", hasBefore, b.operation("gt", size(value), b.times(size(before), 0.5)));
    const moves = b.operation("gt", change, b.times(size(t), ULP));
    // No farther than the step that was dropped first, and no nearer than halfway.
    const isNear = b.operation("lt", change, b.times(size(b.operation("sub", t, start)), 0.5));
    const isDone = b.operation("bool.or", isLast, isNoBetter);
    const goesOn = b.operation("bool.and", b.operation("bool.not", isDone), b.operation("bool.and", moves, isNear));
    b.when(goesOn, () => a.setAll({ slope: own, hasBefore: b.f64(1), beforeT: t, beforeValue: value }));
    return b.operation("select", goesOn, next, t);
  }

  /** What the condition jumps at may be a little behind where the dense output has it: the event takes place where the state is beyond. */
  private movedBeyond(start: Value, t: Value, value: Value): Value {
    const { b, aim: a } = this;
    const [limit, zero] = [a.get("limit"), b.f64(0)];
    const isBeyond = b.operation("ge", b.times(a.get("beyond"), value), zero);
    const [length, left] = [b.operation("sub", t, start), b.operation("sub", limit, t)];
    const grown = b.operation("pow", b.f64(BEYOND), a.get("corrections"));
    const size = b.operation("max", b.operation("abs", t), b.operation("abs", length));
    const by = b.times(b.times(size, LEAST_BEYOND), grown);
    const farther = b.plus(t, b.times(b.operation("sign", length), by));
    const next = b.operation("select", b.operation("lt", by, b.operation("abs", left)), farther, limit);
    return b.operation("select", isBeyond, t, next);
  }

  /**
   * The events whose conditions are met take place at t, where the state is here. Whether they do so ever more often, and whether the trajectory goes
   * on: it ends with one that is terminal, too.
   */
  takePlace(t: Value): Record<"isEndless" | "goesOn", Value> {
    const { b, events, conditions } = this;
    const { aim: a, going } = this;
    const [first, beyond] = [a.get("first"), a.get("beyond")];
    const isEndless = conditions.meet(t, { first, beyond, isAtStart: b.operation("ne", a.get("isAtStart"), b.f64(0)) });
    b.set(going, b.operation("select", isEndless, b.f64(0), b.f64(1)));
    conditions.list.forEach((k, j) => {
      const { apply, terminal } = events[k];
      const takesPlace = b.operation("bool.and", conditions.isMet(j), b.operation("ne", b.get(going), b.f64(0)));
      b.when(takesPlace, () => {
        const index = conditions.count(j);
        if (apply) applyEvent(b, apply, t, index);
        if (terminal) {
          b.set(going, b.f64(0));
          b.tell("event", b.f64(k + 1));
        }
      });
    });
    return { isEndless, goesOn: b.operation("ne", b.get(going), b.f64(0)) };
  }
}
