/** The reverse sweep of the discrete adjoint over the recorded steps of one method. */
import { AdjointAborted, AdjointOutOfTime } from "../../task/errors.ts";
import { AdjointFailed } from "../../../src/core/errors.ts";
import { NonFiniteLoss } from "../../losses/errors.ts";
import { copyNumbers } from "../../../src/core/growing-array.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { verdict } from "../../../solvers/step/verdict.ts";
import { setTolerance } from "../../../solvers/step-loop/tolerances.ts";
import { KeptStates } from "../../../solvers/step-loop/kept-states.ts";
import type { System } from "../../../solvers/step/system.ts";
import { lossNotFinite } from "../../losses/not-finite.ts";
import { reportBackward } from "../../task/progress.ts";
import type { GradientTask } from "../../task/task.ts";
import { TANGENT_INTERVAL, termsOfProduct } from "./amplification.ts";
import { CompiledSweep } from "./compiled-sweep.ts";
import type { Checkpoint, RecordedSteps } from "./recorded-steps.ts";
import { revolve } from "./revolve.ts";
import { integer, outcome, real } from "./sweep-memory.ts";

/** What is carried back from step to step. */
export interface Cotangents {
  readonly u: Float64Array;
  readonly p: Float64Array;
  /** The loss so far. */
  value: number;
  /** The largest sum of the terms of λᵀδ, where a tangent was carried (see amplification.ts). */
  terms: number;
  /** The index of the next summand, the last first. */
  next: number;
  /** The number of steps that are done. */
  steps: number;
  /** The bytes of the forward solve held now, and the most that were held. */
  held: number;
  peak: number;
  /** The number of right-hand sides called again. */
  rhsCalls: number;
}

/** Steps taken again between looks at the signal. */
const WATCH_INTERVAL = 64;

/** Takes cotangents back over recorded steps. It serves any parameters, but one call at a time. */
export class ReverseSweep {
  private readonly compiled: CompiledSweep;
  /** The state at the end of the block of steps, as it is kept. */
  private readonly following: Float64Array;
  private readonly kept: KeptStates;
  private task: GradientTask;
  private cotangents!: Cotangents;
  private states!: Float64Array;
  /** The time that it has come to. */
  private reached = NaN;

  constructor(
    private readonly system: System,
    readonly method: Method,
    task: GradientTask,
  ) {
    this.task = task;
    this.compiled = new CompiledSweep(system, method, task);
    this.kept = new KeptStates(this.compiled.programs, system.n, system.n);
    this.following = new Float64Array(this.kept.size);
  }

  /**
   * Takes the cotangents back over all steps of a stretch. The losses at its start are left to what came before. `states` are those at
   * the times of the loss, n each. The list of checkpoints is emptied.
   */
  over(
    steps: RecordedSteps,
    task: GradientTask,
    states: Float64Array,
    cotangents: Cotangents,
    checkpoints = steps.checkpoints,
  ): void {
    const { following } = this;
    const { view, programs } = this.compiled;
    const times = steps.times.data;
    const direction = times[steps.steps] < times[0] ? -1 : 1;
    this.task = task;
    this.cotangents = cotangents;
    this.states = states;
    this.reached = times[steps.steps];
    view.p.set(task.p);
    setTolerance(view.atol, task.atol);
    view.lambda.set(cotangents.u);
    view.gradient.set(cotangents.p);
    view.slope.fill(0);
    view.past.fill(0);
    view.bar.fill(0);
    view.integers.fill(0);
    view.reals[real.direction] = direction;
    view.reals[real.rtol] = task.rtol;
    view.reals[real.value] = 0;
    view.lossTimes[0] = -direction * Infinity;
    this.fillTimes();
    copyNumbers(steps.final, 0, following.length, following, 0);
    if (checkpoints) this.overCheckpoints(steps, checkpoints);
    else this.overRecords(steps, 0, steps.steps, steps.records.data);
    cotangents.u.set(view.lambda);
    cotangents.p.set(view.gradient);
    cotangents.value += view.reals[real.value];
    cotangents.rhsCalls += view.integers[integer.recorded] * programs.evaluations.perDense;
  }

  private overCheckpoints(steps: RecordedSteps, kept: Checkpoint[]): void {
    const { cotangents } = this;
    const { block } = steps;
    const bytes = 8 * steps.sizes.checkpoint;
    const account = (change: number): void => {
      cotangents.held += change;
      cotangents.peak = Math.max(cotangents.peak, cotangents.held);
    };
    const again = new Float64Array(Math.min(block, steps.steps) * steps.recordSize);
    account(8 * again.length);
    const stretch = {
      advance: (state: Float64Array, from: number, to: number) => this.advance(steps, state, from, to),
      sweep: (state: Float64Array, from: number, to: number) => {
        this.advance(steps, state, from, to, again);
        this.overRecords(steps, from, to, again);
      },
      hold: (change: 1 | -1) => account(change * bytes),
    };
    const { slots } = steps;
    for (let end = steps.steps; kept.length > 0;) {
      const { step, state } = kept.pop()!;
      revolve(stretch, state, step, end, block, Math.max(0, slots - kept.length - 1));
      account(-bytes);
      end = step;
    }
    account(-8 * again.length);
  }

