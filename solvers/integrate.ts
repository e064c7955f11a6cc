/** The loop: propose, step, judge, save. */
import { Predictive, ProportionalIntegral } from "./controller.ts";
import { evaluateRecord } from "./dense-output.ts";
import { initialStep, type End } from "./initial-step.ts";
import type { Code, Prepared } from "./prepare.ts";
import { StiffnessDetector } from "./stiffness.ts";
import { Trajectory, type Result, type ResultKind } from "./trajectory.ts";

export { prepare, type Prepared } from "./prepare.ts";

export interface TimedEvents {
  readonly times: ArrayLike<number>;
  /** Changes the state in place. */
  readonly apply: (u: Float64Array, t: number) => void;
}

/** A step just taken; valid while `onStep` runs. */
export interface StepView {
  readonly t0: number;
  readonly t1: number;
  readonly uStart: Float64Array;
  readonly uEnd: Float64Array;
  /** The derivative at t0. */
  readonly fStart: Float64Array;
  /** The stages, as the method's family lays them out at the beginning of its work array. */
  readonly stages: Float64Array;
  /** The state at t within the step, into `out`. */
  interpolate(t: number, out: Float64Array): void;
}

export interface Progress {
  readonly t: number;
  /** Part of the time span done, 0 to 1. */
  readonly fraction: number;
  readonly steps: number;
}

export interface IntegrationRequest {
  readonly u0: Float64Array;
  readonly p: Float64Array;
  /** t1 may lie before t0. */
  readonly t0: number;
  readonly t1: number;
  readonly rtol: number;
  /** One for all components, or one each. */
  readonly atol: number | Float64Array;
  /** Times at which states are kept, in the direction of integration; "steps": at every step's end; absent: none. */
  readonly saveat?: ArrayLike<number> | "steps";
  /** Keep every step for interpolation. */
  readonly dense?: boolean;
  /** Times that must be ends of steps, in the direction of integration. */
  readonly stopAt?: ArrayLike<number>;
  /** Changes of the state, at times in the direction of integration; those at t1 and beyond do not take place. */
  readonly events?: TimedEvents;
  /** Length of the first step. Default: chosen from the derivatives. */
  readonly firstStep?: number;
  /** Steps tried, at most. Default 1e6. */
  readonly maxSteps?: number;
  /** Takes all steps of this length, without judging their error. Default: the method's own, if it has one. */
  readonly fixedStep?: number;
  /** Ends with the result "stiff" where stability, not accuracy, limits an explicit method. */
  readonly stopWhenStiff?: boolean;
  readonly onStep?: (step: StepView) => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

const PROGRESS_INTERVAL = 64;
const NOT_FINITE_FACTOR = 0.2;
const SINGULAR_FACTOR = 0.25;
/** A step that would leave less than this part of itself to the next stop goes to the stop. */
const STRETCH = 1.01;
/** The same for steps of fixed length: rounding only. */
const FIXED_STRETCH = 1 + 1e-9;
/** Relative to t; a shorter step does not move it. */
const LEAST_STEP = 2 ** -51;
const DEFAULT_MAX_STEPS = 1e6;

/**
 * Integrates from t0 to t1, or as far as it gets: see `result` of the trajectory. A trajectory handed in is continued: its
 * last state has to be `u0`. `prepared` is in use until this returns.
 */
export function integrate(
  prepared: Prepared,
  request: IntegrationRequest,
  trajectory = newTrajectory(prepared, request),
): Trajectory {
  const start = performance.now();
  new Integration(prepared, request, trajectory).run();
  trajectory.seconds += (performance.now() - start) / 1e3;
  return trajectory;
}

export function newTrajectory({ system }: Prepared, { dense = false, saveat = [] }: IntegrationRequest): Trajectory {
  return new Trajectory(system.n, dense, saveat === "steps" ? 0 : saveat.length);
}

class Integration {
  private readonly code: Code;
  private readonly direction: number;
  private here: End;
  private there: End;
  private t: number;
  private tNext = NaN;
  /** The record of the present step has been made. */
  private recorded = false;
  private nextSave = 0;
  private nextEvent = 0;
  private scratch: Float64Array | undefined;

  constructor(
    private readonly prepared: Prepared,
    private readonly request: IntegrationRequest,
    private readonly trajectory: Trajectory,
  ) {
    const { code } = prepared;
    const { u0, p, t0, t1, atol } = request;
    this.code = code;
    this.t = t0;
    this.direction = t1 < t0 ? -1 : 1;
    this.here = { u: code.address.u, f: code.address.f, state: code.view.u, slope: code.view.f };
    this.there = { u: code.address.uNext, f: code.address.fNext, state: code.view.uNext, slope: code.view.fNext };
    code.view.u.set(u0);
    code.view.p.set(p);
    if (typeof atol === "number") code.view.atol.fill(atol);
    else code.view.atol.set(atol);
  }

