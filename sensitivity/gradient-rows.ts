/** The gradients of the losses of many trajectories, in rows: by kernels where these can, else one by one. */
import { defaultTarget } from "../src/compile/compile.ts";
import { CannotBatch, ReadError } from "../src/core/errors.ts";
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import { isNdArray } from "../src/core/array-values.ts";
import { requireRoom } from "../src/core/memory.ts";
import { refusingMisread } from "../src/devices/agreement.ts";
import { deviceOf, type Computed, type DeviceOptions } from "../src/devices/devices.ts";
import { MisreadFunction } from "../src/read/syntax/errors.ts";
import type { Loss, OdeProblem } from "../src/problem/problem.ts";
import { aloneOf } from "../solvers/batch/alone.ts";
import { givenBatch, givenRows, type BatchOptions, type GivenBatch, type Part } from "../solvers/batch/given-batch.ts";
import type { Warning } from "../solvers/batch/warning.ts";
import { spansOf, type Spans } from "../solvers/batch/spans.ts";
import { outcomes, REPORTS, type Outcome } from "../solvers/batch/told.ts";
import { requireAgreement, requireBatchable } from "./batch/batchable-loss.ts";
import type { FailureReason } from "./batch/failure-of.ts";
import { forwardGradients, refusalOfDuals } from "./batch/forward-duals.ts";
import { runGradients, type GradientRows } from "./batch/gradient-run.ts";
import { oneByOne, type Members, type OneByOne } from "./batch/one-by-one.ts";
import {
  byDuals,
  byLanes,
  goesBackOver,
  oneByOnePlan,
  otherSteps,
  reasonOfDuals,
  refusalOfIntegrand,
  refusalOfKernels,
  type BatchPlan,
} from "./batch/plan.ts";
import { requireTimesWithin } from "./batch/times.ts";
import { withSolvedAgain } from "./batch/solved-again.ts";
import { warningsAlong } from "./batch/warnings.ts";
import { gradient } from "./gradient.ts";
import { withLoss, type LossPrograms } from "./losses/loss.ts";
import { unseenJumps } from "./switching/unseen-jumps.ts";
import { checkStart, throughStart } from "./task/initial-state.ts";

/** What is asked for, checked. */
export interface RowsOptions<U = unknown, P = unknown> extends BatchOptions<U, P>, Part {
  readonly loss: Loss;
}

/** What of it each trajectory is differentiated with. */
type AloneOptions = Omit<RowsOptions, keyof DeviceOptions | keyof Part | "u0" | "p" | "tspan">;

/** With a row for each trajectory; of those that failed, whatever was left there. */
export interface BatchGradientRows extends GradientRows, Computed {
  /** Whichever of u0 and p all trajectories have in common. */
  readonly shared: readonly string[];
  /** How each ended, in more detail where trajectories were done one by one. */
  readonly reasons: readonly ("success" | FailureReason)[];
  /** As {@link OneByOne} has it. */
  readonly thrown: readonly Error[];
  /** Of those that failed in kernels, how many succeeded by themselves. */
  readonly solvedAgain: number;
  readonly plan: BatchPlan;
  readonly warnings: readonly Warning[];
}

