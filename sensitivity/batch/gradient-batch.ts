/** Gradients of losses of many trajectories at once. */
import { requireRoom } from "../../src/core/memory.ts";
import { methodKey } from "../../solvers/step/method.ts";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import { withinLimits } from "../../src/devices/limits.ts";
import { cannotBatch, refusingMisread } from "../../src/devices/agreement.ts";
import { deviceOf, type Computed } from "../../src/devices/devices.ts";
import type { BatchDevice } from "../../src/devices/device.ts";
import { withoutTape, type Kernel } from "../../src/devices/kernel.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { CannotBatch, UnknownOption } from "../../src/core/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything } from "../../src/core/options/kinds.ts";
import { holding, type Loss, type OdeProblem } from "../../src/problem/problem.ts";
import { recent } from "../../src/core/recent.ts";
import { outcomes, report, REPORTS, setting, type Outcome } from "../../solvers/batch/ensemble-builder.ts";
import { requireAgreementAlong } from "../../solvers/batch/agreement.ts";
import { adaptiveKernel, PENDING } from "../../solvers/batch/adaptive.ts";
import { ensembleChecks, ensembleOf, type Ensemble, type EnsembleOptions } from "../../solvers/batch/ensemble.ts";
import { requireLossAgreement } from "../losses/agreement.ts";
import { withLoss, type LossPrograms } from "../losses/loss.ts";
import { carried } from "./carried.ts";
import { makeRoom } from "./room.ts";
import { warningsAlong } from "./warnings.ts";
import { runMembers, type Members } from "./members.ts";
import { gradientKernel, type GradientKernelOptions } from "./gradient-kernel.ts";

export interface GradientBatchOptions<U, P, L> extends EnsembleOptions<U, P> {
  /** Of each trajectory: a sum over times `{ at, of }`, a `{ final }` value, or both. What differs between them can lie in p. */
  readonly loss: Loss<U, P, L>;
}

const checks: Checks<GradientBatchOptions<unknown, unknown, unknown>> = { ...ensembleChecks, loss: anything };

export interface BatchGradient<P> extends Computed {
  /** The sum of the losses of the trajectories that succeeded; NaN where none did, as all that is summed. */
  readonly value: number;
  /** Each trajectory's, [M]; NaN where it failed. */
  readonly values: Float64Array;
  /** How many succeeded, and are in what is summed. */
  readonly succeeded: number;
  /** By u0, [M, n], NaN where a trajectory failed; summed, as one row, where the initial state is shared. */
  readonly u0: NdArray;
  /** By p: in its shape, summed over the batch, where p is shared; otherwise [M, k], NaN where a trajectory failed. */
  readonly p: Shaped<P> | NdArray;
  /**
   * How each ended, [M]; "notDifferentiable": at a derivative that is not finite; "outOfMemory": its steps found no room. Those that
   * failed add nothing to what is summed.
   */
  readonly outcomes: readonly Outcome[];
  /**
   * What one must know of these numbers. Empty where there is nothing to say. Thresholds on the state, and components below their
   * tolerances, are looked for along three trajectories at most: the first, the last and one between.
   */
  readonly warnings: readonly string[];
}

/**
 * The gradient of a sum of losses over a batch, with respect to p and u0: the discrete adjoint, exact for the steps taken, which are
 * controlled for derivatives too.
 *
 * Throws as `solveBatch` does, BadLoss, and {@link CannotBatch} for losses with an integral, and where parameters move times at
 * which the right-hand side switches.
 */
export async function gradientBatch<U, P, L = unknown>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<NoInfer<U>, NoInfer<P>, L>,
): Promise<BatchGradient<P>> {
  return holding(problem, "gradientBatch", (held) => {
    if ((options as { wrt?: unknown } | undefined)?.wrt !== undefined)
      throw new UnknownOption("gradientBatch", "wrt", "It gives the derivatives by u0 and by p, both: leave it out.");
    checkOptions(options, checks, "gradientBatch");
    return withinLimits(options, "gradientBatch", (signal) => differentiated(held, options, signal));
  });
}