  run(): void {
    const { trajectory, request } = this;
    this.start();
    trajectory.result = this.advance();
    trajectory.final.set(this.here.state);
    request.onProgress?.(this.progress());
  }

  private start(): void {
    const continued = this.trajectory.times.length > 0;
    this.saveStart(continued);
    // Events at the time where a trajectory is continued took place before it ended there.
    if (continued) this.nextEvent = this.trajectory.jumps.length;
    else this.applyEvents();
    this.differentiate();
  }

  /** The derivative at this end. */
  private differentiate(): void {
    const { code, here, trajectory, t } = this;
    code.rhs(here.f, here.u, code.address.p, t);
    trajectory.statistics.rhsCalls++;
  }

  /** Applies the events due at t; were there any? */
  private applyEvents(): boolean {
    const { request, trajectory, here, t } = this;
    const { events, t1, saveat } = request;
    const first = this.nextEvent;
    for (; events && t !== t1 && this.nextEvent < events.times.length && events.times[this.nextEvent] === t; this.nextEvent++) {
      const before = here.state.slice();
      events.apply(here.state, t);
      trajectory.jumps.push({ t, before, after: here.state.slice() });
      trajectory.dense?.jump();
    }
    const any = this.nextEvent > first;
    if (any && saveat === "steps") trajectory.save(t, here.state);
    return any;
  }

  private saveStart(continued: boolean): void {
    const { trajectory, request } = this;
    if (!continued) {
      trajectory.times.push(this.t);
      if (request.saveat === "steps") trajectory.save(this.t, this.here.state);
    }
    const { saveat } = request;
    if (saveat === undefined || saveat === "steps") return;
    while (this.nextSave < saveat.length && this.direction * (saveat[this.nextSave] - this.t) <= 0) {
      if (!continued) trajectory.save(this.t, this.here.state);
      this.nextSave++;
    }
  }

  /** Steps until t1, or until it cannot. */
  private advance(): Result {
    const { code, request, trajectory, direction } = this;
    const { step, linearize } = code;
    const { work, p, atol } = code.address;
    const { programs, method } = this.prepared;
    const { t1, rtol, signal, onProgress, maxSteps = DEFAULT_MAX_STEPS } = request;
    const { statistics } = trajectory;
    const fixed = request.fixedStep ?? (method.family === "explicit" ? method.dt : undefined);
    const controller =
      method.family === "explicit" ? new ProportionalIntegral(method.order) : new Predictive(method.tableau.errorOrder);
    const detector = this.stiffnessDetector();
    let h = fixed === undefined ? this.firstStep() : direction * Math.abs(fixed);
    const largestError = fixed === undefined ? 1 : Number.MAX_VALUE;
    const stretch = fixed === undefined ? STRETCH : FIXED_STRETCH;
    let stop = this.stopAfter(this.t);
    let linearized = false;
    let failure: ResultKind = "stepUnderflow";
    let tried = h;

    for (let tries = 0; this.t !== t1; tries++) {
      if (tries === maxSteps) return this.ended("tooManySteps", h);
      if (tries % PROGRESS_INTERVAL === 0) {
        onProgress?.(this.progress());
        if (signal?.aborted) return this.ended("aborted", h);
      }
      const toStop = Math.abs(stop - this.t) <= stretch * Math.abs(h);
      const length = toStop ? stop - this.t : h;
      if (!toStop && !(Math.abs(length) > LEAST_STEP * Math.abs(this.t))) return this.ended(failure, tried);
      if (linearize && !linearized) {
        linearize(this.here.u, work, p, this.t);
        statistics.jacobians++;
        linearized = true;
      }
      const error = step(this.here.u, this.there.u, this.here.f, this.there.f, work, p, atol, this.t, length, rtol);
      statistics.rhsCalls += programs.rhsCalls.perStep;
      statistics.linearSolves += programs.linearSolvesPerStep;
      if (linearize) statistics.factorizations++;

      if (!(error >= 0 && error <= largestError)) {
        statistics.rejected++;
        failure = error < 0 ? "singularMatrix" : error < Infinity ? "stepUnderflow" : "nonFiniteDerivative";
        if (fixed !== undefined) return this.ended(failure, h);
        tried = length;
        h = length * (error < 0 ? SINGULAR_FACTOR : error < Infinity ? controller.reject(error) : NOT_FINITE_FACTOR);
        continue;
      }

      this.tNext = toStop ? stop : this.t + length;
      if (!programs.fsal) {
        code.rhs(this.there.f, this.there.u, p, this.tNext);
        statistics.rhsCalls++;
      }
      statistics.steps++;
      this.keep();
      if (fixed === undefined) {
        const next = length * controller.accept(error, length);
        // A step cut short says little of how long the next may be.
        if (!toStop || Math.abs(next) > Math.abs(h)) h = next;
      }
      [this.here, this.there] = [this.there, this.here];
      this.t = this.tNext;
      linearized = false;
      failure = "stepUnderflow";
      if (toStop) {
        if (this.applyEvents()) {
          this.differentiate();
          // What came before the jump says nothing of the step after it.
          if (fixed === undefined) h = this.chosenStep();
        }
        stop = this.stopAfter(this.t);
      }
      if (detector?.isDue && this.isStiff(detector, length)) return this.ended("stiff", h);
    }
    return this.ended("success", h);
  }

