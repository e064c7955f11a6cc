/**
 * Trajectories of one problem in lanes, at saved times, with their derivatives: along directions by dual numbers, or back from
 * cotangents by the discrete adjoint. They are those of `sensitivities` and `solveWithPullback`, within the tolerances.
 */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { adaptiveKernel, PENDING } from "../../solvers/batch/adaptive.ts";
import { requireAgreementAlong } from "../../solvers/batch/agreement.ts";
import { outcomes, report, REPORTS, setting } from "../../solvers/batch/told.ts";
import { givenBatch, type GivenBatch } from "../../solvers/batch/given-batch.ts";
import { keysOf, type KernelHalts } from "../../solvers/batch/kernel-events.ts";
import { isExplicit } from "../../solvers/families/explicit/family.ts";
import type { AbsoluteTolerance } from "../../solvers/step-loop/tolerances.ts";
import { kindOf, type Method } from "../../solvers/step/method.ts";
import type { System } from "../../solvers/step/system.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import { memo } from "../../src/core/memo.ts";
import { cpuDevice } from "../../src/devices/cpu.ts";
import type { Kernel } from "../../src/devices/kernel.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { holding, type OdeProblem } from "../../src/problem/problem.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { cotangentLoss } from "../adjoints/discrete/cotangent-loss.ts";
import { explicitDual } from "../adjoints/forward/dual-system.ts";
import { chunking, ZERO_DERIVATIVE_TOLERANCE } from "../adjoints/shared/directions.ts";
import { outcomesIn } from "../switching/switches.ts";
import { runGradients } from "./gradient-run.ts";
import { tangentSystem, type TangentSystem } from "./tangent-system.ts";

/** M trajectories. */
export interface SavedBatchOptions {
  /** Rows, [M, n] and [M, k]. */
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly tspan: readonly [number, number];
  /** Ascending, within tspan. */
  readonly times: Float64Array;
  readonly solver: Method;
  readonly rtol?: number;
  readonly atol?: AbsoluteTolerance<unknown>;
  /** Tries of steps of one trajectory, at most. */
  readonly maxSteps: number;
  readonly signal?: AbortSignalLike;
}

/** A component that is differentiated by. */
export interface Component {
  readonly of: "p" | "u0";
  readonly index: number;
}

/** With K saved times. */
export interface SavedStates {
  /** [M, K, n]. */
  readonly states: Float64Array;
  /** By each component, or along a direction, [M, K, n]. */
  readonly slopes: readonly Float64Array[];
  /** Of each trajectory: did it come to the end? What it left is else whatever was there. */
  readonly succeeded: readonly boolean[];
}

/** Works with a batch of a problem. Throws {@link CannotBatch} where batches do not take it. */
export function inBatch<T>(problem: OdeProblem, options: SavedBatchOptions, use: (batch: SavedBatch) => Promise<T>): Promise<T> {
  return holding(problem, "fit", (held) => use(new SavedBatch(held, options)));
}

export class SavedBatch {
  private readonly code: ProblemCode;
  private readonly batch: GivenBatch;

  constructor(
    problem: OdeProblem,
    private readonly options: SavedBatchOptions,
  ) {
    const { u, p } = problem.layout;
    const { u0, p: parameters, tspan, solver, rtol, atol, maxSteps } = options;
    if (problem.events) throw new CannotBatch("The problem has events, which have to be followed one by one.");
    this.code = problem.code;
    const count = u0.length / u.size;
    const rows = { u0: ndarray(u0, [count, u.size]), ...(p.size > 0 && { p: ndarray(parameters, [count, p.size]) }) };
    this.batch = givenBatch(problem, { ...rows, tspan, solver, rtol, atol, maxSteps }, cpuDevice);
    if (!isExplicit(this.batch.method)) throw new CannotBatch("Derivatives in lanes are of explicit steps.");
    if (this.batch.halts.isBroken || outcomesIn(this.code)) {
      throw new CannotBatch("The right-hand side switches, which has to be followed one by one.");
    }
    requireAgreementAlong(this.batch, { keeper: this.code.rhsProgram() });
  }

  /** With derivatives by some components, those of one trajectory after the other in their order. */
  async slopes(by: readonly Component[]): Promise<SavedStates> {
    const { chunks, size } = chunking(by.length);
    const parts: SavedStates[] = [];
    for (let c = 0; c < chunks; c++) {
      const chunk = by.slice(c * size, (c + 1) * size);
      const lengths = chunk.map((component) => this.lengthsOf(component));
      const { states, slopes, succeeded } = await this.solved(this.along(chunk, lengths, size), size, "all");
      // They are along changes in proportion to the sizes of what they change.
      const each = states.length / succeeded.length;
      const scaled = lengths.map((of, d) => slopes[d].map((slope, at) => slope / of[Math.floor(at / each)]));
      parts.push({ states, slopes: scaled, succeeded });
    }
    return {
      states: parts[0].states,
      slopes: parts.flatMap(({ slopes }) => slopes),
      succeeded: parts[0].succeeded.map((_, m) => parts.every((part) => part.succeeded[m])),
    };
  }

  /** By the steps that {@link pullBack} goes back over. */
  states(): Promise<SavedStates> {
    return this.solved(tangentSystem(this.code, this.batch), 1, "guard");
  }

