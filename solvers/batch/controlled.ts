/** Steps under error control, in each trajectory its own: what kernels carry from one step to the next. */
import type { Value } from "../../src/ir/ir.ts";
import { controllerOf } from "../step/controller.ts";
import { status, statuses } from "../step/verdict.ts";
import type { BetweenSteps } from "../step-loop/between-steps.ts";
import { afterAccepted, FIXED_STRETCH, propose, STRETCH, type Proposal } from "../step-loop/control.ts";
import type { Method } from "../step/method.ts";
import { beginning, behindStep, takenIf, type Taken } from "./behind-step.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import { outcomes, type Outcome } from "./told.ts";
import { outcomeOf } from "./ended.ts";
import { betweenSteps } from "./seen-steps.ts";

/** Of the span: near t = 0, steps are measured by this time. */
const LEAST_TIME = 2 ** -100;

/**
 * All f64s. `rejected`: 1 where a try was rejected since the last step. `left`: zero where the trajectory goes no further. `halt`: the
 * next of the times that are ends of steps, by its index. `remembered`: what the controller remembers.
 */
export interface Controlled {
  readonly t: Value;
  readonly h: Value;
  readonly rejected: Value;
  readonly steps: Value;
  readonly rejections: Value;
  readonly left: Value;
  readonly halt: Value;
  readonly remembered: readonly Value[];
}

const NUMBERS = ["t", "h", "rejected", "steps", "rejections", "left", "halt"] as const;

/** How many values they are for steps of a method. */
export function sizeOfControlled(method: Method): number {
  return NUMBERS.length + controllerOf(method).remembered.length;
}

/** As so many values, and of as many; what comes behind them is left aside. */
export function valuesOf(controlled: Controlled): readonly Value[] {
  return [...NUMBERS.map((name) => controlled[name]), ...controlled.remembered];
}

export function controlledOf(method: Method, values: readonly Value[]): Controlled {
  const numbers = Object.fromEntries(NUMBERS.map((name, i) => [name, values[i]])) as Record<(typeof NUMBERS)[number], Value>;
  return { ...numbers, remembered: values.slice(NUMBERS.length, sizeOfControlled(method)) };
}

/** Before the first step; the state is here. Where its derivative is not finite, there is none. */
export function firstControlled(b: BatchBuilder, method: Method): Controlled {
  const [t, zero] = [b.setting("t0"), b.f64(0)];
  const halt = b.timed?.takePlace(zero, t) ?? zero;
  b.tell("event", zero);
  b.stateEvents?.reset();
  b.stateEvents?.conditions.begin(t, false);
  const remembered = controllerOf(method).remembered.map((x) => b.f64(x));
  const { h: chosen, left } = beginning(b, method, t);
  const h = method.dt ? chosen : firstStep(b, t, chosen);
  return { t, h, rejected: zero, steps: zero, rejections: zero, left, halt, remembered };
}

/** As it is asked for, no longer than the span; or what was chosen. */
function firstStep(b: BatchBuilder, t: Value, chosen: Value): Value {
  const asked = b.setting("first");
  const span = b.operation("abs", b.operation("sub", b.setting("t1"), t));
  const given = b.times(b.setting("direction"), b.operation("min", asked, span));
  return b.operation("select", b.operation("gt", asked, b.f64(0)), given, chosen);
}

/** Where the next step ends at the latest. */
function targetOf(b: BatchBuilder, halt: Value): Value {
  const { halts } = b;
  if (!halts) return b.setting("t1");
  const isLeft = b.operation("lt", halt, b.f64(halts.size));
  return b.operation("select", isLeft, b.load(halts, b.haltIndex(halt)), b.setting("t1"));
}

/** Is there another step to try, of so many at most? */
export function goesOn(b: BatchBuilder, controlled: Controlled, most = b.setting("mostSteps")): Value {
  const within = b.operation("lt", triesOf(b, controlled), most);
  return b.operation("bool.and", within, b.operation("ne", controlled.left, b.f64(0)));
}

export function triesOf(b: BatchBuilder, { steps, rejections }: Controlled): Value {
  return b.plus(steps, rejections);
}

/** How many tries there may have been when a run of the kernel ends that begins here. */
export function mostInRun(b: BatchBuilder, controlled: Controlled): Value {
  return b.operation("min", b.setting("mostSteps"), b.plus(triesOf(b, controlled), b.setting("mostHere")));
}

