/** Gradients of losses of many trajectories at once. */
import { batchChecks, type BatchOptions } from "../solvers/batch/given-batch.ts";
import type { Outcome } from "../solvers/batch/told.ts";
import { ndarray, type NdArray } from "../src/arrays/ndarray.ts";
import { unpack, type Shaped } from "../src/arrays/pack.ts";
import { UnknownOption } from "../src/core/errors.ts";
import { anything } from "../src/core/options/kinds.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import type { Computed } from "../src/devices/devices.ts";
import { withinLimits } from "../src/devices/limits.ts";
import type { Rows } from "../src/devices/rows.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { failures } from "./batch/failures.ts";
import type { BatchPlan } from "./batch/plan.ts";
import { inWords } from "../solvers/batch/warning.ts";
import { gradientRows, type BatchGradientRows, type RowsOptions } from "./gradient-rows.ts";
import { checkLoss } from "./losses/loss.ts";

/** What `gradientBatch` takes: what `solveBatch` takes, and a loss. */
export interface GradientBatchOptions<U, P, L> extends BatchOptions<U, P> {
  /**
   * The loss of each trajectory: a sum over times `{ at, of }`, which lie in the time span of each, an `{ integral }`, a `{ final }` value, or
   * several. What differs between them can lie in p.
   */
  readonly loss: Loss<U, P, L>;
}

const checks: Checks<GradientBatchOptions<unknown, unknown, unknown>> = { ...batchChecks, loss: anything };

/** The gradients of a batch of M trajectories with n states and k parameters each. `Given` is the type of the `p` of the call, P where it is shared. */
export interface BatchGradient<P, Given = P | Rows> extends Computed {
  /** The sum of the losses of the trajectories that succeeded. It is NaN where none did, as is all else that is summed. */
  readonly value: number;
  /** The loss of each trajectory, [M]; NaN where it failed. */
  readonly values: Float64Array;
  /** The number of trajectories that succeeded, and are in what is summed. */
  readonly succeeded: number;
  /** The derivatives by u0, [M, n], NaN where a trajectory failed; summed, as one row, where the initial state is shared. */
  readonly u0: NdArray;
  /** The derivatives by p: in its shape, summed over the batch, where p is shared; otherwise [M, k], NaN where a trajectory failed. */
  readonly p: [Given] extends [Rows] ? NdArray<Float64Array> : Given extends Rows ? Shaped<P> | NdArray<Float64Array> : Shaped<P>;
  /**
   * How each trajectory ended, [M]: "notDifferentiable" at a derivative that is not finite, "outOfMemory" where its steps found no
   * room. Those that failed add nothing to what is summed.
   */
  readonly outcomes: readonly Outcome[];
  /** Those that failed in a kernel and that `gradient` differentiated by itself, with the same options: they are in the sums. Always 0 on a GPU. */
  readonly solvedAgain: number;
  /** How the derivatives were computed, and why so. */
  readonly plan: BatchPlan;
  /** The time that each came to, [M], as in `solveBatch`. */
  readonly ends: Float64Array;
  /**
   * What one must know of these numbers; empty where there is nothing to say. In kernels, components below their tolerances are looked for along
   * three trajectories at most: the first, the last and one between.
   */
  readonly warnings: readonly string[];
}

/**
 * Computes the gradient of a sum of losses over a batch, with respect to p and u0. It is the discrete adjoint, exact for the steps
 * taken, which are controlled for derivatives too. Through events and integrals up to 16 derivatives are carried along in the kernel; more of them,
 * what moves switching times, and what may jump with the state, trajectory by trajectory, as `gradient` does it, on the processor: `plan` says so.
 *
 * @param problem - The problem whose right-hand side all trajectories share.
 * @param options - The loss, the initial states and parameters of the trajectories, and how they are solved.
 * @returns The gradient, summed where trajectories share u0 or p, with the loss and the outcome of each.
 * @throws What `solveBatch` throws.
 * @throws BadLoss for a loss that makes no sense, or a time of it that is outside of a trajectory's time span.
 * @throws {@link CannotBatch} for losses of all times at once, and of steady states.
 * @example
 * const { value, p } = await gradientBatch(problem, {
 *   u0: ndarray(initialStates, [1000, 2]),
 *   loss: { final: (u) => (u.prey - 1) ** 2 },
 * });
 */
export async function gradientBatch<U, P, L = unknown, Given extends P | Shaped<P> | Rows = P>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<NoInfer<U>, NoInfer<P>, L> & { readonly p?: Given },
): Promise<BatchGradient<P, Given>>;
export async function gradientBatch<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<U, P, L>,
): Promise<BatchGradient<P>> {
  return holding(problem, "gradientBatch", (held) => {
    if ((options as { wrt?: unknown } | undefined)?.wrt !== undefined)
      throw new UnknownOption("gradientBatch", "wrt", "It gives the derivatives by u0 and by p, both: leave it out.");
    checkOptions(options, checks, "gradientBatch");
    checkLoss(options.loss as Loss);
    return withinLimits(options, "gradientBatch", (signal) => differentiated(held, options as RowsOptions<U, P>, signal));
  });
}

async function differentiated<U, P>(
  problem: OdeProblem<U, P>,
  options: RowsOptions<U, P>,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradient<P>> {
  const { thrown, plan, solvedAgain, warnings, device, precision, ...rows } = await gradientRows(problem, options, signal);
  const count = rows.value.length;
  // What every trajectory throws is of what was asked for.
  if (thrown.length === count && thrown.every(({ name }) => name === thrown[0].name)) throw thrown[0];
  const told = [...warnings.map((warning) => inWords(warning, count)), ...failures(rows.outcomes)];
  return { ...summed<P>(problem.layout, rows), plan, solvedAgain, warnings: told, device, precision };
}

/** The rows in the user's shapes, summed where they are shared. Those of trajectories that failed become NaN, and are in no sum. */
function summed<P>(
  layout: OdeProblem["layout"],
  {
    shared,
    value,
    u0_bar,
    p_bar,
    outcomes: each,
    ends,
  }: Omit<BatchGradientRows, "thrown" | "plan" | "solvedAgain" | "warnings" | keyof Computed>,
): Omit<BatchGradient<P>, "plan" | "solvedAgain" | "warnings" | keyof Computed> {
  const [n, np, count] = [layout.u.size, layout.p.size, value.length];
  const isIn = each.map((outcome) => outcome === "success");
  const succeeded = isIn.filter(Boolean).length;
  for (const [rows, width] of [
    [value, 1],
    [u0_bar, n],
    [p_bar, np],
  ] as const)
    for (let m = 0; succeeded < count && m < count; m++) if (!isIn[m]) rows.fill(NaN, m * width, (m + 1) * width);
  return {
    value: sumOfRows(value, 1, isIn)[0],
    values: value,
    succeeded,
    u0: shared.includes("u0") ? ndarray(sumOfRows(u0_bar, n, isIn), [1, n]) : ndarray(u0_bar, [count, n]),
    p: (shared.includes("p")
      ? unpack<P>(layout.p, sumOfRows(p_bar, np, isIn))
      : ndarray(p_bar, [count, np])) as BatchGradient<P>["p"],
    outcomes: each,
    ends,
  };
}

/** The sum over the trajectories that succeeded; NaN where none did. */
function sumOfRows(rows: Float64Array, width: number, isIn: readonly boolean[]): Float64Array {
  const sum = new Float64Array(width).fill(isIn.includes(true) ? 0 : NaN);
  for (let m = 0; m < isIn.length; m++) for (let i = 0; isIn[m] && i < width; i++) sum[i] += rows[m * width + i];
  return sum;
}
