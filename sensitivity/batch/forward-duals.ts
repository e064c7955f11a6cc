/**
 * Gradients of batches by dual numbers through the kernels' solves: what the kernels that go back do not take, events and integrals, where there are
 * few directions. Derivatives are carried along with the states, as adjoint "dual" does it, and the loss is taken on the way out.
 */
import { isExplicit } from "../../solvers/families/explicit/family.ts";
import { adaptiveKernel, FINAL, PENDING } from "../../solvers/batch/adaptive.ts";
import { rowsOf } from "../../solvers/batch/agreement.ts";
import type { GivenBatch } from "../../solvers/batch/given-batch.ts";
import { keysOf, type KernelHalts } from "../../solvers/batch/kernel-events.ts";
import { outcomes, report, REPORTS, setting, type Outcome } from "../../solvers/batch/told.ts";
import { kindOf } from "../../solvers/step/method.ts";
import type { System } from "../../solvers/step/system.ts";
import { memo } from "../../src/core/memo.ts";
import { cpuDevice } from "../../src/devices/cpu.ts";
import { withoutTape, type Kernel } from "../../src/devices/kernel.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { taskOf, withSpan } from "../task/options.ts";
import type { UnplannedTask } from "../task/task.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { derivableRhs } from "../task/derivable-rhs.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import { explicitDual, integralOffset, type DualSizes } from "../adjoints/forward/dual-system.ts";
import { toleranceOfIntegral } from "../adjoints/integral/tolerance.ts";
import { chunking, ZERO_DERIVATIVE_TOLERANCE } from "../adjoints/shared/directions.ts";
import { dualEvents, TAIL } from "./dual-events.ts";
import type { GradientRows } from "./gradient-run.ts";
import type { Work } from "./members.ts";
import { timesIn, type BatchTimes } from "./times.ts";
import { unlessNotFinite } from "./not-finite.ts";

/** Directions that are carried, at most: two solves. */
const MOST_DIRECTIONS = 16;
/** Trajectories whose states are kept at a time. */
const SLAB = 2048;

/** Why it is not for a batch; undefined where it is. */
export function refusalOfDuals({ code, method, halts }: GivenBatch): string | undefined {
  const directions = code.layout.u.size + code.layout.p.size;
  if (code.changed) return "events change parameters, which those kernels do not follow";
  if (code.mass || !isExplicit(method)) return `${method.name} takes other steps than explicit ones`;
  if (halts.switches) return "the right-hand side switches with the time, which those kernels do not follow";
  return directions > MOST_DIRECTIONS
    ? `there are ${directions} derivatives, more than the ${MOST_DIRECTIONS} that a kernel carries along`
    : undefined;
}

export interface DualRequest {
  readonly problem: OdeProblem;
  readonly batch: GivenBatch;
  readonly loss: LossPrograms;
  readonly maxSteps: number;
  readonly watched: Pick<Work, "onProgress" | "signal">;
}

/** Throws CannotBatch where a program has a tape, or calls the host. */
export async function forwardGradients(request: DualRequest): Promise<GradientRows> {
  const { batch, loss, watched } = request;
  const { count, code } = batch;
  const [n, np] = [code.layout.u.size, code.layout.p.size];
  const rows: Rows = {
    value: new Float64Array(count),
    u0_bar: new Float64Array(count * n),
    p_bar: new Float64Array(count * np),
    outcomes: new Array<Outcome>(count).fill("success"),
    ends: new Float64Array(count),
  };
  const { chunks, size } = chunking(n + np);
  const atolOfIntegral = loss.integral ? integralTolerance(request) : 0;
  const times = timesIn(batch.spans, loss);
  for (let first = 0; first < count; first += SLAB) {
    const here = Math.min(SLAB, count - first);
    for (let c = 0; c < chunks; c++) {
      const components = Array.from({ length: Math.min(size, n + np - c * size) }, (_, d) => c * size + d);
      await new DualSlab({ ...request, atolOfIntegral, times }, { first, here, k: size, components }).run(rows);
    }
    watched.onProgress?.(first + here);
  }
  return rows;
}

