/** What derivatives carried through the solve cost. */
import { chunking } from "../shared/directions.ts";
import type { ErrorControl } from "./dual-system.ts";
import { forwardTime, NUMBER, type Estimate, type TaskFacts } from "../shared/estimate.ts";

/** Derivatives judged as strictly as states ask for more steps, of implicit methods for many: stiffness reduces their order. */
const MORE_STEPS: Readonly<Record<ErrorControl, Record<"explicit" | "implicit", number>>> = {
  all: { explicit: 1.6, implicit: 3 },
  guard: { explicit: 1, implicit: 1 },
  states: { explicit: 1, implicit: 1 },
};
/** A direction, in right-hand sides: lanes share what does not depend on it. */
const DIRECTION = 0.6;
/** The same of an implicit step, in steps: directions share the factorization. */
const IMPLICIT_DIRECTION = 0.7;
/** Setting out. */
const ONCE = 30_000;
/** Applying the loss to the derivatives at a saved time, and what each parameter and each derivative of a state adds to that. */
const LOSS_TIME = { once: 350, parameter: 8, derivative: 3 };

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