  private firstStep(): number {
    const { t0, t1, firstStep } = this.request;
    return firstStep === undefined ? this.chosenStep() : this.direction * Math.min(Math.abs(firstStep), Math.abs(t1 - t0));
  }

  /** A step from the derivatives here. */
  private chosenStep(): number {
    const { code, here, there, request, prepared, trajectory, t } = this;
    trajectory.statistics.rhsCalls++;
    return initialStep({ code, here, there }, prepared.method.order, t, request.t1 - t, request.rtol);
  }

  private stiffnessDetector(): StiffnessDetector | undefined {
    const { method, system } = this.prepared;
    const boundary = method.family === "explicit" ? method.tableau.stability : undefined;
    return this.request.stopWhenStiff && boundary ? new StiffnessDetector(boundary, system.n) : undefined;
  }

  private isStiff(detector: StiffnessDetector, h: number): boolean {
    const { code, here, there, t, trajectory } = this;
    trajectory.statistics.rhsCalls++;
    const evaluate = (): Float64Array => {
      code.rhs(there.f, there.u, code.address.p, t);
      return there.slope;
    };
    return detector.look(here.state, here.slope, h, { trial: there.state, evaluate });
  }

  /** The next time after t that must be the end of a step. */
  private stopAfter(t: number): number {
    const { stopAt, events, t1 } = this.request;
    const event = events && this.nextEvent < events.times.length ? events.times[this.nextEvent] : t1;
    const end = this.direction * (t1 - event) > 0 ? event : t1;
    for (let i = 0; stopAt && i < stopAt.length; i++) {
      if (this.direction * (stopAt[i] - t) > 0) return this.direction * (end - stopAt[i]) > 0 ? stopAt[i] : end;
    }
    return end;
  }

  /** Keeps of the step just accepted what was asked for. */
  private keep(): void {
    const { trajectory, request, direction, t, tNext } = this;
    const { saveat, onStep } = request;
    this.recorded = false;
    trajectory.times.push(tNext);
    if (saveat === "steps") trajectory.save(tNext, this.there.state);
    else if (saveat) {
      for (; this.nextSave < saveat.length && direction * (saveat[this.nextSave] - tNext) <= 0; this.nextSave++) {
        const at = saveat[this.nextSave];
        if (at === tNext) trajectory.save(at, this.there.state);
        else {
          this.scratch ??= new Float64Array(trajectory.n);
          this.interpolate(at, this.scratch);
          trajectory.save(at, this.scratch);
        }
      }
    }
    if (trajectory.dense) trajectory.dense.append(t, tNext, this.record());
    onStep?.({
      t0: t,
      t1: tNext,
      uStart: this.here.state,
      uEnd: this.there.state,
      fStart: this.here.slope,
      stages: this.code.view.stages,
      interpolate: (at, out) => this.interpolate(at, out),
    });
  }

  private record(): Float64Array {
    const { code, here, there, t, tNext, prepared, trajectory } = this;
    const { work, p, record } = code.address;
    if (!this.recorded) {
      code.dense(here.u, there.u, here.f, there.f, work, p, record, t, tNext - t);
      trajectory.statistics.rhsCalls += prepared.programs.rhsCalls.perDense;
      this.recorded = true;
    }
    return code.view.record;
  }

  private interpolate(at: number, out: Float64Array): void {
    const record = this.record();
    evaluateRecord(record, 0, record.length, this.trajectory.n, (at - this.t) / (this.tNext - this.t), out);
  }

  private progress(): Progress {
    const { t0, t1 } = this.request;
    return { t: this.t, fraction: t1 === t0 ? 1 : (this.t - t0) / (t1 - t0), steps: this.trajectory.statistics.steps };
  }

  private ended(kind: ResultKind, h: number): Result {
    const failed = kind === "stepUnderflow" || kind === "nonFiniteDerivative" || kind === "singularMatrix";
    const component = failed ? this.firstNotFinite(kind === "nonFiniteDerivative" ? h : 0) : -1;
    return component < 0 ? { kind, t: this.t, h } : { kind: "nonFiniteDerivative", t: this.t, h, component };
  }

  /** The component whose derivative is not finite, here or an Euler step of length h on; -1 if there is none. */
  private firstNotFinite(h: number): number {
    const { code, here, there, t } = this;
    const notFinite = (x: number): boolean => !Number.isFinite(x);
    const component = here.slope.findIndex(notFinite);
    if (component >= 0 || h === 0) return component;
    here.state.forEach((u, i) => (there.state[i] = u + h * here.slope[i]));
    code.rhs(there.f, there.u, code.address.p, t + h);
    return there.slope.findIndex(notFinite);
  }
}
