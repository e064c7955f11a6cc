/** Many initial value problems at once. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { memo } from "../../src/core/memo.ts";
import { kindOf } from "../step/method.ts";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { withinLimits } from "../../src/devices/limits.ts";
import { requireBatchAgreement } from "../../src/devices/agreement.ts";
import type { DeviceWork } from "../../src/devices/device.ts";
import { deviceOf, type Computed } from "../../src/devices/devices.ts";
import type { Kernel } from "../../src/devices/kernel.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import type { Rows } from "../../src/devices/rows.ts";
import { requireRoom } from "../../src/core/memory.ts";
import { holding, type OdeProblem } from "../../src/problem/problem.ts";
import { listOf, text } from "../../src/core/options/kinds.ts";
import { keptOf } from "../solution/components.ts";
import { belowTolerance } from "../step-loop/tolerances.ts";
import type { Trajectory } from "../step-loop/trajectory.ts";
import { systemOf } from "../systems/problem-system.ts";
import { unseenSwitching } from "../events/switching.ts";
import { requireAgreementAlong, rowsOf } from "./agreement.ts";
import { adaptiveKernel, FINAL, PENDING } from "./adaptive.ts";
import { outcomes, report, REPORTS, setting, type Outcome } from "./told.ts";
import { batchChecks, givenBatch, type BatchOptions, type GivenBatch, type Part } from "./given-batch.ts";
import { fixedKernel } from "./fixed.ts";
import { batchSaveTimes, batchTimes } from "./spans.ts";
import { inWords, type Warning } from "./warning.ts";
import { keysOf, mayEnd } from "./kernel-events.ts";
import { NONE_AGAIN, solvedAgain } from "./solved-again.ts";

export interface SolveBatchOptions<U, P> extends BatchOptions<U, P> {
  /**
   * Times at which states are kept, as in `solve`: a distance makes a grid from each trajectory's own start, with as many times in all; or an
   * ndarray [M, K] with each one's own times. Default: the end.
   */
  readonly saveat?: number | ArrayLike<number> | Rows;
  /** The components to keep, by their names, a part's name for all of it, as in `solve`: `u` holds these alone, in this order. Default: all. */
  readonly save?: readonly string[];
}

const checks: Checks<SolveBatchOptions<unknown, unknown>> = { ...batchChecks, saveat: batchTimes, save: listOf(text) };

export interface BatchSolution extends Computed {
  /** Times saved, [K]; where trajectories have their own, those of one after the other, K each. */
  readonly t: Float64Array;
  /** States, [M, K, n], of those components that are kept; NaN from where a trajectory failed. */
  readonly u: NdArray;
  /** How each ended, [M]. */
  readonly outcomes: readonly Outcome[];
  /** The time that each came to, [M]: of one that failed where it did; of steps of one length always the end. */
  readonly ends: Float64Array;
  /** Where an event may end trajectories: the index of the event that did so, [M]; -1 where none did. The states behind that are NaN. */
  readonly endedBy?: Int32Array;
  /** The same: the state that each came to, [M, n], behind the event that ended it. */
  readonly final?: NdArray;
  /** Steps taken by each, [M]. */
  readonly steps: Float64Array;
  /** Steps rejected, [M]. */
  readonly rejections: Float64Array;
  /** The method, and why that, where none was asked for. */
  readonly solver: string;
  readonly because?: string;
  /**
   * Trajectories that failed here and that `solve` brought to the end, by itself and with the same options; `warnings` have what it says of the first.
   * Always 0 on a GPU, where numbers are of another precision.
   */
  readonly solvedAgain: number;
  /** What one must know of these numbers. Empty where there is nothing to say. */
  readonly warnings: readonly string[];
  /** What a GPU did for it: kernels, times that was waited for it, and seconds of its kernels where it has a clock. */
  readonly work?: DeviceWork;
}

/**
 * Solves a problem for M initial states, parameters, or both, each trajectory with its own steps and error control. One that fails
 * does not disturb the others; what fails is tried once more as `solve` does it. Events take place as in `solve`; of conditions that are not a number the trajectory ends with "nonFinite".
 *
 * Throws {@link BadBatch}, {@link CannotBatch} (residuals, implicit methods for many components, functions a batch cannot run, or
 * that were misread), MassMatrixNeedsImplicit, InconsistentInitialValues and IndexTooHigh (with the trajectory), BadTolerance, BadSaveTimes,
 * UnknownDevice, NoDoublePrecision, ReadError, Disagreement, BatchOutOfTime; on a GPU NoGpu, MissingPackage, DeviceLost, GpuOutOfMemory,
 * BatchTooLarge and ShaderFailed.
 */
