/** Integration: runs the step loop from stop to stop, and keeps what was asked for. */
import type { IntegrationRequest, Pausing, Progress } from "./request.ts";
import { integer, outcome, real } from "./registers.ts";
import { branchSwitches, type BadSwitch, type BranchSwitches } from "./branch-switches.ts";
import { Conditions } from "./conditions.ts";
import { Halts } from "./halts.ts";
import { Jumps } from "./jumps.ts";
import { account, keepSteps } from "./kept-steps.ts";
import { chosenStep, isShort, leastStep, longestStep } from "./chosen-step.ts";
import { Limits } from "./limits.ts";
import type { Code, Prepared } from "./prepare.ts";
import { statuses } from "../step/verdict.ts";
import { resultOf } from "./result.ts";
import { Retake } from "./retake.ts";
import { SaveChunks } from "./save-chunks.ts";
import { behind, StateEvents, type Look } from "./state-events.ts";
import type { Stop } from "./stops.ts";
import { setTolerance } from "./tolerances.ts";
import { TakenSteps } from "./taken-steps.ts";
import { newTrajectory, type Result, type ResultKind, type Trajectory } from "./trajectory.ts";

export { prepare, type Prepared } from "./prepare.ts";

/**
 * Integrates from t0 to t1, or as far as it gets: see `result` of the trajectory. A trajectory handed in is continued: its
 * last state has to be `u0`. It may end earlier, as `pausing` says. `prepared` is in use until this returns.
 */
export function integrate(
  prepared: Prepared,
  request: IntegrationRequest,
  trajectory = newTrajectory(prepared.system.n, request),
  pausing: Pausing = {},
): Trajectory {
  const start = performance.now();
  trajectory.request ??= request;
  trajectory.method = prepared.method;
  new Integration(prepared, request, trajectory, pausing).run();
  trajectory.seconds += (performance.now() - start) / 1e3;
  return trajectory;
}

class Integration {
  private readonly code: Code;
  private readonly direction: number;
  private t: number;
  private readonly chunks: SaveChunks;
  private readonly halts: Halts;
  private readonly jumps: Jumps;
  /** Does the next step begin anew? */
  private isAnew = true;
  private stateEvents: StateEvents | undefined;
  private readonly retake: Retake;
  private readonly switches: BranchSwitches | undefined;

  constructor(
    private readonly prepared: Prepared,
    private readonly request: IntegrationRequest,
    private readonly trajectory: Trajectory,
    private readonly pausing: Pausing,
  ) {
    const { code } = prepared;
    const { u0, p, t0, t1, atol, saveat = [] } = request;
    this.code = code;
    // Registers are what the last integration by this memory left: none of it may be read by this one.
    for (const registers of [code.view.reals, code.view.integers, code.view.verdict]) registers.fill(0);
    this.t = t0;
    this.direction = t1 < t0 ? -1 : 1;
    this.chunks = new SaveChunks(prepared, saveat === "steps" ? [] : saveat, this.direction, trajectory);
    this.halts = new Halts(request);
    this.jumps = new Jumps(request, trajectory, code.here.state);
    this.retake = new Retake(code.view);
    this.switches = branchSwitches(prepared, this.retake, this.halts, request, trajectory);
    code.here.state.set(u0);
    code.view.p.set(p);
    setTolerance(code.view.atol, atol);
  }

  run(): void {
    const { trajectory, request } = this;
    try {
      trajectory.result = this.start() ?? this.advance();
    } finally {
      this.switches?.release();
    }
    trajectory.final.set(this.code.here.state);
    request.watch?.finish(this.t, trajectory.final);
    request.onProgress?.(this.progress());
  }

  private start(): Result | undefined {
    const continued = this.trajectory.times.length > 0;
    const { halts } = this;
    this.watchConditions();
    this.saveStart(continued);
    // What takes place where a trajectory is continued took place before it ended there.
    const isBehind = ({ end, start }: Stop): boolean => this.direction * ((continued ? start : end) - this.t) <= 0;
    for (let { stop } = halts; stop && isBehind(stop); { stop } = halts) {
      halts.pass();
      if (continued) this.jumps.skip(stop);
      else this.pass(stop);
    }
    const bad = this.switches?.begin(this.code.here.state, this.t);
    this.begin();
    if (!continued) this.stateEvents?.begin(this.prepared, this.t, "start");
    return bad && this.refused(bad);
  }

