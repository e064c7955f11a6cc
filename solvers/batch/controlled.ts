/** Steps under error control, in each trajectory its own: what kernels carry from one step to the next. */
import type { Value } from "../../src/ir/ir.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import { controllerOf } from "../step/controller.ts";
import { status, statuses } from "../step/verdict.ts";
import { afterAccepted, FIXED_STRETCH, propose, STRETCH } from "../step-loop/control.ts";
import { initialStep } from "../step-loop/initial-step.ts";
import { boundaryOf } from "../step/method.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import { outcomes, type Outcome } from "./batch-builder.ts";

const NOT_FINITE_FACTOR = statuses[status.nonFinite].factor;
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
export function sizeOfControlled(method: ExplicitMethod): number {
  return NUMBERS.length + controllerOf(method).remembered.length;
}

/** As so many values, and of as many; what comes behind them is left aside. */
export function valuesOf(controlled: Controlled): readonly Value[] {
  return [...NUMBERS.map((name) => controlled[name]), ...controlled.remembered];
}

export function controlledOf(method: ExplicitMethod, values: readonly Value[]): Controlled {
  const numbers = Object.fromEntries(NUMBERS.map((name, i) => [name, values[i]])) as Record<(typeof NUMBERS)[number], Value>;
  return { ...numbers, remembered: values.slice(NUMBERS.length, sizeOfControlled(method)) };
}

/** Before the first step; the state is here. Where its derivative is not finite, there is none. */
export function firstControlled(b: BatchBuilder, method: ExplicitMethod): Controlled {
  const [t, zero] = [b.setting("t0"), b.f64(0)];
  const halt = b.timed?.takePlace(zero, t) ?? zero;
  const remembered = controllerOf(method).remembered.map((x) => b.f64(x));
  return { t, rejected: zero, steps: zero, rejections: zero, halt, remembered, ...beginning(b, method, t) };
}

/** The method begins anew with the state that is here: the first step, and whether there is one. */
function beginning(b: BatchBuilder, method: ExplicitMethod, t: Value): Pick<Controlled, "h" | "left"> {
  const { here, there, p, atol } = b;
  b.rhs(here.f, here.u, t);
  b.switches.begin(b.slice(here.u), t);
  const h = firstStep(b, method, t, { u: here.u, f: here.f, uNext: there.u, fNext: there.f, p, atol });
  const begins = b.operation("bool.and", b.isFinite(here.f), b.operation("finite", h));
  const [zero, bad] = [b.f64(0), b.f64(outcomes.indexOf("nonFinite"))];
  b.tell("outcome", b.operation("select", begins, zero, bad));
  return { h, left: b.operation("select", begins, b.f64(2), zero) };
}