async function differentiated<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<U, P, L>,
  signal: AbortSignal | undefined,
): Promise<BatchGradient<P>> {
  const device = await deviceOf(options);
  const ensemble = ensembleOf(problem, options, device);
  if (ensemble.halts.move) {
    throw new CannotBatch(
      "Parameters move times at which the right-hand side switches, which gradients of batches do not tell of. " +
        "Take `gradient` for each trajectory, or give those times as constants.",
    );
  }
  const { layout, u0, p } = problem;
  const context = { layout, u0, p, tspan: ensemble.given.tspan };
  return withLoss(options.loss as Loss, context, (loss) => summed(problem, options, signal, device, ensemble, loss));
}

async function summed<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientBatchOptions<U, P, L>,
  signal: AbortSignal | undefined,
  device: BatchDevice,
  ensemble: Ensemble,
  loss: LossPrograms,
): Promise<BatchGradient<P>> {
  const { layout, code } = problem;
  const { onProgress, stops, maxStep, maxSteps = 1e6 } = options;
  const { method, count, shared, given, settings, halts, warnings } = ensemble;
  if (loss.integral) {
    throw new CannotBatch(
      "The loss has an integral, which batches do not know. Make it a component of the state, and take its final value.",
    );
  }
  const parts = [loss.sum, loss.final].filter((part) => part !== undefined);
  for (const { unread, gradient } of parts) {
    if (unread) throw cannotBatch(unread);
    withoutTape(gradient);
  }
  const [n, np] = [layout.u.size, layout.p.size];
  requireAgreementAlong(code, ensemble, {
    keeper: parts[0].value,
    stops,
    maxStep,
    saveat: loss.times,
    look({ u0, p, trajectory: { result, savedStates, final } }) {
      if (result.kind === "success") requireLossAgreement({ loss, u0, p, target: "wasm" }, savedStates.data, n, final);
    },
  });
  const along = refusingMisread(() => warningsAlong(problem, options, ensemble, loss));
  const { length } = loss.times;
  requireRoom(
    `gradientBatch: derivatives of ${count} trajectories by ${n} initial values and ${np} parameters each`,
    count,
    n + np + 1 + REPORTS,
    (most) => `Give ${most} trajectories at a time, and add up what they give.`,
  );
  const results = {
    value: new Float64Array(count),
    u0_bar: new Float64Array(count * n),
    p_bar: new Float64Array(count * np),
    report: new Float64Array(count * REPORTS),
  };
  const { system, u0, p, atol } = carried(code, ensemble);
  // Spread last: adding to what was spread takes microseconds.
  const arrays = {
    u0,
    p,
    settings,
    saveTimes: length ? loss.times : new Float64Array(1),
    indices: Float64Array.from(length ? loss.indices : [0]),
    atol,
    value: results.value,
    u0_bar: results.u0_bar,
    p_bar: results.p_bar,
    report: results.report,
    ...halts.arrays,
  };
  const kernelOptions = { method, system, vjp: vjpOf(code), loss, saves: length, halts: halts.count, shared };
  const work = { count, arrays, onProgress, signal };
  const ended = (m: number): Outcome => outcomes[results.report[m * REPORTS + report.outcome]];
  const run = async (members: Members, capacity: number): Promise<Members> => {
    settings[setting.mostSteps] = Math.min(capacity, maxSteps);
    await runMembers(device, kernelFor(code, { capacity, ...kernelOptions }), work, members);
    return members.filter((m) => ended(m) === "tooManySteps");
  };
  const all = Array.from({ length: count }, (_, m) => m);
  const noMemory = new Set<number>();
  if (method.dt) await run(all, settings[setting.steps]);
  else {
    await makeRoom(code, all, maxSteps, {
      run,
      async count(members) {
        settings[setting.mostSteps] = maxSteps;
        const unsaved = { ...arrays, saveTimes: Float64Array.of(given.tspan[1]), [PENDING]: new Float64Array(count).fill(1) };
        const kernel = code.derived<Kernel>(
          `steps of a gradient batch:${methodKey(method)}:${halts.count}:${shared.join()}`,
          () => adaptiveKernel(method, system, 1, shared, halts.count),
        );
        const { value: _value, u0_bar: _u0, p_bar: _p, indices: _indices, ...counted } = unsaved;
        await runMembers(device, kernel, { ...work, arrays: counted, unfinished: PENDING }, members);
        return Float64Array.from(members, (m) => {
          const [steps, rejections] = [report.steps, report.rejections].map((at) => results.report[m * REPORTS + at]);
          return ended(m) === "success" ? steps + rejections : 0;
        });
      },
      giveUp: (members) => members.forEach((m) => noMemory.add(m)),
    });
  }

  const isFinite = (rows: Float64Array, width: number, m: number): boolean => {
    for (let k = m * width; k < (m + 1) * width; k++) if (!Number.isFinite(rows[k])) return false;
    return true;
  };
  const each = all.map((m): Outcome => {
    if (noMemory.has(m)) return "outOfMemory";
    if (ended(m) !== "success") return ended(m);
    if (!isFinite(results.value, 1, m)) return "nonFinite";
    return isFinite(results.u0_bar, n, m) && isFinite(results.p_bar, np, m) ? "success" : "notDifferentiable";
  });
  const isIn = each.map((outcome) => outcome === "success");
  const succeeded = isIn.filter(Boolean).length;
  const sumOf = (rows: Float64Array, width: number): Float64Array => sumOfRows(rows, width, isIn);
  const isShared = (name: string): boolean => shared.includes(name);
  for (const [rows, width] of [
    [results.value, 1],
    [results.u0_bar, n],
    [results.p_bar, np],
  ] as const)
    for (let m = 0; succeeded < count && m < count; m++) if (!isIn[m]) rows.fill(NaN, m * width, (m + 1) * width);
  return {
    value: sumOf(results.value, 1)[0],
    values: results.value,
    succeeded,
    u0: isShared("u0") ? ndarray(sumOf(results.u0_bar, n), [1, n]) : ndarray(results.u0_bar, [count, n]),
    p: isShared("p") ? unpack<P>(layout.p, sumOf(results.p_bar, np)) : ndarray(results.p_bar, [count, np]),
    outcomes: each,
    warnings: [...warnings, ...along, ...failures(each)],
    device: device.name,
    precision: device.precision,
  };
}

