/** Derivatives of solves that are tried once more: see smaller-tolerances.ts. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { OutOfTime, SolveAborted, StepUnderflow } from "../../solvers/solution/errors.ts";
import { smallerTolerances } from "../../solvers/solve/smaller-tolerances.ts";
import type { DerivativeOptions } from "./options.ts";
import { AdjointAborted, AdjointOutOfTime } from "./errors.ts";

const STOPPED = [SolveAborted, OutOfTime, AdjointAborted, AdjointOutOfTime];

/** With options as they are, and where steps become too short by default tolerances with smaller ones; `notes`: what is to be said then. */
export function atMostTwice<T, O extends Omit<DerivativeOptions, "wrt">>(
  problem: OdeProblem,
  options: O,
  compute: (options: O, notes: readonly string[]) => T,
): T {
  try {
    return compute(options, []);
  } catch (error) {
    const smaller = error instanceof StepUnderflow ? smallerTolerances(problem, options) : undefined;
    if (!smaller) throw error;
    try {
      return compute({ ...options, atol: smaller.atol }, [smaller.note]);
    } catch (second) {
      throw STOPPED.some((Kind) => second instanceof Kind) ? second : error;
    }
  }
}