  private watchConditions(): void {
    const { trajectory, prepared, request } = this;
    const list = request.events?.conditions ?? [];
    if (list.length === 0) return;
    const { n } = prepared.system.primal ?? prepared.system;
    trajectory.conditions ??= new Conditions(list, n, request.t1 - request.t0);
    this.stateEvents = new StateEvents(this.code.view.reals, this.retake, trajectory.conditions);
  }

  /** The method begins anew, with the derivative here. */
  private begin(): void {
    const { begin, here, address, view } = this.code;
    this.switches?.use();
    begin(here.f, here.u, address.p, this.t);
    if (here.memory.length > 0) here.memory.fill(0);
    view.cache.fill(0);
    this.trajectory.statistics.rhsCalls++;
    this.isAnew = true;
  }

  /** Goes over a stop, with what takes place there. */
  private pass(stop: Stop): void {
    this.chunks.saveHere(stop.start);
    this.t = stop.start;
    this.jumps.at(stop);
  }

  private saveStart(continued: boolean): void {
    const { trajectory, request, t } = this;
    if (continued) return this.chunks.skip(t);
    trajectory.times.push(t);
    if (request.saveat === "steps") trajectory.save(t, this.code.here.state);
    this.chunks.saveHere(t);
  }

  /** Steps until t1, or until it cannot. */
  private advance(): Result {
    const { code, request, stateEvents, switches } = this;
    const { reals, integers } = code.view;
    const fixed = request.fixedStep ?? this.prepared.method.dt;
    const limits = new Limits(request, this.pausing, () => this.progress());
    this.setRegisters(fixed);
    if (this.pausing.beforeShortSteps && isShort(request, reals[real.h])) return this.ended("stiff");
    for (let tries = 0; this.t !== request.t1; tries += integers[integer.tries]) {
      const most = limits.after(tries);
      if (typeof most !== "number") return this.ended(most);
      // A step that meets a condition is dropped, so each is looked at before the next one.
      const isClose = (switches?.beforeTry() ?? false) || stateEvents !== undefined;
      integers[integer.mostTries] = isClose ? 1 : most;
      if (isClose) this.retake.remember();
      switches?.use();
      code.runSteps();
      limits.look();
      const look = this.lookAt();
      if (look === "again") {
        account(this.code, this.trajectory.statistics, 0);
        continue;
      }
      this.keep();
      this.t = reals[real.t];
      if (look !== "keep") {
        const ended = this.meet(look) ?? this.goOn(fixed);
        if (ended) return ended;
        continue;
      }
      switch (integers[integer.outcome]) {
        case outcome.failed:
          return this.ended(statuses[integers[integer.failure]].result, reals[real.tried]);
        case outcome.stiff:
          return this.ended("stiff");
      }
      const ended = this.halt(fixed);
      if (ended) return ended;
    }
    return this.ended("success");
  }

  /** Goes over the stop that is here, if one is; otherwise to the next one. How the integration ended, where it ends with that. */
  private halt(fixed: number | undefined): Result | undefined {
    const { reals, integers } = this.code.view;
    if (this.stopHere()) return this.goOn(fixed);
    const how = integers[integer.outcome];
    if (how === outcome.stopped || how === outcome.crossed) reals[real.stop] = this.halts.after(this.t);
    return undefined;
  }

  /** Looks at what a run of the step loop has left. */
  private lookAt(): Look {
    const { stateEvents, switches } = this;
    if (!stateEvents && !switches) return "keep";
    const steps = new TakenSteps(this.prepared, this.trajectory.statistics);
    const look = stateEvents?.look(steps) ?? "keep";
    const kept = look === "keep" ? (switches?.look(steps) ?? "keep") : look;
    if (kept === "keep") stateEvents?.accept(steps);
    else if (kept !== "again") switches?.forget();
    return kept;
  }

  private refused({ kind, decision }: BadSwitch): Result {
    return { ...this.ended(kind), decision };
  }

