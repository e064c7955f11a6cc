/** Many initial value problems at once. */
import type { NdArray } from "../../src/arrays/ndarray.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";
import type { Shaped } from "../../src/arrays/pack.ts";
import { checkAgreement } from "../../src/agreement.ts";
import { deviceOf, type Computed, type DeviceOptions } from "../../src/batch/devices.ts";
import type { Kernel } from "../../src/batch/kernel.ts";
import { countOf, rowsOrShared, type Given, type Rows } from "../../src/batch/rows.ts";
import { CannotBatch } from "../../src/errors.ts";
import type { OdeProblem } from "../../src/problem.ts";
import type { ProblemCode } from "../../src/code.ts";
import type { ExplicitMethod, Method } from "../method.ts";
import { systemOf } from "../problem-system.ts";
import { saveTimes } from "../save-times.ts";
import { absoluteTolerance, checkTolerance } from "../solve.ts";
import { tsit5 } from "../explicit/tsit5.ts";
import { adaptiveKernel, PENDING } from "./adaptive.ts";
import { outcomes, report, REPORTS, setting, SETTINGS, type Outcome } from "./ensemble-builder.ts";
import { fixedKernel } from "./fixed.ts";

export interface SolveBatchOptions<U, P> extends DeviceOptions {
  /** Initial states: the problem's shape, shared by all, or [M, n]. Default: the problem's own. */
  readonly u0?: U | Shaped<U> | Rows;
  /** Parameters: the problem's shape, shared by all, or [M, k]. Default: the problem's own. */
  readonly p?: P | Shaped<P> | Rows;
  /** Default: the problem's own. The same for all. */
  readonly tspan?: readonly [number, number];
  /** An explicit method. Default tsit5. */
  readonly solver?: Method;
  /** Relative tolerance of each step's error. Default 1e-6. */
  readonly rtol?: number;
  /** Absolute tolerance, in units of the state; one for all components, or a flat array with one each. Default 1e-6. */
  readonly atol?: number | ArrayLike<number>;
  /** Times at which states are kept, as in `solve`. Default: the end. */
  readonly saveat?: number | ArrayLike<number>;
  /** Steps tried for one trajectory, at most. Default 1e6. */
  readonly maxSteps?: number;
}

export interface BatchSolution extends Computed {
  /** Times saved, [K]. */
  readonly t: Float64Array;
  /** States, [M, K, n]; NaN from where a trajectory failed. */
  readonly u: NdArray;
  /** How each ended, [M]. */
  readonly outcomes: readonly Outcome[];
  /** Steps taken by each, [M]. */
  readonly steps: Float64Array;
  /** Steps rejected, [M]. */
  readonly rejections: Float64Array;
}

/** Steps that a GPU takes in one go: more would keep it from drawing. */
const MOST_ON_GPU = 1000;
/** What part of t a step must exceed to move it: f64 and f32. */
const LEAST_STEP = { f64: 2 ** -51, f32: 2 ** -22 };

/**
 * Solves a problem for M initial states, parameters, or both, each trajectory with its own steps and error control. One that fails
 * does not disturb the others.
 *
 * Throws {@link BadBatch}, {@link CannotBatch} (implicit methods, events, functions a batch cannot run), BadTolerance, BadSaveTimes,
 * UnknownDevice, NoDoublePrecision, ReadError, Disagreement; on a GPU NoGpu, MissingPackage, DeviceLost, GpuOutOfMemory,
 * BatchTooLarge and ShaderFailed.
 */
export async function solveBatch<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveBatchOptions<NoInfer<U>, NoInfer<P>>,
): Promise<BatchSolution> {
  const { layout, code } = problem;
  const { tspan = problem.tspan, rtol = 1e-6, atol = 1e-6, maxSteps = 1e6, onProgress, signal } = options;
  const method = batchable(problem as OdeProblem, options.solver ?? tsit5());
  const device = await deviceOf(options);
  const count = countOf({ u0: { layout: layout.u, value: options.u0 }, p: { layout: layout.p, value: options.p } });
  const u0 = rowsOrShared(layout.u, options.u0 ?? problem.u0, "u0", count);
  const p = rowsOrShared(layout.p, options.p ?? problem.p, "p", count);
  checkTolerance("rtol", rtol);
  const times = Float64Array.from(saveTimes(options.saveat ?? [tspan[1]], ...tspan));
  checkAgreement(code, { u0: u0.data.slice(0, layout.u.size), p: p.data.slice(0, layout.p.size), tspan }, "wasm");

  const n = layout.u.size;
  const saved = new Float64Array(count * times.length * n);
  const reports = new Float64Array(count * REPORTS);
  const settings = new Float64Array(SETTINGS);
  const [t0, t1] = tspan;
  settings[setting.t0] = t0;
  settings[setting.t1] = t1;
  settings[setting.direction] = Math.sign(t1 - t0);
  settings[setting.rtol] = rtol;
  settings[setting.mostSteps] = maxSteps;
  settings[setting.mostHere] = device.name === "cpu" ? maxSteps : MOST_ON_GPU;
  settings[setting.leastStep] = LEAST_STEP[device.precision];
  if (method.dt) {
    // A remainder of rounding makes no step of its own.
    settings[setting.steps] = Math.max(1, Math.ceil((Math.abs(t1 - t0) / method.dt) * (1 - 1e-12)));
    settings[setting.h] = Math.sign(t1 - t0) * method.dt;
  }
  const tolerances = absoluteTolerance(atol, n);
  const arrays = {
    u0: u0.data,
    p: p.data,
    settings,
    saveTimes: times,
    atol: typeof tolerances === "number" ? new Float64Array(n).fill(tolerances) : tolerances,
    saved,
    report: reports,
    ...(!method.dt && { [PENDING]: new Float64Array(count).fill(1) }),
  };
  const kernel = kernelFor(code, method, times.length, { u0, p });
  await device.run(kernel, { count, arrays, unfinished: method.dt ? undefined : PENDING, onProgress, signal });

  const column = (name: keyof typeof report): Float64Array =>
    Float64Array.from({ length: count }, (_, m) => reports[m * REPORTS + report[name]]);
  column("saved").forEach((k, m) => saved.fill(NaN, (m * times.length + k) * n, (m + 1) * times.length * n));
  return {
    t: times,
    u: ndarray(saved, [count, times.length, n]),
    outcomes: Array.from(column("outcome"), (outcome) => outcomes[outcome]),
    steps: column("steps"),
    rejections: column("rejections"),
    device: device.name,
    precision: device.precision,
  };
}

/** Throws {@link CannotBatch}. */
export function batchable(problem: OdeProblem, method: Method): ExplicitMethod {
  if (method.family !== "explicit") {
    throw new CannotBatch(
      `${method.name} is implicit: its linear systems are solved for one trajectory at a time. ` +
        `Take an explicit method such as tsit5, or solve the trajectories one by one.`,
    );
  }
  if (problem.events) {
    throw new CannotBatch(
      `${problem.name} has events, which batches do not know. Solve from event to event with tspan, or one by one.`,
    );
  }
  return method;
}

function kernelFor(code: ProblemCode, method: ExplicitMethod, saves: number, given: Readonly<Record<string, Given>>): Kernel {
  const shared = Object.keys(given).filter((name) => given[name].count === undefined);
  const make = method.dt ? fixedKernel : adaptiveKernel;
  // Throws ReadError where there is no program.
  return code.derived(`solve batch:${method.name}:${saves}:${shared.join()}`, () => {
    const system = systemOf(code)!;
    return make(method, system, saves, shared);
  });
}
