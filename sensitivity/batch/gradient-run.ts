/** The run of a batch's gradients on a device: each trajectory gets room for as many steps as it takes. */
import type { System } from "../../solvers/step/system.ts";
import { memo } from "../../src/core/memo.ts";
import { adaptiveKernel, PENDING } from "../../solvers/batch/adaptive.ts";
import { keysOf, type KernelHalts } from "../../solvers/batch/kernel-events.ts";
import { outcomes, report, REPORTS, setting, type Outcome } from "../../solvers/batch/told.ts";
import type { GivenBatch } from "../../solvers/batch/given-batch.ts";
import { kindOf, type Method } from "../../solvers/step/method.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { BatchDevice } from "../../src/devices/device.ts";
import { withoutTape, type Kernel } from "../../src/devices/kernel.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { AdjointParts } from "../../solvers/step/adjoint.ts";
import { adjointParts } from "../adjoints/discrete/adjoint-parts.ts";
import type { LossPrograms } from "../losses/loss.ts";
import { tangentSystem, type TangentSystem } from "./tangent-system.ts";
import { gradientKernel } from "./gradient-kernel.ts";
import type { GradientKernelOptions } from "./gradient-steps.ts";
import { runMembers, type Members, type Work } from "./members.ts";
import { makeRoom } from "./room.ts";
import { noTimes, timesIn } from "./times.ts";

export interface GradientRequest {
  readonly code: ProblemCode;
  readonly batch: GivenBatch;
  readonly loss: LossPrograms;
  /** In place of the states at the times of the loss, [M, K, n]: what {@link cotangentLoss} takes. */
  readonly cotangents?: Float64Array;
  readonly device: BatchDevice;
  /** Tries of steps for one trajectory, at most. */
  readonly maxSteps: number;
  readonly watched: Pick<Work, "onProgress" | "signal">;
}

/** What comes of it, with a row for each trajectory. */
export interface GradientRows {
  readonly value: Float64Array;
  readonly u0_bar: Float64Array;
  readonly p_bar: Float64Array;
  readonly outcomes: readonly Outcome[];
  /** The times that they came to. */
  readonly ends: Float64Array;
}

/** Computes the loss and its derivatives for each trajectory by itself. Rows of those that failed hold whatever was left there. */
export async function runGradients(request: GradientRequest): Promise<GradientRows> {
  const run = new GradientRun(request);
  await run.all();
  const { value, u0_bar, p_bar } = run.results;
  return { value, u0_bar, p_bar, outcomes: run.outcomes(), ends: run.ends() };
}

/** The time that a step with tangents, or one back, takes of the processor, in steps of a solve; about. */
const COST_OF_STEP = 4;

class GradientRun {
  readonly results: Readonly<Record<"value" | "u0_bar" | "p_bar" | "report", Float64Array>>;
  private readonly solved: TangentSystem;
  private readonly arrays: Work["arrays"];
  /** Names of the arrays that all trajectories have in common. */
  private readonly shared: readonly string[];
  private readonly withoutMemory = new Set<number>();

  constructor(private readonly request: GradientRequest) {
    const { code, batch, loss } = request;
    const { count, settings, halts } = batch;
    const { u, p } = code.layout;
    this.results = {
      value: new Float64Array(count),
      u0_bar: new Float64Array(count * u.size),
      p_bar: new Float64Array(count * p.size),
      report: new Float64Array(count * REPORTS),
    };
    this.solved = tangentSystem(code, batch);
    settings[setting.mostHere] = Math.ceil(settings[setting.mostHere] / COST_OF_STEP);
    const { saveTimes, indices, shared } = timesIn(batch.spans, loss);
    this.shared = [...batch.shared, ...shared];
    // Spread last: adding to what was spread takes microseconds.
    this.arrays = {
      u0: this.solved.u0,
      p: this.solved.p,
      settings,
      span: batch.span,
      saveTimes,
      indices,
      atol: this.solved.atol,
      ...this.results,
      ...halts.arrays,
      ...(request.cotangents && { sampled: request.cotangents }),
    };
  }

  async all(): Promise<void> {
    const { code, batch, maxSteps } = this.request;
    const { isSwept, count, settings } = batch;
    const members = Array.from({ length: count }, (_, m) => m);
    if (isSwept) return void (await this.run(members, settings[setting.steps]));
    await makeRoom(code, members, maxSteps, {
      run: (some, capacity) => this.run(some, capacity),
      count: (some) => this.count(some),
      giveUp: (some) => some.forEach((m) => this.withoutMemory.add(m)),
    });
  }

