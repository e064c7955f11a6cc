/** Steps under error control, in each trajectory its own: what kernels carry from one step to the next. */
import type { Value } from "../../src/ir/ir.ts";
import { controllerOf } from "../step/controller.ts";
import { status, statuses } from "../step/verdict.ts";
import type { BetweenSteps } from "../step-loop/between-steps.ts";
import { afterAccepted, FIXED_STRETCH, propose, STRETCH, type Proposal } from "../step-loop/control.ts";
import { initialStep } from "../step-loop/initial-step.ts";
import { boundaryOf, type Method } from "../step/method.ts";
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
  const remembered = controllerOf(method).remembered.map((x) => b.f64(x));
  return { t, rejected: zero, steps: zero, rejections: zero, halt, remembered, ...beginning(b, method, t) };
}

/** The method begins anew with the state that is here: the first step, and whether there is one. */
function beginning(b: BatchBuilder, method: Method, t: Value): Pick<Controlled, "h" | "left"> {
  const { here, there, p, atol } = b;
  b.begin(t);
  b.switches.begin(b.slice(here.u), t);
  const h = firstStep(b, method, t, { u: here.u, f: here.f, uNext: there.u, fNext: there.f, p, atol });
  const begins = b.operation("bool.and", b.isFinite(here.f), b.operation("finite", h));
  const [zero, bad] = [b.f64(0), b.f64(outcomes.indexOf("nonFinite"))];
  b.tell("outcome", b.operation("select", begins, zero, bad));
  return { h, left: b.operation("select", begins, b.f64(2), zero) };
}

function firstStep(b: BatchBuilder, method: Method, t: Value, at: Parameters<typeof initialStep>[3]): Value {
  if (method.dt) return b.setting("h");
  const span = b.operation("sub", b.setting("t1"), t);
  const reach = { order: b.programs.firstOrder ?? method.order, boundary: boundaryOf(method) };
  return initialStep(b, b.of, reach, at, t, span, b.setting("rtol"));
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

/**
 * Tries a step. `accept` looks at it, from t to tNext, before the trajectory moves on, and makes another number of `next`, the index of the
 * time that is saved next. Steps of one length are taken whatever their error.
 */
export function tryStep(
  b: BatchBuilder,
  method: Method,
  { t, h: asked, rejected, steps, rejections, halt, remembered }: Controlled,
  next: Value,
  accept: (t: Value, tNext: Value) => Value,
): { readonly controlled: Controlled; readonly next: Value } {
  const controller = controllerOf(method);
  const [t1, target, one, zero] = [b.setting("t1"), targetOf(b, halt), b.f64(1), b.f64(0)];
  const stretch = b.f64(method.dt ? FIXED_STRETCH : STRETCH);
  const all = { stop: target, longest: b.setting("longest"), direction: b.setting("direction"), stretch };
  const between = method.dt ? undefined : betweenSteps(b, method.order, t, next);
  const seen = between?.bounds(all, t, asked);
  const proposal = propose(b, t, asked, seen ?? all);
  const { length, tNext } = proposal;
  const toStop = seen ? b.operation("bool.and", proposal.toStop, b.operation("bool.not", seen.lands)) : proposal.toStop;
  const tried = judgedStep(b, method, t, length);
  const { error } = tried;
  const isGood = b.operation("bool.and", tried.isFinite, b.operation("le", error, one));
  // What it ends with is seen to be good enough between its ends, or it is left, and a shorter one is asked for.
  const isLeft = seen ? isLeftFor(b, between!, isGood, proposal, seen.lands) : b.bool(false);
  const isAccepted = b.operation("bool.and", isGood, b.operation("bool.not", isLeft));
  const memory = { remembered, rejected: b.operation("ne", rejected, zero), proposed: () => b.said("factor") };
  const ends = b.operation("eq", target, t1);
  const [h, following, left, haltNext, ...newest] = b.if(
    isAccepted,
    () => {
      const after = method.dt ? { h: asked, remembered } : afterAccepted(b, controller, error, proposal, memory);
      if (!between) b.finishDerivative(tNext);
      const value = accept(t, tNext);
      if (!method.dt) b.advanceControl();
      b.advanceTo();
      const goesOn = b.operation("select", b.operation("bool.and", toStop, ends), zero, b.f64(2));
      const behind = behindHalt(b, method, { ...after, left: goesOn, halt }, tNext, toStop);
      return [behind.h, value, behind.left, behind.halt, ...behind.remembered];
    },
    () => {
      const again = retried(b, method, { t, asked, length }, { ...tried, isLeft });
      return [again.h, next, again.left, halt, ...remembered];
    },
  );
  const choose = (yes: Value, no: Value): Value => b.operation("select", isAccepted, yes, no);
  const isJudged = b.operation("eq", tried.how, b.f64(status.judged));
  const isRejected = b.operation("bool.and", isJudged, b.operation("bool.not", isLeft));
  return {
    controlled: {
      t: choose(tNext, t),
      h,
      rejected: choose(zero, b.operation("select", isRejected, one, rejected)),
      steps: b.plus(steps, choose(one, zero)),
      rejections: b.plus(rejections, choose(zero, one)),
      left,
      halt: haltNext,
      remembered: newest,
    },
    next: following,
  };
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
  { t, asked, length }: Record<"t" | "asked" | "length", Value>,
  { error, how, isState, isLeft }: Tried & { readonly isLeft: Value },
): Pick<Controlled, "h" | "left"> {
  if (method.dt) {
    b.tell("outcome", outcomeOf(b, how, "nonFinite"));
    return { h: length, left: b.f64(0) };
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
  return { h, left: b.operation("select", isStuck, b.f64(0), b.f64(2)) };
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

type Behind = Pick<Controlled, "h" | "left" | "halt" | "remembered">;

/**
 * What is carried on behind a step that ended at t, at a halt or not: events that are there take place, and the method begins anew, as
 * one does at every halt that goes on from steps before.
 */
function behindHalt(b: BatchBuilder, method: Method, so: Behind, t: Value, isHalt: Value): Behind {
  const { timed, halts, programs } = b;
  if (!halts) return so;
  const passed = b.plus(so.halt, b.operation("select", isHalt, b.f64(1), b.f64(0)));
  if (!timed && !programs.history) return { ...so, halt: passed };
  const takesPlace = timed ? b.operation("bool.and", isHalt, timed.isEvent(so.halt)) : b.bool(false);
  const [halt] = timed ? b.if(takesPlace, () => [timed.takePlace(so.halt, t)], () => [passed]) : [passed]; // prettier-ignore
  const [h, left] = b.if(
    programs.history ? isHalt : takesPlace,
    () => {
      const anew = beginning(b, method, t);
      return [anew.h, b.operation("min", so.left, anew.left)];
    },
    () => [so.h, so.left],
  );
  return { h, left, halt, remembered: so.remembered };
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