/** What fails in kernels is differentiated once more by itself. */
export async function gradientRows<U, P>(
  problem: OdeProblem<U, P>,
  options: RowsOptions<U, P>,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradientRows> {
  const spans = spansIn(problem, options);
  requireTimesWithin(options.loss, spans);
  const found = await differentiated(problem, options, spans, signal);
  const { plan, precision, outcomes: each, warnings } = found;
  if (plan.way === "one by one" || precision !== "f64" || each.every((outcome) => outcome === "success")) return found;
  const { members, own } = aloneIn(problem, options, spans);
  const again = await withSolvedAgain(problem as OdeProblem, found, members, (failed) =>
    gradientsAlone(problem as OdeProblem, failed, own, plan.because, { signal }),
  );
  const { outcomes } = again.rows;
  const { solvedAgain } = again;
  return { ...found, outcomes, reasons: outcomes, solvedAgain, warnings: [...warnings, ...again.warnings] };
}

async function differentiated<U, P>(
  problem: OdeProblem<U, P>,
  options: RowsOptions<U, P>,
  spans: Spans,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradientRows> {
  const { loss } = options;
  const refusal = refusalOfKernels(problem as OdeProblem, options.solver);
  if (refusal !== undefined) return alone(problem, options, spans, refusal, signal);
  const reason = reasonOfDuals(problem as OdeProblem, loss);
  if (reason !== undefined) {
    const carried = await carriedAlong(problem, options, spans, reason, signal);
    return typeof carried === "string" ? alone(problem, options, spans, `${reason}, and ${carried}`, signal) : carried;
  }
  const device = await deviceOf(options);
  const batch = givenBatch(problem, options, device);
  const { method } = batch;
  const isKnown = goesBackOver(method, batch.code) && (!method.family.implicit || device.precision === "f64");
  if (!isKnown) return alone(problem, options, spans, otherSteps(method), signal);
  if (batch.halts.move) {
    const why = "parameters move times at which the right-hand side switches, which is followed in each trajectory by itself";
    return alone(problem, options, spans, why, signal);
  }
  const { layout, u0, p, code } = problem;
  return withLoss(loss, { layout, u0, p, tspan: spans.of(0) }, async (programs) => {
    requireBatchable(programs);
    requireAgreement(problem, options, batch, programs);
    const along = refusingMisread(() => told(problem, options, batch, programs));
    requireRowsRoom(layout, batch.count);
    const { onProgress, maxSteps = 1e6 } = options;
    const rows = await runGradients({ code, batch, loss: programs, device, maxSteps, watched: { onProgress, signal } });
    const warnings = [...batch.warnings.map((message) => ({ message })), ...along];
    return {
      ...inLanes(problem, options, batch, rows),
      plan: byLanes(method),
      warnings,
      device: device.name,
      precision: device.precision,
    };
  });
}

/** Warnings of what kernels do not see. */
function told<U, P>(problem: OdeProblem<U, P>, options: RowsOptions<U, P>, batch: GivenBatch, loss: LossPrograms): Warning[] {
  const unseen = unseenJumps(problem as OdeProblem, loss).map((message) => ({ message }));
  return [...unseen, ...warningsAlong(problem, options, batch, loss)];
}

/** By dual numbers in kernels; why not, where those do not take it, or where it has too many derivatives. */
async function carriedAlong<U, P>(
  problem: OdeProblem<U, P>,
  options: RowsOptions<U, P>,
  spans: Spans,
  reason: string,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradientRows | string> {
  const device = await deviceOf(options);
  const { code, layout, u0, p } = problem;
  if (device.precision !== "f64")
    return `derivatives are carried along in f64, not in the ${device.precision} of "${device.name}"`;
  if (!code.operators.rhs.isReadable) return "the right-hand side cannot be read";
  const { onProgress, maxSteps = 1e6 } = options;
  try {
    return await withLoss(options.loss, { layout, u0, p, tspan: spans.of(0) }, async (loss) => {
      requireBatchable(loss);
      const { integral } = loss;
      const batch = givenBatch(problem, options, device, integral?.value);
      const refusal = refusalOfDuals(batch) ?? (integral && refusalOfIntegrand(integral));
      if (refusal !== undefined) return refusal;
      requireAgreement(problem, options, batch, loss);
      const warnings = told(problem, options, batch, loss);
      requireRowsRoom(layout, batch.count);
      const watched = { onProgress, signal };
      const rows = await forwardGradients({ problem: problem as OdeProblem, batch, loss, maxSteps, watched });
      return { ...inLanes(problem, options, batch, rows), plan: byDuals(reason), warnings, device: "cpu", precision: "f64" };
    });
  } catch (error) {
    if (error instanceof CannotBatch || error instanceof ReadError || error instanceof MisreadFunction)
      return `no kernel takes it: ${error.message.split("\n")[0]}`;
    throw error;
  }
}

/** What batches do not know of is differentiated trajectory by trajectory, each as `gradient` does it. */
async function alone<U, P>(
  problem: OdeProblem<U, P>,
  options: RowsOptions<U, P>,
  spans: Spans,
  reason: string,
  signal: AbortSignalLike | undefined,
): Promise<BatchGradientRows> {
  await deviceOf(options);
  const { members, own, shared } = aloneIn(problem, options, spans);
  const watched = { onProgress: options.onProgress, signal };
  return { ...(await gradientsAlone(problem as OdeProblem, members, own, reason, watched)), shared };
}

/** The trajectories of a batch by themselves. */
function aloneIn<U, P>(
  problem: OdeProblem<U, P>,
  options: RowsOptions<U, P>,
  spans: Spans,
): { readonly members: Members; readonly own: AloneOptions; readonly shared: readonly string[] } {
  const rows = givenRows(problem, options);
  const { count, shared } = rows;
  const of: Members["of"] = (m) => aloneOf(problem, rows, spans, m);
  const {
    device: _device,
    precision: _precision,
    threads: _threads,
    onProgress: _onProgress,
    signal: _signal,
    maxTime: _maxTime,
    indexOf: _indexOf,
    method: _method,
    u0: _u0,
    p: _p,
    tspan: _tspan,
    ...own
  } = options;
  return { members: { count, of, indexOf: spans.indexOf }, own: own as AloneOptions, shared };
}

/** Each as `gradient` does it; `reason`: why. */
export async function gradientsAlone(
  problem: OdeProblem,
  members: Members,
  options: AloneOptions,
  reason: string,
  watched: Pick<RowsOptions, "onProgress" | "signal">,
): Promise<Omit<BatchGradientRows, "shared">> {
  requireRowsRoom(problem.layout, members.count);
  const { signal } = watched;
  const of = (one: ReturnType<Members["of"]>) => gradient(problem, { ...options, ...one, signal, wrt: ["p", "u0"] });
  const { adjoint, ...found } = await oneByOne(problem, members, of, watched);
  return {
    ...found,
    solvedAgain: 0,
    outcomes: found.reasons.map(outcomeOf),
    plan: oneByOnePlan(reason, adjoint),
    device: "cpu",
    precision: "f64",
  };
}

/** Kernels know of some reasons. */
function outcomeOf(reason: OneByOne["reasons"][number]): Outcome {
  return outcomes.find((outcome) => outcome === reason) ?? "failed";
}

/** Throws BadBatch and BadTimeSpan. */
function spansIn<U, P>(problem: OdeProblem<U, P>, options: RowsOptions<U, P>): Spans {
  const { tspan = problem.tspan } = options;
  return spansOf(tspan, isNdArray(tspan) ? givenRows(problem, options).count : 1, options);
}

function requireRowsRoom({ u: { size: n }, p: { size: np } }: OdeProblem["layout"], count: number): void {
  requireRoom(
    `gradientBatch: derivatives of ${count} trajectories by ${n} initial values and ${np} parameters each`,
    count,
    n + np + 1 + REPORTS,
    (most) => `Give ${most} trajectories at a time, and add up what they give.`,
  );
}

function inLanes<U, P>(
  problem: OdeProblem<U, P>,
  { u0 }: RowsOptions<U, P>,
  batch: GivenBatch,
  rows: GradientRows,
): GradientRows & Pick<BatchGradientRows, "shared" | "reasons" | "thrown" | "solvedAgain"> {
  if (u0 === undefined && problem.code.operators.u0) addThroughStart(problem as OdeProblem, batch, rows);
  return { ...rows, shared: batch.shared, reasons: rows.outcomes, thrown: [], solvedAgain: 0 };
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
