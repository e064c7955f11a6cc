/** Gradients of losses of many trajectories at once. */
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import { defaultTarget } from "../src/compile/compile.ts";
import { REPORTS, type Outcome } from "../solvers/batch/told.ts";
import { batchChecks, givenBatch, givenRows, type GivenBatch, type BatchOptions } from "../solvers/batch/given-batch.ts";
import { ndarray, type NdArray } from "../src/arrays/ndarray.ts";
import { unpack, type Shaped } from "../src/arrays/pack.ts";
import { CannotBatch, ReadError, UnknownOption } from "../src/core/errors.ts";
import { requireRoom } from "../src/core/memory.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { isExplicit } from "../solvers/families/explicit/family.ts";
import { timeSpan } from "../src/core/options/time-span.ts";
import { anything } from "../src/core/options/kinds.ts";
import { refusingMisread } from "../src/devices/agreement.ts";
import { deviceOf, type Computed } from "../src/devices/devices.ts";
import { withinLimits } from "../src/devices/limits.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { checkStart, throughStart } from "./task/initial-state.ts";
import { checkLoss, withLoss } from "./losses/loss.ts";
import type { Rows } from "../src/devices/rows.ts";
import { gradient } from "./gradient.ts";
import { oneByOne } from "./batch/one-by-one.ts";
import { forwardGradients, refusalOfDuals } from "./batch/forward-duals.ts";
import { MisreadFunction } from "../src/read/syntax/errors.ts";
import {
  byDuals,
  byLanes,
  oneByOnePlan,
  otherSteps,
  reasonOfDuals,
  refusalOfIntegrand,
  refusalOfKernels,
  type BatchPlan,
} from "./batch/plan.ts";
import { runGradients, type GradientRows } from "./batch/gradient-run.ts";
import { failures } from "./batch/failures.ts";
import { requireAgreement, requireBatchable } from "./batch/batchable-loss.ts";
import { warningsAlong } from "./batch/warnings.ts";

/** What `gradientBatch` takes: what `solveBatch` takes, and a loss. */
export interface GradientBatchOptions<U, P, L> extends Omit<BatchOptions<U, P>, "tspan"> {
  /** Default: the problem's own. The same for all. */
  readonly tspan?: readonly [number, number];
  /** The loss of each trajectory: a sum over times `{ at, of }`, an `{ integral }`, a `{ final }` value, or several. What differs between them can lie in p. */
  readonly loss: Loss<U, P, L>;
}

const checks: Checks<GradientBatchOptions<unknown, unknown, unknown>> = { ...batchChecks, tspan: timeSpan, loss: anything };

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
 * @throws BadLoss for a loss that makes no sense.
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
    return withinLimits(options, "gradientBatch", (signal) => differentiated(held, options, signal));
  });
}

async function differentiated<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<U, P, L>,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradient<P>> {
  const refusal = refusalOfKernels(problem as OdeProblem, options.solver);
  if (refusal !== undefined) return alone(problem, options, refusal, signal);
  const reason = reasonOfDuals(problem as OdeProblem, options.loss as Loss);
  if (reason !== undefined) {
    const carried = await carriedAlong(problem, options, reason, signal);
    return typeof carried === "string" ? alone(problem, options, `${reason}, and ${carried}`, signal) : carried;
  }
  const device = await deviceOf(options);
  const batch = givenBatch(problem, options, device);
  const { count, method } = batch;
  if (!isExplicit(method)) return alone(problem, options, otherSteps(method), signal);
  if (batch.halts.move) {
    const why = "parameters move times at which the right-hand side switches, which is followed in each trajectory by itself";
    return alone(problem, options, why, signal);
  }
  const { layout, u0, p, code } = problem;
  return withLoss(options.loss as Loss, { layout, u0, p, tspan: batch.spans.of(0) }, async (loss) => {
    requireBatchable(loss);
    requireAgreement(problem, options, batch, loss);
    const along = refusingMisread(() => warningsAlong(problem, options, batch, loss));
    requireRowsRoom(layout, count);
    const { onProgress, maxSteps = 1e6 } = options;
    const rows = await runGradients({ code, batch, loss, device, maxSteps, watched: { onProgress, signal } });
    if (options.u0 === undefined && code.operators.u0) addThroughStart(problem as OdeProblem, batch, rows);
    const ran = { plan: byLanes(method), warnings: [...batch.warnings, ...along, ...failures(rows.outcomes)] };
    return { ...summed<P>(layout, batch, rows), ...ran, device: device.name, precision: device.precision };
  });
}