/** By the first trajectory whose integrand is finite; throws NonFiniteLoss where there is none. */
function integralTolerance(request: DualRequest): number {
  const { count } = request.batch;
  const of = (m: number): number => toleranceOfIntegral(taskAlone(request, m));
  for (let m = 0; m < count; m++) {
    const found = unlessNotFinite(() => of(m));
    if (found !== undefined) return found;
  }
  return of(0);
}

function taskAlone({ problem, batch, loss }: DualRequest, m: number): UnplannedTask {
  const { spans, method: solver, settings } = batch;
  const rows = rowsOf(batch);
  const options = { wrt: "u0", rtol: settings[setting.rtol], solver, target: "wasm" } as const;
  const task = taskOf(withSpan(problem, { tspan: spans.of(m) }), options, loss);
  return { ...task, u0: rows.u0(m).slice(), p: rows.p(m).slice(), atol: rows.atol(m) };
}

interface Rows {
  readonly value: Float64Array;
  readonly u0_bar: Float64Array;
  readonly p_bar: Float64Array;
  readonly outcomes: Outcome[];
  readonly ends: Float64Array;
}

/** Trajectories, and the components that they are differentiated by: those of p, then those of u0. */
interface Slab {
  readonly first: number;
  readonly here: number;
  readonly k: number;
  readonly components: readonly number[];
}

class DualSlab {
  private readonly sizes: DualSizes;

  constructor(
    private readonly request: DualRequest & { readonly atolOfIntegral: number; readonly times: BatchTimes },
    private readonly slab: Slab,
  ) {
    const { u, p } = request.batch.code.layout;
    this.sizes = { n: u.size, np: p.size, k: slab.k };
  }

  async run(rows: Rows): Promise<void> {
    const { batch, loss, times, maxSteps, watched } = this.request;
    const { first, here, k } = this.slab;
    const saves = Math.max(1, loss.times.length);
    // What is not of the directions, of all trajectories or of each its own.
    const given = { span: batch.span, saveTimes: times.saveTimes, ...batch.halts.arrays };
    const shared = [...batch.shared, ...times.shared].filter((name) => name in given);
    const { kernel, size } = kernelFor(batch, loss.integral, k, saves, shared);
    const settings = batch.settings.slice();
    settings[setting.mostSteps] = maxSteps;
    settings[setting.mostHere] = Math.ceil(settings[setting.mostHere] / (1 + k));
    const saved = new Float64Array(here * saves * size);
    const final = new Float64Array(here * size);
    const reports = new Float64Array(here * REPORTS);
    const ofSlab = Object.entries(given).map(([name, all]): [string, Float64Array] => {
      const width = all.length / batch.count;
      return [name, shared.includes(name) ? all : all.subarray(first * width, (first + here) * width)];
    });
    const { lengths, ...inputs } = this.inputs(size);
    const arrays = {
      ...inputs,
      settings,
      saved,
      report: reports,
      [FINAL]: final,
      [PENDING]: new Float64Array(here).fill(1),
      ...Object.fromEntries(ofSlab),
    };
    await cpuDevice.run(kernel, { count: here, arrays, unfinished: PENDING, signal: watched.signal });
    for (let m = 0; m < here; m++) {
      const told = (name: keyof typeof report): number => reports[m * REPORTS + report[name]];
      const outcome = outcomes[told("outcome")];
      rows.ends[first + m] = told("end");
      const isShort = told("saved") < loss.times.length;
      const ended: Outcome = outcome === "success" && isShort ? "endedBeforeLoss" : outcome;
      if (ended === "success") {
        const states = saved.subarray(m * saves * size, (m + 1) * saves * size);
        this.take(rows, first + m, lengths[m], states, final.subarray(m * size, (m + 1) * size));
      } else rows.outcomes[first + m] = ended;
    }
  }

