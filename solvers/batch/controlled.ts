/** Steps under error control, in each trajectory its own: what kernels carry from one step to the next. */
import type { Value } from "../../src/ir/ir.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import { controllerOf } from "../step/controller.ts";
import { status, statuses } from "../step/verdict.ts";
import { afterAccepted, propose, STRETCH } from "../step-loop/control.ts";
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

/** Before the first step; the state and its derivative are here. Where that is not finite, there is none. */
export function firstControlled(b: BatchBuilder, method: ExplicitMethod): Controlled {
  const zero = b.f64(0);
  b.switches.begin(b.slice(b.here.u), b.setting("t0"));
  const { here, there, p, atol } = b;
  const at = { u: here.u, f: here.f, uNext: there.u, fNext: there.f, p, atol };
  const span = b.operation("sub", b.setting("t1"), b.setting("t0"));
  const h = initialStep(
    b,
    b.of,
    { order: method.order, boundary: boundaryOf(method) },
    at,
    b.setting("t0"),
    span,
    b.setting("rtol"),
  );
  const begins = b.operation("bool.and", b.isFinite(b.here.f), b.operation("finite", h));
  b.tell("outcome", b.operation("select", begins, zero, b.f64(outcomes.indexOf("nonFinite"))));
  return {
    t: b.setting("t0"),
    h,
    rejected: zero,
    steps: zero,
    rejections: zero,
    left: b.operation("select", begins, b.f64(2), zero),
    halt: zero,
    remembered: controllerOf(method).remembered.map((x) => b.f64(x)),
  };
}

/** Where the next step ends at the latest. */
function targetOf(b: BatchBuilder, halt: Value): Value {
  const { halts } = b;
  if (!halts) return b.setting("t1");
  const isLeft = b.operation("lt", halt, b.f64(halts.size));
  const inside = b.operation("select", isLeft, halt, b.f64(halts.size - 1));
  return b.operation("select", isLeft, b.load(halts, b.operation("i32.from_f64", inside)), b.setting("t1"));
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
 * the last one returned.
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
  const bounds = { stop: target, longest: b.setting("longest"), direction: b.setting("direction"), stretch: b.f64(STRETCH) };
  const proposal = propose(b, t, asked, bounds);
  const { length, tNext, toStop } = proposal;
  const estimate = b.step(t, length, b.setting("rtol"));
  const judged = b.switches.judge(estimate, b.slice(b.there.u), b.plus(t, length));
  // An infinite state makes its error, in proportion to it, small.
  const isState = b.isFinite(b.there.u);
  const isFinite = b.operation("bool.and", b.operation("finite", judged), isState);
  // Of an error of zero there is no logarithm.
  const error = b.operation("max", judged, b.f64(1e-30));
  const isAccepted = b.operation("bool.and", isFinite, b.operation("le", error, one));
  const proposed = (): Value => b.proposed();
  const memory = { remembered, rejected: b.operation("ne", rejected, zero), proposed };
  const [h, next, ...newest] = b.if(
    isAccepted,
    () => {
      const after = afterAccepted(b, controller, error, proposal, memory);
      b.finishDerivative(tNext);
      const value = accept(t, tNext);
      b.advanceControl();
      b.advanceTo();
      return [after.h, value, ...after.remembered];
    },
    () => {
      const smaller = b.operation("select", isFinite, controller.reject(b, error, proposed), b.f64(NOT_FINITE_FACTOR));
      return [b.times(length, smaller), kept, ...remembered];
    },
  );
  const choose = (yes: Value, no: Value): Value => b.operation("select", isAccepted, yes, no);
  const isStuck = tellIfStuck(b, t, h, { isAccepted, isFinite, isState });
  const isThere = b.operation("bool.and", isAccepted, toStop);
  const isDone = b.operation("bool.or", isStuck, b.operation("bool.and", isThere, b.operation("eq", target, t1)));
  return {
    controlled: {
      t: choose(tNext, t),
      h,
      rejected: choose(zero, b.operation("select", isFinite, one, rejected)),
      steps: b.plus(steps, choose(one, zero)),
      rejections: b.plus(rejections, choose(zero, one)),
      left: b.operation("select", isDone, zero, b.f64(2)),
      halt: b.halts ? b.plus(halt, b.operation("select", isThere, one, zero)) : halt,
      remembered: newest,
    },
    kept: next,
  };
}

/** Tells whether the next try is too short to move the trajectory, and why; of what is not a number where the state is one, the tangents are. */
function tellIfStuck(
  b: BatchBuilder,
  t: Value,
  again: Value,
  { isAccepted, isFinite, isState }: Record<"isAccepted" | "isFinite" | "isState", Value>,
): Value {
  const span = b.operation("abs", b.operation("sub", b.setting("t1"), b.setting("t0")));
  const reference = b.operation("max", b.operation("abs", t), b.times(span, LEAST_TIME));
  const least = b.operation("max", b.times(reference, b.setting("leastStep")), b.setting("shortest"));
  const isShorter = b.operation("bool.not", b.operation("gt", b.operation("abs", again), least));
  const isStuck = b.operation("bool.and", b.operation("bool.not", isAccepted), isShorter);
  const code = (name: Outcome): Value => b.f64(outcomes.indexOf(name));
  const notFinite = b.of.primal
    ? b.operation("select", isState, code("notDifferentiable"), code("nonFinite"))
    : code("nonFinite");
  const why = b.operation("select", isFinite, code("stepUnderflow"), notFinite);
  b.tell("outcome", b.operation("select", isStuck, why, b.f64(0)));
  return isStuck;
}

/** Tells how many steps there were, and of one that had to stop, why; returns whether it had to. */
export function tellSteps(b: BatchBuilder, { steps, rejections, left }: Controlled): Value {
  const exhausted = b.operation("ge", b.plus(steps, rejections), b.setting("mostSteps"));
  const isCut = b.operation("bool.and", exhausted, b.operation("ne", left, b.f64(0)));
  b.when(isCut, () => b.tell("outcome", b.f64(outcomes.indexOf("tooManySteps"))));
  b.tell("steps", steps);
  b.tell("rejections", rejections);
  return isCut;
}