/** By dual numbers in kernels; why not, where those do not take it, or where it has too many derivatives. */
async function carriedAlong<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<U, P, L>,
  reason: string,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradient<P> | string> {
  const device = await deviceOf(options);
  const { code, layout, u0, p } = problem;
  if (device.precision !== "f64")
    return `derivatives are carried along in f64, not in the ${device.precision} of "${device.name}"`;
  if (!code.operators.rhs.isReadable) return "the right-hand side cannot be read";
  const { onProgress, maxSteps = 1e6 } = options;
  try {
    const context = { layout, u0, p, tspan: options.tspan ?? problem.tspan };
    return await withLoss(options.loss as Loss, context, async (loss) => {
      requireBatchable(loss);
      const { integral } = loss;
      const batch = givenBatch(problem, options, device, integral?.value);
      const refusal = refusalOfDuals(batch) ?? (integral && refusalOfIntegrand(integral));
      if (refusal !== undefined) return refusal;
      requireAgreement(problem, options, batch, loss);
      const along = warningsAlong(problem, options, batch, loss);
      requireRowsRoom(layout, batch.count);
      const rows = await forwardGradients({
        problem: problem as OdeProblem,
        batch,
        loss,
        maxSteps,
        watched: { onProgress, signal },
      });
      if (options.u0 === undefined && code.operators.u0) addThroughStart(problem as OdeProblem, batch, rows);
      const ran = { plan: byDuals(reason), warnings: [...along, ...failures(rows.outcomes)] };
      return { ...summed<P>(layout, batch, rows), ...ran, device: "cpu", precision: "f64" };
    });
  } catch (error) {
    if (error instanceof CannotBatch || error instanceof ReadError || error instanceof MisreadFunction)
      return `no kernel takes it: ${error.message.split("\n")[0]}`;
    throw error;
  }
}

/** What batches do not know of is differentiated trajectory by trajectory, each as `gradient` does it. */
async function alone<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<U, P, L>,
  reason: string,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradient<P>> {
  await deviceOf(options);
  const rows = givenRows(problem, options);
  requireRowsRoom(problem.layout, rows.count);
  const {
    device: _device,
    precision: _precision,
    threads: _threads,
    onProgress,
    signal: _signal,
    maxTime: _maxTime,
    ...own
  } = options;
  const found = await oneByOne(
    problem as OdeProblem,
    rows,
    { onProgress, signal },
    (of) => gradient(problem as OdeProblem, { ...(own as object), loss: options.loss as Loss, ...of, signal, wrt: ["p", "u0"] }),
    options.tspan ?? problem.tspan,
  );
  return {
    ...summed<P>(problem.layout, rows, found),
    plan: oneByOnePlan(reason, found.adjoint),
    warnings: [...found.warnings, ...failures(found.outcomes)],
    device: "cpu",
    precision: "f64",
  };
}

function requireRowsRoom({ u: { size: n }, p: { size: np } }: OdeProblem["layout"], count: number): void {
  requireRoom(
    `gradientBatch: derivatives of ${count} trajectories by ${n} initial values and ${np} parameters each`,
    count,
    n + np + 1 + REPORTS,
    (most) => `Give ${most} trajectories at a time, and add up what they give.`,
  );
}

/** The initial states of these trajectories follow from their parameters: adds what p does through them. */
function addThroughStart(
  { code, layout }: OdeProblem,
  { count, given, shared }: GivenBatch,
  { u0_bar, p_bar }: GradientRows,
): void {
  const [n, np] = [layout.u.size, layout.p.size];
  const start = code.operators.u0;
  for (let m = 0; m < count; m++) {
    const from = shared.includes("p") ? 0 : m * np;
    const at = { start, target: defaultTarget(), p: given.p.slice(from, from + np) };
    if (m === 0) checkStart(start!, at.p, at.target);
    throughStart(at, u0_bar.slice(m * n, (m + 1) * n))!.forEach((x, j) => (p_bar[m * np + j] += x));
  }
}

/** The rows in the user's shapes, summed where they are shared. Those of trajectories that failed become NaN, and are in no sum. */
function summed<P>(
  layout: OdeProblem["layout"],
  { count, shared }: Pick<GivenBatch, "count" | "shared">,
  { value, u0_bar, p_bar, outcomes: each, ends }: GradientRows,
): Omit<BatchGradient<P>, "plan" | "warnings" | keyof Computed> {
  const [n, np] = [layout.u.size, layout.p.size];
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