  /** The dual states, parameters and tolerances of each, and the lengths of its directions. */
  private inputs(size: number): Record<"u0" | "p" | "atol", Float64Array> & { readonly lengths: readonly Float64Array[] } {
    const { batch, atolOfIntegral } = this.request;
    const { first, here, k, components } = this.slab;
    const { n, np } = this.sizes;
    const rows = rowsOf(batch);
    const width = np * (1 + k) + TAIL + n;
    const [u0, p, atol] = [size, width, size].map((w) => new Float64Array(here * w));
    const lengths = Array.from({ length: here }, (_, m) => {
      const [t0, t1] = batch.spans.of(first + m);
      const own = { u0: rows.u0(first + m), p: rows.p(first + m), atol: rows.atol(first + m) };
      u0.set(own.u0, m * size);
      p.set(own.p, m * width);
      for (let d = 0; d <= k; d++)
        for (let i = 0; i < n; i++) atol[m * size + d * n + i] = own.atol[i] * (d === 0 ? 1 : ZERO_DERIVATIVE_TOLERANCE);
      atol.fill(atolOfIntegral, m * size + n * (1 + k), (m + 1) * size);
      p.set([t1 - t0, batch.settings[setting.rtol], ...own.atol], m * width + np * (1 + k));
      const [ofP, ofU0] = [sizesOf(own.p), stateSizes(own.u0)];
      return Float64Array.from(components, (j, d) => {
        const length = j < np ? ofP[j] : ofU0[j - np];
        if (j < np) p[m * width + np * (1 + d) + j] = length;
        else u0[m * size + n * (1 + d) + j - np] = length;
        return length;
      });
    });
    return { u0, p, atol, lengths };
  }

  /** Adds what comes of a trajectory. */
  private take(rows: Rows, m: number, lengths: Float64Array, states: Float64Array, final: Float64Array): void {
    const { loss, batch, times } = this.request;
    const { components } = this.slab;
    const { n, np } = this.sizes;
    const p = rowsOf(batch).p(m);
    const size = final.length;
    const slopes = new Float64Array(components.length);
    let value = 0;
    const add = (part: LossPart, state: Float64Array, scalars: readonly number[]): void => {
      value += compiledAlone(part.value, "wasm").run([state.subarray(0, n), p], scalars).result;
      const [, , uBar, pBar] = compiledAlone(part.gradient, "wasm").run([state.subarray(0, n), p], [...scalars, 1]).arrays;
      components.forEach((j, d) => {
        for (let i = 0; i < n; i++) slopes[d] += uBar[i] * state[n * (1 + d) + i];
        if (j < np) slopes[d] += pBar[j] * lengths[d];
      });
    };
    const { sum, final: atEnd, integral } = loss;
    const from = times.shared.length > 0 ? 0 : m * loss.times.length;
    for (let s = 0; sum && s < loss.times.length; s++)
      add(sum, states.subarray(s * size, (s + 1) * size), [times.saveTimes[from + s], times.indices[from + s]]);
    if (atEnd) add(atEnd, final, []);
    if (integral) {
      const at = integralOffset(this.sizes);
      value += final[at];
      components.forEach((_, d) => (slopes[d] += final[at + 1 + d]));
    }
    rows.value[m] = value;
    components.forEach((j, d) => {
      const slope = slopes[d] / lengths[d];
      if (j < np) rows.p_bar[m * np + j] = slope;
      else rows.u0_bar[m * n + j - np] = slope;
    });
    if (!Number.isFinite(value)) rows.outcomes[m] = "nonFinite";
    else if (!slopes.every(Number.isFinite)) rows.outcomes[m] = "notDifferentiable";
  }
}

/** The kernel, and the components of its state. */
const kernelFor = memo(
  (
    { code, method, halts }: GivenBatch,
    integral: LossPart | undefined,
    k: number,
    saves: number,
    shared: readonly string[],
  ): { readonly kernel: Kernel; readonly size: number } => {
    const sizes: DualSizes = { n: code.layout.u.size, np: code.layout.p.size, k };
    const dual = explicitDual(code, sizes, integral, "all");
    const system: System = { ...dual, np: dual.np + TAIL + sizes.n };
    const times = code.events.map((event) => event.times && withoutTape(event.times.program()));
    const events = halts.kernel.events && dualEvents(halts.kernel.events, times, { ...sizes, rhs: derivableRhs(code), integral });
    const kernelHalts: KernelHalts = { ...halts.kernel, events };
    return { kernel: adaptiveKernel(method, system, saves, shared, kernelHalts), size: system.n };
  },
  {
    by: ({ code, method, halts }: GivenBatch, integral, k, saves, shared) => [
      code.identityWithEvents,
      kindOf(method),
      Boolean(method.dt),
      integral?.value,
      k,
      saves,
      ...keysOf(halts.kernel),
      ...shared,
    ],
  },
);