  /** How each trajectory ended. */
  outcomes(): Outcome[] {
    const { value, u0_bar, p_bar } = this.results;
    const { u, p } = this.request.code.layout;
    return Array.from(value, (_, m): Outcome => {
      if (this.withoutMemory.has(m)) return "outOfMemory";
      if (this.ended(m) !== "success") return this.ended(m);
      if (!isFiniteRow(value, 1, m)) return "nonFinite";
      return isFiniteRow(u0_bar, u.size, m) && isFiniteRow(p_bar, p.size, m) ? "success" : "notDifferentiable";
    });
  }

  ends(): Float64Array {
    return this.results.value.map((_, m) => this.results.report[m * REPORTS + report.end]);
  }

  private ended(m: number): Outcome {
    return outcomes[this.results.report[m * REPORTS + report.outcome]];
  }

  private get work(): Work {
    return { count: this.request.batch.count, arrays: this.arrays, ...this.request.watched };
  }

  /** All trajectories at their beginning. */
  private fresh(): Float64Array {
    return new Float64Array(this.request.batch.count).fill(1);
  }

  /** Runs some trajectories with room for so many tries of steps, and returns those that need more. */
  private async run(members: Members, capacity: number): Promise<Members> {
    const { code, batch, loss, cotangents, device, maxSteps } = this.request;
    const { method, settings, halts, isSwept } = batch;
    settings[setting.mostSteps] = Math.min(capacity, maxSteps);
    const { system } = this.solved;
    const { shared } = this;
    const saves = loss.times.length;
    const givenStates = cotangents !== undefined;
    const of = { capacity, method, system, loss, givenStates, saves, isSwept, halts: halts.kernel, shared };
    const kernel = kernelFor(code, of);
    const runs = isSwept
      ? { sweep: { steps: 2 * settings[setting.steps], mostHere: settings[setting.mostHere] } }
      : { unfinished: PENDING, arrays: { ...this.arrays, [PENDING]: this.fresh() } };
    await runMembers(device, kernel, { ...this.work, ...runs }, members);
    return members.filter((m) => this.ended(m) === "tooManySteps");
  }

  /** Counts the tries of steps that each trajectory takes, without keeping any; 0 for one that fails. */
  private async count(members: Members): Promise<Float64Array> {
    const { code, batch, device, maxSteps } = this.request;
    const { method, settings, spans, halts } = batch;
    settings[setting.mostSteps] = maxSteps;
    const { value: _value, u0_bar: _u0, p_bar: _p, indices: _indices, sampled: _sampled, ...counted } = this.arrays;
    const { saveTimes } = timesIn(spans, noTimes);
    const arrays = { ...counted, saveTimes, [PENDING]: this.fresh() };
    const kernel = countingKernel(code, method, this.solved.system, this.shared, halts.kernel);
    await runMembers(device, kernel, { ...this.work, arrays, unfinished: PENDING }, members);
    return Float64Array.from(members, (m) => {
      const [steps, rejections] = [report.steps, report.rejections].map((at) => this.results.report[m * REPORTS + at]);
      return this.ended(m) === "success" ? steps + rejections : 0;
    });
  }
}

function isFiniteRow(rows: Float64Array, width: number, m: number): boolean {
  for (let k = m * width; k < (m + 1) * width; k++) if (!Number.isFinite(rows[k])) return false;
  return true;
}

/** What the adjoints of the steps of a system are made from, its tangents aside. Throws {@link CannotBatch}. */
function partsOf(
  code: ProblemCode,
  { method, system: { primal, ...system } }: Omit<GradientKernelOptions, "parts">,
): AdjointParts {
  const derivatives = derivativesOf(code.rhsProgram());
  const vjp = {
    get wrtU() {
      return derivatives.vjp(["u"]);
    },
    get wrtP() {
      return derivatives.vjp(["p"]);
    },
    wrtBoth: withoutTape(derivatives.vjp(["u", "p"])),
  };
  const own = primal ?? system;
  return adjointParts(code, { system: own, programs: method.family.step(method, own) }, vjp, true);
}

/** Counts steps, without keeping any. */
const countingKernel = memo(
  (_code: ProblemCode, method: Method, system: System, shared: readonly string[], halts: KernelHalts): Kernel =>
    adaptiveKernel(method, system, 1, shared, halts),
  {
    by: (code, method, _system, shared, halts) => [
      code.rhsProgram(),
      kindOf(method),
      Boolean(method.dt),
      ...keysOf(halts),
      ...shared,
    ],
  },
);

/** The kernel for a problem, a loss and a capacity, made once. */
const kernelFor = memo(
  (code: ProblemCode, options: Omit<GradientKernelOptions, "parts">): Kernel =>
    gradientKernel({ ...options, parts: partsOf(code, options) }),
  {
    by(code, { method, loss, givenStates, saves, capacity, isSwept, halts, shared }) {
      const ofMethod = [kindOf(method), Boolean(method.dt), isSwept];
      return [code.rhsProgram(), loss.sum, loss.final, givenStates, ...ofMethod, saves, capacity, ...keysOf(halts), ...shared];
    },
  },
);