/** Who looks at steps makes another number of `next`, the index of the time that is saved next. */
interface Looking {
  /** At a step from t to tNext, before the trajectory moves on; what is no further than `reach` is at its end, as events of the state take place there. */
  readonly accept: (t: Value, tNext: Value, reach: Value) => Value;
  /** Where such events take place without a step, and what is no further than `reach` is here. */
  readonly stay?: (reach: Value) => Value;
}

/** Tries a step. Steps of one length are taken whatever their error. */
export function tryStep(
  b: BatchBuilder,
  method: Method,
  { t, h: asked, rejected, steps, rejections, halt, remembered }: Controlled,
  next: Value,
  { accept, stay = () => next }: Looking,
): { readonly controlled: Controlled; readonly next: Value } {
  const target = targetOf(b, halt);
  const [one, zero] = [b.f64(1), b.f64(0)];
  b.remember();
  const { between, proposal, lands } = proposed(b, method, { t, asked, next, target });
  const { length, tNext } = proposal;
  const tried = judgedStep(b, method, t, length);
  const { error } = tried;
  const isGood = b.operation("bool.and", tried.isFinite, b.operation("le", error, one));
  // What it ends with is seen to be good enough between its ends, or it is left, and a shorter one is asked for.
  const isLeft = between ? isLeftFor(b, between, isGood, proposal, lands!) : b.bool(false);
  const isAccepted = b.operation("bool.and", isGood, b.operation("bool.not", isLeft));
  const [h, tThere, isTaken, isAgain, following, left, haltNext, ...newest] = b.if(
    isAccepted,
    () => {
      if (!between) b.finishDerivative(tNext);
      const found = b.stateEvents?.look(t, tNext);
      const take = (): Taken => {
        const memory = { remembered, rejected: b.operation("ne", rejected, zero), proposed: () => b.said("factor") };
        const after = method.dt
          ? { h: b.setting("h"), remembered }
          : afterAccepted(b, controllerOf(method), error, proposal, memory);
        const value = accept(t, tNext, found ? b.stateEvents!.reachAtEnd(found, tNext) : tNext);
        if (!method.dt) b.advanceControl();
        b.advanceTo();
        return { ...after, value };
      };
      const taken = found
        ? takenIf(b, found, { take, stay: () => stay(b.stateEvents!.reach(t)) }, { t, tNext, remembered, next })
        : { ...take(), t: tNext, isTaken: one };
      const behind = behindStep(b, method, { ...taken, halt }, { found, target });
      const { isTaken: is, value } = taken;
      const isAfter = b.operation("select", b.operation("ne", is, zero), zero, rejected);
      return [behind.h, taken.t, is, isAfter, value, behind.left, behind.halt, ...taken.remembered];
    },
    () => {
      const again = retried(b, method, { t, asked, length, rejected }, { ...tried, isLeft });
      return [again.h, t, zero, again.rejected, next, again.left, halt, ...remembered];
    },
  );
  return {
    controlled: {
      t: tThere,
      h,
      rejected: isAgain,
      steps: b.plus(steps, isTaken),
      rejections: b.plus(rejections, b.operation("sub", one, isTaken)),
      left,
      halt: haltNext,
      remembered: newest,
    },
    next: following,
  };
}

/** The step to try; of methods whose dense output errs otherwise than their steps as far as it is seen, and whether it ends where a state is saved. */
function proposed(
  b: BatchBuilder,
  method: Method,
  { t, asked, next, target }: Record<"t" | "asked" | "next" | "target", Value>,
): { readonly proposal: Proposal; readonly between?: BetweenSteps; readonly lands?: Value } {
  const all = {
    stop: b.stateEvents?.stopBefore(target) ?? target,
    longest: b.setting("longest"),
    direction: b.setting("direction"),
    stretch: b.f64(method.dt ? FIXED_STRETCH : STRETCH),
  };
  const between = method.dt ? undefined : betweenSteps(b, method.order, t, next);
  const seen = between?.bounds(all, t, asked);
  return { between, lands: seen?.lands, proposal: propose(b, t, asked, seen ?? all) };
}

/** A try: its error, the number of its status, and whether the state that it ends with, and with its error all of it, is finite. */
type Tried = Record<"error" | "how" | "isState" | "isFinite", Value>;

