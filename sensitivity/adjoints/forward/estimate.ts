/** Estimates of what derivatives carried through the solve cost. */
import { chunking } from "../shared/directions.ts";
import type { ErrorControl } from "./dual-system.ts";
import { forwardTime, NUMBER, type Estimate, type TaskFacts } from "../shared/estimate.ts";

/** The factor by which controlled derivatives raise the number of steps; it is large for implicit methods, as stiffness reduces their order. */
const MORE_STEPS: Readonly<Record<ErrorControl, Record<"explicit" | "implicit", number>>> = {
  all: { explicit: 1.6, implicit: 3 },
  guard: { explicit: 1, implicit: 1 },
  states: { explicit: 1, implicit: 1 },
};
/** The cost of a direction, in right-hand sides: SIMD lanes share what does not depend on it. */
const DIRECTION = 0.6;
/** The cost of a direction in an implicit step, in steps: directions share the factorization. */
const IMPLICIT_DIRECTION = 0.7;
/** The nanoseconds of a solve besides its steps. */
const ONCE = 30_000;
/** The nanoseconds of applying the loss to the derivatives at a saved time, and what each parameter and derivative of a state adds. */
const LOSS_TIME = { once: 350, parameter: 8, derivative: 3 };

/** The estimate for a method with this control of errors. */
export function forwardEstimate(facts: TaskFacts, control: ErrorControl): Estimate {
  const { n, np, directions, implicit, stages, steps, lossTimes, cost } = facts;
  const { chunks, size } = chunking(directions);
  const step = cost.step + size * (implicit ? IMPLICIT_DIRECTION * cost.step : DIRECTION * stages * cost.rhs);
  const lossTime = LOSS_TIME.once + LOSS_TIME.parameter * np + LOSS_TIME.derivative * n * size;
  const once = forwardTime({ ...facts, cost: { ...cost, step } }) + lossTimes * lossTime + ONCE;
  return {
    nanoseconds: chunks * (once + (MORE_STEPS[control][implicit ? "implicit" : "explicit"] - 1) * steps * step),
    bytes: NUMBER * n * (1 + size) * (stages + 4),
  };
}