function firstStep(b: BatchBuilder, method: ExplicitMethod, t: Value, at: Parameters<typeof initialStep>[3]): Value {
  if (method.dt) return b.setting("h");
  const span = b.operation("sub", b.setting("t1"), t);
  return initialStep(b, b.of, { order: method.order, boundary: boundaryOf(method) }, at, t, span, b.setting("rtol"));
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
 * Tries a step. `accepted` looks at it, from t to tNext, before the trajectory moves on, and makes a value of its own of `kept`; it is
 * the last one returned. Steps of one length are taken whatever their error.
 */
export function tryStep(
  b: BatchBuilder,
  method: ExplicitMethod,
  { t, h: asked, rejected, steps, rejections, halt, remembered }: Controlled,
  kept: Value,
  accept: (t: Value, tNext: Value) => Value,
): { readonly controlled: Controlled; readonly kept: Value } {
  const controller = controllerOf(method);
  const [t1, target, one, zero] = [b.setting("t1"), targetOf(b, halt), b.f64(1), b.f64(0)];
  const bounds = {
    stop: target,
    longest: b.setting("longest"),
    direction: b.setting("direction"),
    stretch: b.f64(method.dt ? FIXED_STRETCH : STRETCH),
  };
  const proposal = propose(b, t, asked, bounds);
  const { length, tNext, toStop } = proposal;
  const estimate = b.step(t, length, b.setting("rtol"));
  const judged = method.dt ? zero : b.switches.judge(estimate, b.slice(b.there.u), b.plus(t, length));
  // An infinite state makes its error, in proportion to it, small.
  const isState = b.isFinite(b.there.u);
  const isFinite = b.operation("bool.and", b.operation("finite", judged), isState);
  // Of an error of zero there is no logarithm.
  const error = b.operation("max", judged, b.f64(1e-30));
  const isAccepted = b.operation("bool.and", isFinite, b.operation("le", error, one));
  const memory = { remembered, rejected: b.operation("ne", rejected, zero), proposed: () => b.proposed() };
  const ends = b.operation("eq", target, t1);
  const [h, next, left, haltNext, ...newest] = b.if(
    isAccepted,
    () => {
      const after = method.dt ? { h: asked, remembered } : afterAccepted(b, controller, error, proposal, memory);
      b.finishDerivative(tNext);
      const value = accept(t, tNext);
      if (!method.dt) b.advanceControl();
      b.advanceTo();
      const goesOn = b.operation("select", b.operation("bool.and", toStop, ends), zero, b.f64(2));
      const behind = behindHalt(b, method, { ...after, left: goesOn, halt }, tNext, toStop);
      return [behind.h, value, behind.left, behind.halt, ...behind.remembered];
    },
    () => {
      const again = retried(b, method, { t, length, error }, { isFinite, isState });
      return [again.h, kept, again.left, halt, ...remembered];
    },
  );
  const choose = (yes: Value, no: Value): Value => b.operation("select", isAccepted, yes, no);
  return {
    controlled: {
      t: choose(tNext, t),
      h,
      rejected: choose(zero, b.operation("select", isFinite, one, rejected)),
      steps: b.plus(steps, choose(one, zero)),
      rejections: b.plus(rejections, choose(zero, one)),
      left,
      halt: haltNext,
      remembered: newest,
    },
    kept: next,
  };
}

/** Of a step that was rejected: the length of the next try, and whether there is one; of steps of one length there is none. */
function retried(
  b: BatchBuilder,
  method: ExplicitMethod,
  { t, length, error }: Record<"t" | "length" | "error", Value>,
  is: Record<"isFinite" | "isState", Value>,
): Pick<Controlled, "h" | "left"> {
  if (method.dt) {
    b.tell("outcome", b.f64(outcomes.indexOf("nonFinite")));
    return { h: length, left: b.f64(0) };
  }
  const reject = controllerOf(method).reject(b, error, () => b.proposed());
  const h = b.times(length, b.operation("select", is.isFinite, reject, b.f64(NOT_FINITE_FACTOR)));
  return { h, left: b.operation("select", tellIfStuck(b, t, h, is), b.f64(0), b.f64(2)) };
}

type Behind = Pick<Controlled, "h" | "left" | "halt" | "remembered">;

/** What is carried on behind a step that ended at t, at a halt or not: events that are there take place, and the method begins anew. */
function behindHalt(b: BatchBuilder, method: ExplicitMethod, so: Behind, t: Value, isHalt: Value): Behind {
  const { timed, halts } = b;
  if (!halts) return so;
  const passed = b.plus(so.halt, b.operation("select", isHalt, b.f64(1), b.f64(0)));
  if (!timed) return { ...so, halt: passed };
  const takesPlace = b.operation("bool.and", isHalt, timed.isEvent(so.halt));
  const [h, left, halt] = b.if(
    takesPlace,
    () => {
      const behind = timed.takePlace(so.halt, t);
      const anew = beginning(b, method, t);
      return [anew.h, b.operation("min", so.left, anew.left), behind];
    },
    () => [so.h, so.left, passed],
  );
  return { h, left, halt, remembered: so.remembered };
}

/** Of a step that was rejected, tells whether the next try is too short to move the trajectory, and why; of what is not a number where the state is one, the tangents are. */
function tellIfStuck(
  b: BatchBuilder,
  t: Value,
  again: Value,
  { isFinite, isState }: Record<"isFinite" | "isState", Value>,
): Value {
  const span = b.operation("abs", b.operation("sub", b.setting("t1"), b.setting("t0")));
  const reference = b.operation("max", b.operation("abs", t), b.times(span, LEAST_TIME));
  const least = b.operation("max", b.times(reference, b.setting("leastStep")), b.setting("shortest"));
  const isStuck = b.operation("bool.not", b.operation("gt", b.operation("abs", again), least));
  const code = (name: Outcome): Value => b.f64(outcomes.indexOf(name));
  const notFinite = b.of.primal
    ? b.operation("select", isState, code("notDifferentiable"), code("nonFinite"))
    : code("nonFinite");
  const why = b.operation("select", isFinite, code("stepUnderflow"), notFinite);
  b.tell("outcome", b.operation("select", isStuck, why, b.f64(0)));
  return isStuck;
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