export async function solveBatch<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveBatchOptions<NoInfer<U>, NoInfer<P>>,
): Promise<BatchSolution> {
  checkOptions(options, checks, "solveBatch");
  const { t, each, count, states, finals, reports, warnings, ...more } = await solveRows(problem, options);
  const n = problem.layout.u.size;
  const column = (name: keyof typeof report): Float64Array => {
    const values = new Float64Array(count);
    for (let m = 0; m < count; m++) values[m] = reports[m * REPORTS + report[name]];
    return values;
  };
  return {
    t,
    u: ndarray(states, [count, each, states.length / (count * each)]),
    outcomes: Array.from(column("outcome"), (outcome) => outcomes[outcome]),
    ends: column("end"),
    ...(finals && { endedBy: Int32Array.from(column("event"), (event) => event - 1), final: ndarray(finals, [count, n]) }),
    steps: column("steps"),
    rejections: column("rejections"),
    ...more,
    warnings: warnings.map((warning) => inWords(warning, count)),
  };
}

/** A batch as its kernel leaves it. */
export interface BatchRows extends Pick<BatchSolution, "t" | "solver" | "because" | "solvedAgain" | "work" | keyof Computed> {
  readonly warnings: readonly Warning[];
  /** Trajectories, M. */
  readonly count: number;
  /** Times of each, K. */
  readonly each: number;
  /** [M, K, n], of those components that are kept; NaN from where a trajectory failed. */
  readonly states: Float64Array;
  /** Where each ended, [M, n]; of problems with events that end them. */
  readonly finals?: Float64Array;
  /** What each tells, [M, REPORTS], by `report`. */
  readonly reports: Float64Array;
}

/**
 * {@link solveBatch} with options that were checked, in arrays that lie outside of the heap: very many batches, one after the other, make it no
 * larger.
 */
export async function solveRows<U, P>(problem: OdeProblem<U, P>, options: SolveBatchOptions<U, P> & Part): Promise<BatchRows> {
  return holding(problem, "solveBatch", (held) => {
    return withinLimits(options, "solveBatch", (signal) => solved(held, options, signal));
  });
}

async function solved<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveBatchOptions<U, P> & Part,
  signal: AbortSignalLike | undefined,
): Promise<BatchRows> {
  const { onProgress, stops, maxStep, save } = options;
  const kept = save && keptOf(problem.layout.u, save).components;
  const device = await deviceOf(options);
  const batch = givenBatch(problem, options, device);
  const { code, count, spans, span, settings, atol, halts, isSwept } = batch;
  const grown: Warning[] = [];
  requireAgreementAlong(batch, {
    keeper: code.rhsProgram(),
    stops,
    maxStep,
    look: ({ trajectory }, m) => void grown.push(...grownIn(batch, trajectory, m)),
  });
  const n = code.layout.u.size;
  const saves = batchSaveTimes(options.saveat, spans, count, n);
  const { data: times, each } = saves;
  requireRoomForStates(count, each, n);
  const saved = new Float64Array(count * each * n);
  const reports = new Float64Array(count * REPORTS);
  const finals = mayEnd(halts.kernel.events) ? new Float64Array(count * n) : undefined;
  const pending: Record<string, Float64Array> = isSwept ? {} : { [PENDING]: new Float64Array(count).fill(1) };
  const given = { ...batch.given, settings, span, saveTimes: times, atol };
  const arrays = { ...given, saved, report: reports, ...halts.arrays, ...(finals && { [FINAL]: finals }), ...pending };
  // Throws ReadError where there is no program.
  const kernel = kernelFor(batch, each, saves.count === undefined ? ["saveTimes"] : []);
  const runs = isSwept
    ? { sweep: { steps: settings[setting.steps], mostHere: settings[setting.mostHere] } }
    : { unfinished: PENDING, paced: { array: "settings", index: setting.mostHere } };
  let work: DeviceWork | undefined;
  await device.run(kernel, { count, arrays, ...runs, onProgress, signal, onWork: (told) => (work = told) });

  const { p } = rowsOf(batch);
  requireBatchAgreement(code, "end", count, (m) => {
    const told = (name: keyof typeof report): number => reports[m * REPORTS + report[name]];
    if (outcomes[told("outcome")] !== "success" || told("saved") < each) return undefined;
    const at = (m + 1) * each - 1;
    return { u: saved.slice(at * n, (at + 1) * n), p: p(m), t: times[at % times.length] };
  });
  const ran = { device: device.name, precision: device.precision, ...(work && { work }) };
  const left = rowsLeft(problem as OdeProblem, batch, { times, each, saved, reports, finals });
  const again = device.precision === "f64" ? await solvedAgain(problem as OdeProblem, options, spans, left, signal) : NONE_AGAIN;
  const states = kept ? components(left.states, problem.layout.u.size, kept) : left.states;
  const warnings = [...left.warnings, ...grown.slice(0, 1), ...again.warnings];
  return { ...left, ...again, states, warnings, ...ran };
}