/** Of the trajectories that succeeded; NaN of none. */
function sumOfRows(rows: Float64Array, width: number, isIn: readonly boolean[]): Float64Array {
  const sum = new Float64Array(width).fill(isIn.includes(true) ? 0 : NaN);
  for (let m = 0; m < isIn.length; m++) for (let i = 0; isIn[m] && i < width; i++) sum[i] += rows[m * width + i];
  return sum;
}

/** What is not in the sums, in a sentence. */
function failures(each: readonly Outcome[]): string[] {
  const kinds = outcomes.filter((outcome) => outcome !== "success" && each.includes(outcome));
  if (kinds.length === 0) return [];
  const counts = kinds.map((kind) => `${each.filter((outcome) => outcome === kind).length} ${kind}`);
  const failed = each.filter((outcome) => outcome !== "success").length;
  return [
    `${failed} of ${each.length} trajectories failed (${counts.join(", ")}): the value and the gradient are of the others alone.`,
  ];
}

function vjpOf(code: ProblemCode): Program {
  return withoutTape(derivativesOf(code.rhsProgram()).vjp(["u", "p"]));
}

/** Made once for a problem, a loss and a capacity. */
function kernelFor(code: ProblemCode, options: GradientKernelOptions): Kernel {
  const { method, loss, saves, capacity, halts, shared } = options;
  const key = `gradient batch:${methodKey(method)}:${method.dt ? "fixed" : "controlled"}:${saves}:${capacity}:${halts}:${shared.join()}`;
  const known = code.derived<{ readonly loss: GradientKernelOptions["loss"]; readonly kernel: Kernel }[]>(key, () => []);
  return recent(
    known,
    (made) => made.loss.sum === loss.sum && made.loss.final === loss.final,
    () => ({ loss, kernel: gradientKernel(options) }),
  ).kernel;
}
