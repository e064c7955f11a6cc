/** What is seen of a trajectory between the ends of its steps: see step-loop/between-steps.ts. */
import type { Value } from "../../src/ir/ir.ts";
import { BetweenSteps, type Reach } from "../step-loop/between-steps.ts";
import type { BatchBuilder } from "./batch-builder.ts";

/** Where it is kept. */
const place: Readonly<Record<keyof Reach, number>> = { reach: 0, left: 1 };
export const REACHES = 2;

/** Before the first step. */
export function beginReach(b: BatchBuilder): void {
  if (!b.reach) return;
  b.store(b.reach.array, b.i32(place.reach), b.f64(Infinity));
  b.store(b.reach.array, b.i32(place.left), b.f64(0));
}

/**
 * Of a step from t, where the k-th time is the next that is saved, or, of those that are counted, none is left. Absent where dense output errs
 * as little as the steps. `power`: that of h that its error shrinks with.
 */
export function betweenSteps(b: BatchBuilder, power: number, t: Value, k: Value): BetweenSteps | undefined {
  const { reach, programs } = b;
  const { between } = programs;
  if (!reach || !between) return undefined;
  const isLeft = b.operation("i32.lt", k, b.i32(b.saves));
  const next = b.load(b.saveTimes, b.operation("i32.select", isLeft, k, b.i32(b.saves - 1)));
  return new BetweenSteps({
    b,
    all: b.bool(b.stateEvents !== undefined),
    fixed: b.bool(false),
    power,
    least: b.setting("shortest"),
    nextSave: () => next,
    toNextSave(from) {
      const distance = b.times(b.setting("direction"), b.operation("sub", next, from));
      return b.operation("select", isLeft, distance, b.f64(Infinity));
    },
    get: (name) => b.load(reach.array, b.i32(place[name])),
    set: (name, value) => b.store(reach.array, b.i32(place[name]), value),
    error: (length) => b.errorBetween(between.program, t, length),
  });
}