  /** Events of the state take place here; how the integration ended, where it ends with them. */
  private meet({ crossing, where }: Exclude<Look, string>): Result | undefined {
    if (this.request.savesAtEvents) this.chunks.saveHere(behind(this.t, this.request));
    const met = this.stateEvents!.conditions.meet(crossing, where, this.code.here.state, this.t);
    if (!met) return { ...this.ended("endlessEvents"), event: this.request.events!.conditions[crossing.first].event };
    return this.jumps.meet(met, this.t) ? this.ended("success") : undefined;
  }

  /** What the step loop is told before its first run; `fixed`: the length of all steps. */
  private setRegisters(fixed: number | undefined): void {
    const { code, request, trajectory, direction } = this;
    const { reals, integers } = code.view;
    integers[integer.fixed] = Number(fixed !== undefined);
    integers[integer.records] = Number(trajectory.dense !== undefined);
    integers[integer.events] = Number(this.stateEvents !== undefined);
    integers[integer.detects] = Number(this.pausing.whenStiff ?? false);
    reals[real.t] = this.t;
    reals[real.h] = this.firstStep(fixed);
    reals[real.rtol] = request.rtol;
    reals[real.least] = leastStep(request);
    reals[real.reach] = Infinity;
    reals[real.direction] = direction;
    reals[real.stop] = this.halts.after(this.t);
    reals[real.longest] = fixed === undefined ? longestStep(request, this.prepared.system) : Infinity;
    reals.set(this.prepared.programs.remembered, real.remembered0);
    this.chunks.fill();
  }

  /** Behind a stop or an event: goes over the stop that is here, and begins anew. */
  private goOn(fixed: number | undefined): Result | undefined {
    const [{ here }, { reals }] = [this.code, this.code.view];
    const stop = this.stopHere();
    const settle = stop && stop === this.halts.aim ? this.switches!.turn(here.state, stop.start) : undefined;
    if (stop) {
      if (!settle) this.halts.pass();
      this.pass(stop);
      reals[real.t] = this.t;
    }
    if (this.t === this.request.t1) return undefined;
    const event = !stop ? "met" : stop.events > 0 ? "timed" : undefined;
    const bad = settle ? undefined : this.switches?.begin(here.state, this.t, event);
    if (bad) return this.refused(bad);
    this.begin();
    this.stateEvents?.begin(this.prepared, this.t, event ? "event" : "switch");
    const settled = settle?.();
    if (settled && "kind" in settled) return this.refused(settled);
    // What came before says nothing of the step after it, unless both sides agree.
    const isSmooth = settled !== undefined && !settled.jumps;
    if (!isSmooth) reals[real.h] = this.newStep(fixed);
    reals[real.stop] = this.halts.after(this.t);
    return undefined;
  }

  /** The stop that the step loop has come to. */
  private stopHere(): Stop | undefined {
    const { reals, integers } = this.code.view;
    const { stop } = this.halts;
    if (this.switches?.isHere) return stop;
    return integers[integer.outcome] === outcome.stopped && stop?.end === reals[real.t] ? stop : undefined;
  }

  private firstStep(fixed: number | undefined): number {
    const { t1, firstStep } = this.request;
    if (firstStep === undefined || fixed !== undefined) return this.newStep(fixed);
    return this.direction * Math.min(Math.abs(firstStep), Math.abs(t1 - this.t));
  }

  /** Of the length that all have, or of one from the derivatives here. */
  private newStep(fixed: number | undefined): number {
    const { code, request, t, trajectory, direction } = this;
    return fixed === undefined ? chosenStep(code, request, t, trajectory.statistics) : direction * Math.abs(fixed);
  }

  private keep(): void {
    const { prepared, trajectory, request, chunks, isAnew } = this;
    const steps = new TakenSteps(prepared, trajectory.statistics, isAnew);
    if (steps.count > 0) this.isAnew = false;
    keepSteps(prepared, trajectory, request, chunks, steps, this.stopHere());
  }

  private progress(): Progress {
    const { request, trajectory, t } = this;
    // A trajectory that is continued began before the request did.
    const [[t0], { t1 }] = [trajectory.times, request];
    return { t, fraction: t1 === t0 ? 1 : (t - t0) / (t1 - t0), steps: trajectory.statistics.steps };
  }

  private ended(kind: ResultKind, h = this.code.view.reals[real.h]): Result {
    return resultOf(this.prepared, kind, { t: this.t, h, rtol: this.request.rtol });
  }
}
