/** The gradients of a batch, one trajectory after the other: what kernels do not know of. */
import { unpack } from "../../src/arrays/pack.ts";
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { AdjointFailed, NonFinite } from "../../src/core/errors.ts";
import { isOfOne } from "../../solvers/batch/own-failure.ts";
import { breathe } from "../../src/devices/device.ts";
import type { Given } from "../../src/devices/rows.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Outcome } from "../../solvers/batch/told.ts";
import type { GivenRows } from "../../solvers/batch/given-batch.ts";
import {
  EndlessEvents,
  NonFiniteDerivative,
  SolveAborted,
  SolveFailed,
  StepUnderflow,
  TooManySteps,
} from "../../solvers/solution/errors.ts";
import type { Trajectory } from "../../solvers/step-loop/trajectory.ts";
import { NonFiniteLoss } from "../losses/errors.ts";
import { AdjointAborted, EndedBeforeLoss } from "../task/errors.ts";
import type { GradientRows } from "./gradient-run.ts";

/** Milliseconds of work between turns of the event loop. */
const TURN = 50;

/** What is differentiated: a trajectory's own values; the initial state is left out where it follows from the parameters. */
interface Of {
  readonly u0?: unknown;
  readonly p: unknown;
}

/** A gradient, as far as it is taken. */
interface Found {
  readonly value: number;
  readonly flat: { readonly p: Float64Array; readonly u0: Float64Array };
  readonly plan: { readonly adjoint: string };
  readonly warnings: readonly string[];
}

export interface OneByOne extends GradientRows {
  /** That of the first that succeeded. */
  readonly adjoint: string;
  /** Each as it was first met. */
  readonly warnings: readonly string[];
}

export async function oneByOne(
  { layout }: OdeProblem,
  { count, u0, p, startsFromP }: GivenRows,
  { onProgress, signal }: { readonly onProgress?: (done: number) => void; readonly signal?: AbortSignalLike },
  gradientOf: (of: Of) => Found,
  [t0, t1]: readonly [number, number],
): Promise<OneByOne> {
  const [n, np] = [layout.u.size, layout.p.size];
  const rows = { value: new Float64Array(count), u0_bar: new Float64Array(count * n), p_bar: new Float64Array(count * np) };
  const outcomes: Outcome[] = [];
  const ends = new Float64Array(count).fill(t1);
  const warnings = new Map<string, string>();
  const thrown: Error[] = [];
  let adjoint = "";
  let start = performance.now();
  for (let m = 0; m < count; m++) {
    const own = { p: unpack(layout.p, rowOf(p, np, m)), ...(!startsFromP && { u0: unpack(layout.u, rowOf(u0, n, m)) }) };
    try {
      const found = gradientOf(own);
      rows.value[m] = found.value;
      rows.u0_bar.set(found.flat.u0, m * n);
      rows.p_bar.set(found.flat.p, m * np);
      adjoint ||= found.plan.adjoint;
      for (const warning of found.warnings)
        if (!warnings.has(warning)) warnings.set(warning, count > 1 ? `Trajectory ${m}: ${warning}` : warning);
      outcomes.push("success");
    } catch (error) {
      outcomes.push(outcomeOf(error));
      if (error instanceof SolveFailed) ends[m] = (error.solution as Pick<Trajectory, "result">).result.t;
      else if (isOfOne(error)) {
        ends[m] = (error instanceof NonFinite ? error.t : undefined) ?? t0;
        thrown.push(error);
      }
    }
    if (performance.now() - start < TURN) continue;
    onProgress?.(m + 1);
    await breathe(signal);
    start = performance.now();
  }
  // What every trajectory throws is of what was asked for.
  if (thrown.length === count && thrown.every(({ name }) => name === thrown[0].name)) throw thrown[0];
  onProgress?.(count);
  return { ...rows, outcomes, ends, adjoint, warnings: [...warnings.values()] };
}

function rowOf({ data, count }: Given, size: number, m: number): Float64Array {
  const at = count === undefined ? 0 : m * size;
  return data.slice(at, at + size);
}

/** By what is thrown; the first that fits. */
const ENDS: readonly (readonly [Kind: abstract new (...args: never[]) => Error, outcome: Outcome])[] = [
  [TooManySteps, "tooManySteps"],
  [StepUnderflow, "stepUnderflow"],
  [NonFiniteDerivative, "nonFinite"],
  [NonFiniteLoss, "nonFinite"],
  [NonFinite, "nonFinite"],
  [EndlessEvents, "endlessEvents"],
  [EndedBeforeLoss, "endedBeforeLoss"],
  [SolveFailed, "failed"],
  [AdjointFailed, "notDifferentiable"],
];

/** How a trajectory ended whose gradient was not there. Throws what is no trajectory's own fault. */
function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof SolveAborted || error instanceof AdjointAborted))
    for (const [Kind, outcome] of ENDS) if (error instanceof Kind) return outcome;
  if (isOfOne(error)) return "failed";
  throw error;
}
