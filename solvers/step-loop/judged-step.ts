/** What the step loop does with a step that was tried: it is taken, or another one is tried in its place. */
import type { Program, Value } from "../../src/ir/ir.ts";
import type { Controller } from "../step/controller.ts";
import type { System } from "../step/system.ts";
import { status, statuses } from "../step/verdict.ts";
import type { StepLoopBuilder } from "./builder.ts";
import { afterAccepted, type Proposal } from "./control.ts";
import { growTolerances } from "./derivative-tolerances.ts";
import { outcome, rememberedReals } from "./registers.ts";
import { FIRST_LOOKS, LOOK_INTERVAL, STIFF_SCORE } from "./stiffness.ts";
import type { BetweenSteps } from "./between-steps.ts";
import type { CrossingCheck } from "./crossing-check.ts";
import type { SwitchDetection } from "./switch-detection.ts";

/** By status; a controller's word takes the place of what is not a number. */
const FACTORS = Float64Array.from(statuses, ({ factor }) => factor);

export interface JudgedSteps {
  readonly b: StepLoopBuilder;
  readonly system: System;
  readonly controller: Controller;
  /** Does a step leave the derivative at its end? */
  readonly fsal: boolean;
  /** A bool: steps are of one length, and not judged. */
  readonly fixed: Value;
  readonly rtol: Value;
  readonly switches: SwitchDetection;
  readonly crossings: CrossingCheck | undefined;
  readonly betweenSteps: BetweenSteps | undefined;
  readonly save: Program;
  readonly look: Program | undefined;
}

/**
 * Takes the step that was tried from the slot of this index, if nothing switches within it, and it is good enough between its ends. `lands`, a
 * bool: it ends where a state is saved.
 */
export function accept(of: JudgedSteps, error: Value, proposal: Proposal, index: Value, lands: Value | undefined): void {
  const { b, betweenSteps } = of;
  const { tNext } = proposal;
  const next = b.next(index);
  const { u, f } = b.slot(next);
  if (!of.fsal) b.rhs(f, u, tNext);
  b.store(b.ends, next, tNext);
  const goOn = (): void => takeOrCross(of, error, proposal, index);
  if (!betweenSteps || !lands) return goOn();
  b.when(betweenSteps.leaves(proposal, lands), () => {}, goOn); // prettier-ignore
}

/** Takes the step, if nothing switches within it. */
function takeOrCross(of: JudgedSteps, error: Value, proposal: Proposal, index: Value): void {
  const { b, crossings } = of;
  const { length, tNext } = proposal;
  const next = b.next(index);
  if (!crossings) return take(of, error, proposal, next);
  b.when(
    crossings.crosses(index, b.end(index), length, tNext),
    () => b.integers.set("outcome", outcome.crossed),
    () => {
      crossings.accept();
      take(of, error, proposal, next);
    },
  );
}

/** Takes the step that ends in this slot. */
function take(of: JudgedSteps, error: Value, proposal: Proposal, next: Value): void {
  const { b, system, fixed, rtol } = of;
  const { tNext, toStop } = proposal;
  const { u } = b.slot(next);
  growTolerances(b, system, { atol: b.whole(b.atol), rtol, u });
  of.switches.accept();
  b.integers.set("slot", next);
  b.when(b.operation("bool.or", b.isDue(b.integers.get("nextSave"), tNext), b.integers.isSet("records")), () => {
    b.call(of.save, b.shared);
  });
  b.when(
    fixed,
    () => {},
    () => controlNext(of, error, proposal),
  );
  b.reals.set("t", tNext);
  b.integers.set("failure", status.judged);
  b.when(
    toStop,
    () => b.integers.set("outcome", outcome.stopped),
    () => lookForStiffness(of, proposal, next),
  );
}

/** Asks for the length of the next step, and remembers of this one what the controller needs. */
function controlNext({ b, controller }: JudgedSteps, error: Value, proposal: Proposal): void {
  const memory = {
    remembered: controller.remembered.map((_, i) => b.reals.get(rememberedReals[i])),
    rejected: b.integers.isSet("rejected"),
    proposed: () => b.verdict.get("factor"),
  };
  const after = afterAccepted(b, controller, error, proposal, memory);
  b.reals.set("h", after.h);
  after.remembered.forEach((value, i) => b.reals.set(rememberedReals[i], value));
  b.integers.set("rejected", 0);
}

/** Of the step that ends in this slot, where it is its turn: see stiffness.ts. */
function lookForStiffness({ b, look, rtol }: JudgedSteps, { length, tNext }: Proposal, slot: Value): void {
  if (!look) return;
  b.when(b.integers.isSet("detects"), () => {
    const steps = b.integers.increment("looks");
    const early = b.operation("i32.le", steps, b.i32(FIRST_LOOKS));
    const atInterval = b.operation("i32.eq", b.operation("i32.rem", steps, b.i32(LOOK_INTERVAL)), b.i32(0));
    b.when(b.operation("bool.or", early, atInterval), () => {
      const { u, f } = b.slot(slot);
      const shared = [b.whole(b.p), b.whole(b.atol), b.whole(b.direction)];
      const change = b.call(look, [u, f, ...shared, tNext, length, rtol, steps])!;
      const sum = b.operation("i32.add", b.integers.get("stiffness"), change);
      const score = b.operation("i32.select", b.operation("i32.gt", sum, b.i32(0)), sum, b.i32(0));
      b.integers.set("stiffness", score);
      b.when(b.operation("i32.gt", change, b.i32(0)), () => b.integers.set("strained", 1));
      b.when(b.operation("i32.ge", score, b.i32(STIFF_SCORE)), () => b.integers.set("outcome", outcome.stiff));
    });
  });
}

/** Leaves the step that was tried, and asks for a shorter one; steps of one length fail. */
export function reject({ b, controller, fixed, crossings }: JudgedSteps, error: Value, { h, length }: Proposal): void {
  const said = b.operation("i32.from_f64", b.verdict.get("status"));
  const isJudged = b.operation("i32.eq", said, b.i32(status.judged));
  const notFinite = b.operation("bool.not", b.operation("lt", error, b.f64(Infinity)));
  const isNotFinite = b.operation("bool.and", isJudged, notFinite);
  const how = b.operation("i32.select", isNotFinite, b.i32(status.nonFinite), said);
  b.integers.set("failure", how);
  b.when(
    fixed,
    () => {
      b.reals.set("tried", h);
      b.integers.set("outcome", outcome.failed);
    },
    () => {
      const [factor] = b.if(
        b.operation("i32.eq", how, b.i32(status.judged)),
        () => {
          b.integers.set("rejected", 1);
          return [controller.reject(b, error, () => b.verdict.get("factor"))];
        },
        () => [b.load(b.constantArray("factors", FACTORS), how)],
      );
      b.reals.set("tried", length);
      b.reals.set("h", b.times(length, factor));
    },
  );
  if (!crossings) return;
  const isAstray = b.operation("bool.and", crossings.isHeld, b.operation("i32.ne", how, b.i32(status.judged)));
  b.when(isAstray, () => b.integers.set("outcome", outcome.astray));
}
