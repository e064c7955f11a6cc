/** Gradients of losses of many trajectories at once. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import { deviceOf, type Computed } from "../../src/batch/devices.ts";
import { sumOfRows } from "../../src/batch/evaluate.ts";
import { withoutTape, type Kernel } from "../../src/batch/kernel.ts";
import { reverse } from "../../src/derive/reverse.ts";
import type { ProblemCode } from "../../src/code.ts";
import { CannotBatch } from "../../src/errors.ts";
import type { Program } from "../../src/program/ir.ts";
import { checkOptions, type Checks } from "../../src/options/check.ts";
import { anything } from "../../src/options/kinds.ts";
import { requireProblem, type Loss, type OdeProblem } from "../../src/problem.ts";
import { outcomes, report, REPORTS, setting, type Outcome } from "../../solvers/batch/ensemble-builder.ts";
import { ensembleChecks, ensembleOf, type EnsembleOptions } from "../../solvers/batch/ensemble.ts";
import { lossPrograms } from "../loss.ts";
import { carried } from "./carried.ts";
import { gradientKernel, type GradientKernelOptions } from "./gradient-kernel.ts";

export interface GradientBatchOptions<U, P, L> extends EnsembleOptions<U, P> {
  /** Of each trajectory: a sum over times `{ at, of }`, a `{ final }` value, or both. What differs between them can lie in p. */
  readonly loss: Loss<U, P, L>;
}

const checks: Checks<GradientBatchOptions<unknown, unknown, unknown>> = { ...ensembleChecks, loss: anything };

export interface BatchGradient<P> extends Computed {
  /** The sum of the losses. */
  readonly value: number;
  /** Each trajectory's, [M]; NaN where it failed. */
  readonly values: Float64Array;
  /** By u0, [M, n]; summed, as one row, where the initial state is shared. */
  readonly u0: NdArray;
  /** By p: in its shape, summed over the batch, where p is shared; otherwise [M, k]. */
  readonly p: Shaped<P> | NdArray;
  /** How each ended, [M]; "notDifferentiable": at a derivative that is not finite. Those that failed add nothing to what is summed. */
  readonly outcomes: readonly Outcome[];
  /** What one must know of these numbers. Empty where there is nothing to say. */
  readonly warnings: readonly string[];
}

/** Steps that there is room for at first. */
const FIRST_CAPACITY = 64;

/** How much room the trajectories of a problem needed. */
const capacities = new WeakMap<object, number>();

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
  requireProblem(problem, "gradientBatch");
  checkOptions(options, checks, "gradientBatch");
  const { layout, code } = problem;
  const { onProgress, signal, maxSteps = 1e6 } = options;
  const device = await deviceOf(options);
  const ensemble = ensembleOf(problem, options, device);
  const { method, count, given, shared, settings, halts, warnings } = ensemble;
  if (halts.move) {
    throw new CannotBatch(
      "Parameters move times at which the right-hand side switches, which gradients of batches do not tell of. " +
        "Take `gradient` for each trajectory, or give those times as constants.",
    );
  }
  const loss = lossPrograms(options.loss as Loss, { ...problem, tspan: given.tspan });
  if (loss.integral) {
    throw new CannotBatch(
      "The loss has an integral, which batches do not know. Make it a component of the state, and take its final value.",
    );
  }
  for (const part of [loss.sum, loss.final]) if (part) withoutTape(part.gradient);
  const [n, np] = [layout.u.size, layout.p.size];
  const { length } = loss.times;
  const results = {
    value: new Float64Array(count),
    u0_bar: new Float64Array(count * n),
    p_bar: new Float64Array(count * np),
    report: new Float64Array(count * REPORTS),
  };
  const { system, u0, p, atol } = carried(code, ensemble);
  const arrays = {
    u0,
    p,
    settings,
    saveTimes: length ? loss.times : new Float64Array(1),
    indices: Float64Array.from(length ? loss.indices : [0]),
    atol,
    ...halts.arrays,
    ...results,
  };
  const ended = (name: keyof typeof report): Float64Array =>
    Float64Array.from({ length: count }, (_, m) => results.report[m * REPORTS + report[name]]);
  let capacity = method.dt ? settings[setting.steps] : (capacities.get(code.identity) ?? FIRST_CAPACITY);
  for (;;) {
    settings[setting.mostSteps] = Math.min(capacity, maxSteps);
    const kernel = kernelFor(code, {
      method,
      system,
      vjp: vjpOf(code),
      loss,
      saves: length,
      capacity,
      halts: halts.count,
      shared,
    });
    await device.run(kernel, { count, arrays, onProgress, signal });
    const isFull = ended("outcome").includes(outcomes.indexOf("tooManySteps"));
    if (!isFull || method.dt || capacity >= maxSteps) break;
    capacity *= 4;
    capacities.set(code.identity, capacity);
  }

  const isFinite = (rows: Float64Array, width: number, m: number): boolean =>
    rows.subarray(m * width, (m + 1) * width).every(Number.isFinite);
  const each = Array.from(ended("outcome"), (outcome, m): Outcome => {
    const derived = isFinite(results.u0_bar, n, m) && isFinite(results.p_bar, np, m);
    return outcomes[outcome] === "success" && !derived ? "notDifferentiable" : outcomes[outcome];
  });
  each.forEach((outcome, m) => {
    if (outcome === "success") return;
    results.value[m] = NaN;
    results.u0_bar.fill(0, m * n, (m + 1) * n);
    results.p_bar.fill(0, m * np, (m + 1) * np);
  });
  const isShared = (name: string): boolean => shared.includes(name);
  return {
    value: results.value.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x), 0),
    values: results.value,
    u0: isShared("u0") ? ndarray(sumOfRows(results.u0_bar, n), [1, n]) : ndarray(results.u0_bar, [count, n]),
    p: isShared("p") ? unpack<P>(layout.p, sumOfRows(results.p_bar, np)) : ndarray(results.p_bar, [count, np]),
    outcomes: each,
    warnings,
    device: device.name,
    precision: device.precision,
  };
}

function vjpOf(code: ProblemCode): Program {
  return withoutTape(code.derived("vjp:up", (rhs) => reverse(rhs, { wrt: ["u", "p"] })));
}

/** Made once for a problem, a loss and a capacity. */
function kernelFor(code: ProblemCode, options: GradientKernelOptions): Kernel {
  const { method, loss, saves, capacity, halts, shared } = options;
  const key = `gradient batch:${method.name}:${method.dt ? "fixed" : "controlled"}:${saves}:${capacity}:${halts}:${shared.join()}`;
  const known = code.derived<{ readonly loss: GradientKernelOptions["loss"]; readonly kernel: Kernel }[]>(key, () => []);
  let entry = known.find((made) => made.loss.sum === loss.sum && made.loss.final === loss.final);
  if (!entry) known.push((entry = { loss, kernel: gradientKernel(options) }));
  return entry.kernel;
}
