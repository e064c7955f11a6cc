/** What derivatives carried through the solve cost. */
import { chunking } from "./directions.ts";
import type { ErrorControl } from "./dual-solve.ts";
import { forwardTime, NUMBER, type Estimate, type TaskFacts } from "./estimate.ts";

/** Derivatives in the error norm ask for more steps. */
const MORE_STEPS: Readonly<Record<ErrorControl, number>> = { all: 1.4, states: 1 };
/** A direction, in right-hand sides: lanes share what does not depend on it. */
const DIRECTION = 0.6;
/** Up to this size, linear systems are dense and small: a direction adds little to a step. */
const SMALL_SYSTEM = 16;
const SMALL_DIRECTION = 0.1;
/** Setting out. */
const ONCE = 5000;
/** Applying the loss to the derivatives at a saved time. */
const LOSS_TIME = 700;

export function forwardEstimate(facts: TaskFacts, control: ErrorControl): Estimate {
  const { n, directions, implicit, stages, steps, lossTimes, cost } = facts;
  const { chunks, size } = chunking(directions);
  const step = implicit
    ? // Linear systems of n (1 + size) unknowns, whose factors fill in with the directions.
      cost.step * (n * (1 + size) <= SMALL_SYSTEM ? 1 + SMALL_DIRECTION * size : (1 + size) ** 1.5)
    : cost.step + DIRECTION * size * stages * cost.rhs;
  const once = forwardTime({ ...facts, cost: { ...cost, step } }) + lossTimes * LOSS_TIME + ONCE;
  return {
    nanoseconds: chunks * (once + (MORE_STEPS[control] - 1) * steps * step),
    bytes: NUMBER * n * (1 + size) * (stages + 4),
  };
}