  /** Takes steps again, from the state at step `from`, and returns the state at step `to`. Their records are written to `into`. */
  private advance(
    { times, recordSize }: RecordedSteps,
    state: Float64Array,
    from: number,
    to: number,
    into?: Float64Array,
  ): Float64Array {
    const { kept, task } = this;
    const { code, programs } = this.compiled.steps;
    const { address, view, here, there, work } = code;
    const { slots } = view;
    kept.begin(state, slots);
    view.p.set(task.p);
    setTolerance(view.atol, task.atol);
    view.verdict.fill(0);
    view.cache.fill(0);
    if (!programs.history) code.begin(here.f, here.u, address.p, times.data[from]);
    for (let i = from; i < to; i++) {
      const t = times.data[i];
      const h = times.data[i + 1] - t;
      const arrays = [
        here.u,
        there.u,
        here.f,
        there.f,
        here.m,
        there.m,
        work,
        address.cache,
        address.p,
        address.atol,
        address.verdict,
      ];
      const error = code.step(...arrays, t, h, task.rtol);
      // What succeeded once fails only where the right-hand side is no function of its arguments.
      if (!(error < Infinity))
        throw new AdjointFailed(`discrete adjoint: the step at t = ${t}, taken again, failed. Give a larger memoryBudget.`);
      if (!programs.fsal) code.rhs(there.f, there.u, address.p, times.data[i + 1]);
      if ((i - from) % WATCH_INTERVAL === WATCH_INTERVAL - 1) this.watch();
      if (into) kept.takeStep(slots, 0, programs.stages, into, (i - from) * recordSize);
      kept.moveOn(slots);
    }
    this.cotangents.rhsCalls += view.verdict[verdict.rhsCalls] + (programs.fsal ? 0 : to - from) + (programs.history ? 0 : 1);
    return kept.checkpoint(slots, 0);
  }

  /** Sweeps over steps whose records lie in `data`, that of step `from` first. */
  private overRecords(steps: RecordedSteps, from: number, to: number, data: Float64Array): void {
    const { times, recordSize } = steps;
    const { following } = this;
    const { view, sizes } = this.compiled;
    const { records, stepTimes, integers } = view;
    for (let end = to; end > from;) {
      const looked = steps.tangents.length > 0 ? Math.floor((end - 1) / TANGENT_INTERVAL) : 0;
      const start = Math.max(from, end - sizes.block, looked * TANGENT_INTERVAL);
      const count = end - start;
      copyNumbers(data, (start - from) * recordSize, count * recordSize, records, 0);
      copyNumbers(following, 0, following.length, records, count * recordSize);
      copyNumbers(times.data, start, count + 1, stepTimes, 0);
      integers[integer.steps] = count;
      integers[integer.first] = Number(start === 0);
      this.fillFactors(steps, start, end);
      this.sweepBlock();
      copyNumbers(records, 0, following.length, following, 0);
      if (start === looked * TANGENT_INTERVAL) {
        this.cotangents.terms = Math.max(this.cotangents.terms, termsOfProduct(view.lambda, steps.tangents, looked));
      }
      this.cotangents.steps += count;
      this.reached = times.data[start];
      this.watch();
      end = start;
    }
  }

  /** Puts the factors that were kept, those of the block's first steps, in memory. */
  private fillFactors({ factors, sizes }: RecordedSteps, start: number, end: number): void {
    const { view } = this.compiled;
    const each = sizes.factors;
    const count = each > 0 ? Math.max(0, Math.min(end, factors.length / each) - start) : 0;
    if (count > 0) copyNumbers(factors.data, start * each, count * each, view.factors, 0);
    view.integers[integer.kept] = count;
  }

  /** Reports how far it is, and looks at the signal. */
  private watch(): void {
    const { task, cotangents, reached } = this;
    reportBackward(task, reached, cotangents.steps);
    const where = `discrete adjoint: the reverse sweep stopped at t = ${reached}`;
    if (task.signal?.aborted) throw new AdjointAborted(where);
    if (task.deadline?.isOver) throw new AdjointOutOfTime(where);
  }

  private sweepBlock(): void {
    const { cotangents } = this;
    const { integers } = this.compiled.view;
    for (;;) {
      integers[integer.outcome] = outcome.done;
      const before = integers[integer.times];
      this.compiled.run();
      cotangents.next -= before - integers[integer.times];
      switch (integers[integer.outcome]) {
        case outcome.done:
          return;
        case outcome.paused:
          this.fillTimes();
          break;
        default:
          throw this.lossNotFinite();
      }
    }
  }

  private lossNotFinite(): NonFiniteLoss {
    const { task, system } = this;
    const { integers, reals, states, lossIndices } = this.compiled.view;
    const [t, value] = [reals[real.badTime], reals[real.badValue]];
    const where = `at t = ${t}`;
    if (integers[integer.outcome] === outcome.badIntegrand) {
      return new NonFiniteLoss(`loss: its integrand ${where} is ${value}. Check the domain of what it computes.`);
    }
    // It was counted before it was examined.
    const k = integers[integer.times] + 1;
    const u = states.slice(k * system.n, (k + 1) * system.n);
    return lossNotFinite(task.loss.sum!.value, { u, p: task.p, t, i: lossIndices[k] }, value, where);
  }

  /** Puts the next times of the loss, and the states there, in memory. */
  private fillTimes(): void {
    const { states, cotangents, task, system } = this;
    const { view, sizes } = this.compiled;
    const { times, indices } = task.loss;
    const count = Math.min(cotangents.next + 1, sizes.times);
    const first = cotangents.next + 1 - count;
    copyNumbers(times, first, count, view.lossTimes, 1);
    copyNumbers(states, first * system.n, count * system.n, view.states, system.n);
    for (let k = 0; k < count; k++) view.lossIndices[1 + k] = indices[first + k];
    view.integers[integer.times] = count;
    view.integers[integer.more] = Number(first > 0);
  }
}