/** Of a trajectory that was solved alone: what grew there while below its tolerance. */
function grownIn(batch: GivenBatch, { sizes }: Trajectory, m: number): Warning[] {
  const { code, spans } = batch;
  const { grown, inLoss } = sizes;
  const largest = sizes.largest.map(() => 0);
  const told = belowTolerance({ grown, inLoss, largest }, rowsOf(batch).atol(m), code.layout.u);
  return told.map((message) => ({ message, trajectory: spans.indexOf(m) }));
}

/** What a kernel left, in rows: states, reports, and those where the trajectories ended. */
interface Left {
  readonly times: Float64Array;
  readonly each: number;
  readonly saved: Float64Array;
  readonly reports: Float64Array;
  readonly finals: Float64Array | undefined;
}

function rowsLeft(
  { layout: { u } }: OdeProblem,
  batch: GivenBatch,
  { times, each, saved, reports, finals }: Left,
): Omit<BatchRows, keyof Computed | "solvedAgain"> {
  const { code, count, spans } = batch;
  const n = code.layout.u.size;
  for (let m = 0; m < count; m++) saved.fill(NaN, (m * each + reports[m * REPORTS + report.saved]) * n, (m + 1) * each * n);
  return {
    t: times,
    each,
    count,
    states: leading(saved, n, u.size),
    ...(finals && { finals: leading(finals, n, u.size) }),
    reports,
    solver: batch.method.name,
    ...(batch.because !== undefined && { because: batch.because }),
    warnings: [...batch.warnings, ...unseenSwitching(code, rowsOf(batch).p(0), spans.of(0))].map((message) => ({ message })),
  };
}

function requireRoomForStates(count: number, each: number, n: number): void {
  requireRoom(
    `solveBatch: ${count} trajectories at ${each} times of ${n} numbers`,
    count,
    each * n,
    (most) => `Give ${most} trajectories at most, or save fewer times.`,
  );
}

/** Of so many components of each state the first ones. */
function leading(states: Float64Array, n: number, own: number): Float64Array {
  return n === own
    ? states
    : components(
        states,
        n,
        Int32Array.from({ length: own }, (_, i) => i),
      );
}

/** Of n components of each state those at these indices. */
function components(states: Float64Array, n: number, kept: Int32Array): Float64Array {
  const width = kept.length;
  const own = new Float64Array((states.length / n) * width);
  for (let k = 0; k * n < states.length; k++) for (let i = 0; i < width; i++) own[k * width + i] = states[k * n + kept[i]];
  return own;
}

const kernelFor = memo(
  ({ code, method, isSwept, halts, shared }: GivenBatch, saves: number, sharedTimes: readonly string[]): Kernel => {
    const all = [...shared, ...sharedTimes];
    return isSwept
      ? fixedKernel(method, systemOf(code)!, saves, all)
      : adaptiveKernel(method, systemOf(code)!, saves, all, halts.kernel);
  },
  {
    by: ({ code, method, isSwept, halts, shared }, saves, sharedTimes) => [
      code.rhsProgram(),
      kindOf(method),
      Boolean(method.dt),
      isSwept,
      saves,
      ...keysOf(halts.kernel),
      ...shared,
      ...sharedTimes,
    ],
  },
);