  /** From cotangents of all saved states, [M, K, n], to those of u0 and p, [M, n] and [M, k]. */
  async pullBack(cotangents: Float64Array): Promise<Record<"u0" | "p", Float64Array> & Pick<SavedStates, "succeeded">> {
    const { code, batch } = this;
    const { times, maxSteps, signal } = this.options;
    const loss = { sum: cotangentLoss(code), times, indices: Int32Array.from(times.keys()) };
    const {
      u0_bar,
      p_bar,
      outcomes: each,
    } = await runGradients({
      code,
      batch,
      loss,
      cotangents,
      device: cpuDevice,
      maxSteps,
      watched: { signal },
    });
    return { u0: u0_bar, p: p_bar, succeeded: each.map((outcome) => outcome === "success") };
  }

  /** The size of a component in each trajectory. */
  private lengthsOf({ of, index }: Component): Float64Array {
    const { data, width, sizes } = this.rowsOf(of);
    return Float64Array.from({ length: this.batch.count }, (_, m) => sizes(data.subarray(m * width, (m + 1) * width))[index]);
  }

  private rowsOf(of: "p" | "u0"): { readonly data: Float64Array; readonly width: number; readonly sizes: typeof sizesOf } {
    const { u, p } = this.code.layout;
    return of === "p"
      ? { data: this.options.p, width: p.size, sizes: sizesOf }
      : { data: this.options.u0, width: u.size, sizes: stateSizes };
  }

  /** The system with tangents along components, of these lengths. */
  private along(chunk: readonly Component[], lengths: readonly Float64Array[], k: number): TangentSystem {
    const { count, atol } = this.batch;
    const rows = (of: "p" | "u0"): Float64Array => {
      const { data, width } = this.rowsOf(of);
      const whole = (1 + k) * width;
      const wide = new Float64Array(count * whole);
      for (let m = 0; m < count; m++) {
        wide.set(data.subarray(m * width, (m + 1) * width), m * whole);
        chunk.forEach((one, d) => {
          if (one.of === of) wide[m * whole + (1 + d) * width + one.index] = lengths[d][m];
        });
      }
      return wide;
    };
    const { n } = sizesIn(this.code);
    const tolerances = new Float64Array(atol.length * (1 + k));
    atol.forEach((x, at) => {
      const row = Math.floor(at / n) * n * (1 + k);
      for (let d = 0; d <= k; d++) tolerances[row + d * n + (at % n)] = d === 0 ? x : x * ZERO_DERIVATIVE_TOLERANCE;
    });
    return { system: dualOf(this.code, k), u0: rows("u0"), p: rows("p"), atol: tolerances };
  }

  private async solved({ system, u0, p, atol }: TangentSystem, k: number, control: "all" | "guard"): Promise<SavedStates> {
    const { method, count, settings, span, shared, halts } = this.batch;
    const { times, maxSteps, signal } = this.options;
    const width = system.n * times.length;
    const saved = new Float64Array(count * width);
    const reports = new Float64Array(count * REPORTS);
    settings[setting.mostSteps] = maxSteps;
    const kernel = kernelFor(this.code, method, { system, k, control, saves: times.length, shared, halts: halts.kernel });
    const arrays = {
      u0,
      p,
      atol,
      settings,
      span,
      ...halts.arrays,
      saveTimes: times,
      saved,
      report: reports,
      [PENDING]: new Float64Array(count).fill(1),
    };
    await cpuDevice.run(kernel, { count, arrays, unfinished: PENDING, signal });
    const { n } = sizesIn(this.code);
    const part = (d: number): Float64Array => {
      const own = new Float64Array(count * times.length * n);
      for (let s = 0; s < count * times.length; s++)
        own.set(saved.subarray(s * system.n + d * n, s * system.n + (d + 1) * n), s * n);
      return own;
    };
    return {
      states: part(0),
      slopes: Array.from({ length: k }, (_, d) => part(1 + d)),
      succeeded: Array.from({ length: count }, (_, m) => outcomes[reports[m * REPORTS + report.outcome]] === "success"),
    };
  }
}

function sizesIn({ layout: { u, p } }: ProblemCode): { readonly n: number; readonly np: number } {
  return { n: u.size, np: p.size };
}

const dualOf = memo((code: ProblemCode, k: number): System => explicitDual(code, { ...sizesIn(code), k }, undefined, "all"), {
  by: (code, k) => [code.rhsProgram(), k],
});

interface KernelOptions {
  readonly system: System;
  /** Directions, and how their errors count. */
  readonly k: number;
  readonly control: "all" | "guard";
  readonly saves: number;
  readonly shared: readonly string[];
  readonly halts: KernelHalts;
}

const kernelFor = memo(
  (_code: ProblemCode, method: Method, { system, saves, shared, halts }: KernelOptions): Kernel =>
    adaptiveKernel(method, system, saves, ["saveTimes", ...shared], halts),
  {
    by: (code, method, { k, control, saves, shared, halts }) => [
      code.rhsProgram(),
      kindOf(method),
      k,
      control,
      saves,
      ...keysOf(halts),
      ...shared,
    ],
  },
);