/** Takes a step, and judges it; an infinite state makes its error, in proportion to it, small. */
function judgedStep(b: BatchBuilder, method: Method, t: Value, length: Value): Tried {
  const estimate = b.step(t, length, b.setting("rtol"));
  const said = b.said("status");
  const isJudged = b.operation("eq", said, b.f64(status.judged));
  const judged = method.dt
    ? b.operation("select", isJudged, b.f64(0), b.f64(Infinity))
    : b.switches.judge(estimate, b.slice(b.there.u), b.plus(t, length));
  const isState = b.isFinite(b.there.u);
  const isFinite = b.operation("bool.and", b.operation("finite", judged), isState);
  const isNot = b.operation("bool.and", isJudged, b.operation("bool.not", isFinite));
  return {
    // Of an error of zero there is no logarithm.
    error: b.operation("max", judged, b.f64(1e-30)),
    how: b.operation("select", isNot, b.f64(status.nonFinite), said),
    isState,
    isFinite,
  };
}

/** Is a step that is good at its end left for what it is between its ends? Of one that is good the derivative at its end is known then. */
function isLeftFor(b: BatchBuilder, between: BetweenSteps, isGood: Value, proposal: Proposal, lands: Value): Value {
  return b.if(
    isGood,
    () => {
      b.finishDerivative(proposal.tNext);
      return [between.leaves(proposal, lands)];
    },
    () => [b.bool(false)],
  )[0];
}

/** Of a step that was not taken: the length of the next try, and whether there is one; of steps of one length there is none. */
function retried(
  b: BatchBuilder,
  method: Method,
  { t, asked, length, rejected }: Record<"t" | "asked" | "length" | "rejected", Value>,
  { error, how, isState, isLeft }: Tried & { readonly isLeft: Value },
): Pick<Controlled, "h" | "left" | "rejected"> {
  if (method.dt) {
    b.tell("outcome", outcomeOf(b, how, "nonFinite"));
    return { h: length, left: b.f64(0), rejected };
  }
  const reject = controllerOf(method).reject(b, error, () => b.said("factor"));
  const h = b.operation("select", isLeft, asked, b.times(length, factorOf(b, how, reject)));
  const isStuck = b.operation("bool.and", b.operation("bool.not", isLeft), isTooShort(b, t, h));
  const byStatus = outcomeOf(b, how, "stepUnderflow");
  // Of what is not a number where the state is one, the tangents are.
  const ofTangents = b.operation("bool.and", b.operation("eq", how, b.f64(status.nonFinite)), isState);
  const notDifferentiable = b.f64(outcomes.indexOf("notDifferentiable" satisfies Outcome));
  const why = b.of.primal ? b.operation("select", ofTangents, notDifferentiable, byStatus) : byStatus;
  b.tell("outcome", b.operation("select", isStuck, why, b.f64(0)));
  const isJudged = b.operation("eq", how, b.f64(status.judged));
  const isRejected = b.operation("bool.and", isJudged, b.operation("bool.not", isLeft));
  return {
    h,
    left: b.operation("select", isStuck, b.f64(0), b.f64(2)),
    rejected: b.operation("select", isRejected, b.f64(1), rejected),
  };
}

/** What the length of a try that ended so is multiplied by for the next one; one that was judged has its own. */
function factorOf(b: BatchBuilder, how: Value, judged: Value): Value {
  return statuses.reduce(
    (factor, { factor: own }, k) =>
      Number.isNaN(own) ? factor : b.operation("select", b.operation("eq", how, b.f64(k)), b.f64(own), factor),
    judged,
  );
}

/** Would a step of this length not move the trajectory? */
function isTooShort(b: BatchBuilder, t: Value, h: Value): Value {
  const span = b.operation("abs", b.operation("sub", b.setting("t1"), b.setting("t0")));
  const reference = b.operation("max", b.operation("abs", t), b.times(span, LEAST_TIME));
  const least = b.operation("max", b.times(reference, b.setting("leastStep")), b.setting("shortest"));
  return b.operation("bool.not", b.operation("gt", b.operation("abs", h), least));
}

/** Tells how many steps there were, and of one that had to stop, why; returns whether it had to. */
export function tellSteps(b: BatchBuilder, { t, steps, rejections, left }: Controlled): Value {
  const exhausted = b.operation("ge", b.plus(steps, rejections), b.setting("mostSteps"));
  const isCut = b.operation("bool.and", exhausted, b.operation("ne", left, b.f64(0)));
  b.when(isCut, () => b.tell("outcome", b.f64(outcomes.indexOf("tooManySteps"))));
  b.tell("steps", steps);
  b.tell("rejections", rejections);
  b.tell("end", t);
  return isCut;
}
