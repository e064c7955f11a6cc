/** The way back over the steps of one method: its programs, compiled for one problem and loss, used for any parameters. */
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { AdjointAborted, AdjointFailed, AdjointOutOfTime, NonFiniteLoss } from "../../../src/core/errors.ts";
import { addingTo } from "../../../src/passes/accumulating.ts";
import { isProgram, type Program } from "../../../src/ir/ir.ts";
import { copyNumbers } from "../../../src/core/growing-array.ts";
import { derivedAdjoint } from "../../../solvers/step/derived-adjoint.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { verdict } from "../../../solvers/step/verdict.ts";
import { prepare, type Prepared } from "../../../solvers/step-loop/prepare.ts";
import { setTolerance } from "../../../solvers/step-loop/tolerances.ts";
import type { System } from "../../../solvers/step/system.ts";
import { lossNotFinite } from "../../losses/not-finite.ts";
import { reportBackward } from "../../task/progress.ts";
import type { GradientTask } from "../../task/task.ts";
import type { Checkpoint, RecordedSteps } from "./recorded-steps.ts";
import { revolve } from "./revolve.ts";
import { integer, outcome, real, sweepProgram, type SweepSizes } from "./sweep-program.ts";

/** What is carried back from step to step. */
export interface Cotangents {
  readonly u: Float64Array;
  readonly p: Float64Array;
  /** The loss so far. */
  value: number;
  /** Index of the next summand, the last first. */
  next: number;
  /** Steps gone back over. */
  steps: number;
  /** Bytes of the forward solve held now, and at most; right-hand sides called again. */
  held: number;
  peak: number;
  rhsCalls: number;
}

const SIZE_OF_BLOCK = 2 ** 14;
const SIZE_OF_STATES = 2 ** 12;
const MOST = 256;
/** Steps taken again between looks at the signal. */
const WATCH_INTERVAL = 64;

type Arrays = "records" | "stepTimes" | "lossTimes" | "states" | "lambda" | "bar" | "gradient" | "factors" | "reals";

export class WayBack {
  private readonly arena = new Arena();
  private readonly prepared: Prepared;
  private readonly sweep: () => void;
  private readonly view: Readonly<Record<Arrays, Float64Array> & Record<"lossIndices" | "integers", Int32Array>>;
  private readonly sizes: SweepSizes;
  /** u and f where the block of steps ends. */
  private readonly following: Float64Array;
  private task: GradientTask;
  private cotangents!: Cotangents;
  private states!: Float64Array;
  /** The time it has come to. */
  private reached = NaN;

  constructor(
    private readonly system: System,
    readonly method: Method,
    task: GradientTask,
  ) {
    const { arena } = this;
    const { backend, code, target, loss, wrt } = task;
    this.task = task;
    const vjp = backend.prepare({ code, arena, target });
    this.prepared = prepare(system, method, { target, arena });
    const { programs } = this.prepared;
    const { n, np } = system;
    const both = wrt.p ? vjp.wrtBoth : undefined;
    const addingVjp = both && isProgram(both) ? addingTo(both, "p_bar") : undefined;
    const parts = { system, programs, vjp, addingVjp, wrtP: wrt.p, vjpOfTangent: () => vjpOfTangent(code, wrt.p) };
    const step = (interpolated: boolean): Program => (method.family.adjoint ?? derivedAdjoint)(method, parts, interpolated);
    const recordSize = (2 + programs.stages) * n;
    const fitting = (numbers: number, each: number): number => Math.min(MOST, Math.max(1, Math.floor(numbers / each)));
    const sizes = { block: fitting(SIZE_OF_BLOCK, recordSize + programs.factors.size), times: fitting(SIZE_OF_STATES, n) };
    this.sizes = sizes;
    const steps = { step: step(false), interpolatedStep: step(true) };
    const unit = compile({ sweep: sweepProgram(parts, steps, loss, sizes) }, arena, target);
    const counts: Record<Arrays, number> = {
      records: (sizes.block + 1) * recordSize,
      stepTimes: sizes.block + 1,
      lossTimes: sizes.times + 1,
      states: (sizes.times + 1) * n,
      lambda: n,
      bar: programs.recordSize,
      gradient: np,
      factors: sizes.block * programs.factors.size,
      reals: Object.keys(real).length,
    };
    const names = Object.keys(counts) as Arrays[];
    const address = Object.fromEntries(names.map((name) => [name, arena.reserve(counts[name])])) as Record<Arrays, number>;
    const [lossIndices, integers] = [arena.reserve(sizes.times + 1, "i32"), arena.reserve(Object.keys(integer).length, "i32")];
    const { sweep } = unit.link();
    const { records, stepTimes, lossTimes, states, lambda, bar, gradient, factors, reals } = address;
    const { p, atol } = this.prepared.code.address;
    const cotangents = [atol, lambda, bar, gradient];
    this.sweep = () => void sweep(records, stepTimes, lossTimes, lossIndices, states, p, ...cotangents, factors, reals, integers);
    const views = Object.fromEntries(names.map((name) => [name, arena.f64(address[name], counts[name])]));
    this.view = {
      ...(views as Record<Arrays, Float64Array>),
      lossIndices: arena.i32(lossIndices, sizes.times + 1),
      integers: arena.i32(integers, Object.keys(integer).length),
    };
    this.following = new Float64Array(2 * n);
  }

  /**
   * Back over all the steps of a stretch. The losses at its start are left to what came before. `states` are those at the times
   * of the loss, n each. Checkpoints are used up.
   */
  over(
    steps: RecordedSteps,
    task: GradientTask,
    states: Float64Array,
    cotangents: Cotangents,
    checkpoints = steps.checkpoints,
  ): void {
    const { view, following } = this;
    const { rhs, here, address, view: shared } = this.prepared.code;
    const times = steps.times.data;
    const direction = times[steps.steps] < times[0] ? -1 : 1;
    this.task = task;
    this.cotangents = cotangents;
    this.states = states;
    this.reached = times[steps.steps];
    shared.p.set(task.p);
    setTolerance(shared.atol, task.atol);
    view.lambda.set(cotangents.u);
    view.gradient.set(cotangents.p);
    view.bar.fill(0);
    view.integers.fill(0);
    view.reals[real.direction] = direction;
    view.reals[real.rtol] = task.rtol;
    view.reals[real.value] = 0;
    view.lossTimes[0] = -direction * Infinity;
    this.fillTimes();
    here.state.set(steps.final);
    rhs(here.f, here.u, address.p, times[steps.steps]);
    following.set(here.state);
    following.set(here.slope, here.state.length);
    if (checkpoints) this.overCheckpoints(steps, checkpoints);
    else this.overRecords(steps, 0, steps.steps, steps.records.data);
    cotangents.u.set(view.lambda);
    cotangents.p.set(view.gradient);
    cotangents.value += view.reals[real.value];
    cotangents.rhsCalls += view.integers[integer.recorded] * this.prepared.programs.evaluations.perDense;
  }

  private overCheckpoints(steps: RecordedSteps, kept: Checkpoint[]): void {
    const { cotangents, system } = this;
    const { block } = steps;
    const bytes = 8 * system.n;
    const account = (change: number): void => {
      cotangents.held += change;
      cotangents.peak = Math.max(cotangents.peak, cotangents.held);
    };
    const again = new Float64Array(Math.min(block, steps.steps) * steps.recordSize);
    account(8 * again.length);
    const stretch = {
      advance: (u: Float64Array, from: number, to: number) => this.advance(steps, u, from, to),
      goBack: (u: Float64Array, from: number, to: number) => {
        this.advance(steps, u, from, to, again);
        this.overRecords(steps, from, to, again);
      },
      hold: (change: 1 | -1) => account(change * bytes),
    };
    const { slots } = steps;
    for (let end = steps.steps; kept.length > 0;) {
      const { step, u } = kept.pop()!;
      revolve(stretch, u, step, end, block, Math.max(0, slots - kept.length - 1));
      account(-bytes);
      end = step;
    }
    account(-8 * again.length);
  }

  /** Takes steps again, from the state at step `from`; their records go to `into`. Returns the state at step `to`. */
  private advance(
    { times, recordSize }: RecordedSteps,
    u: Float64Array,
    from: number,
    to: number,
    into?: Float64Array,
  ): Float64Array {
    const { code } = this.prepared;
    const { address, view, here, there, work } = code;
    const { n } = this.system;
    here.state.set(u);
    view.verdict.fill(0);
    for (let i = from; i < to; i++) {
      const t = times.data[i];
      const h = times.data[i + 1] - t;
      code.rhs(here.f, here.u, address.p, t);
      here.memory.fill(0);
      const arrays = [here.u, there.u, here.f, there.f, here.m, there.m, work, address.p, address.atol, address.verdict];
      const error = code.step(...arrays, t, h, this.task.rtol);
      // What succeeded once fails only where the right-hand side is no function of its arguments.
      if (!(error < Infinity))
        throw new AdjointFailed(`discrete adjoint: the step at t = ${t}, taken again, failed. Give a larger memoryBudget.`);
      if ((i - from) % WATCH_INTERVAL === WATCH_INTERVAL - 1) this.watch();
      if (into) copyNumbers(view.slots, 0, recordSize, into, (i - from) * recordSize);
      copyNumbers(there.state, 0, n, here.state, 0);
    }
    this.cotangents.rhsCalls += to - from + view.verdict[verdict.rhsCalls];
    return here.state.slice();
  }

  /** Back over steps whose records lie in `data`, that of step `from` first. */
  private overRecords(steps: RecordedSteps, from: number, to: number, data: Float64Array): void {
    const { times, recordSize } = steps;
    const { view, following, sizes } = this;
    const { records, stepTimes, integers } = view;
    for (let end = to; end > from;) {
      const start = Math.max(from, end - sizes.block);
      const count = end - start;
      copyNumbers(data, (start - from) * recordSize, count * recordSize, records, 0);
      copyNumbers(following, 0, following.length, records, count * recordSize);
      copyNumbers(times.data, start, count + 1, stepTimes, 0);
      integers[integer.steps] = count;
      this.fillFactors(steps.factors.slice(start, end));
      this.sweepBlock();
      copyNumbers(records, 0, following.length, following, 0);
      this.cotangents.steps += count;
      this.reached = times.data[start];
      this.watch();
      end = start;
    }
  }

  /** Puts factors kept, those of the block's first steps, in memory. */
  private fillFactors(kept: readonly Float64Array[]): void {
    const { view } = this;
    kept.forEach((factors, i) => view.factors.set(factors, i * factors.length));
    view.integers[integer.kept] = kept.length;
  }

  /** Tells how far it is, and hears an abort. */
  private watch(): void {
    const { task, cotangents, reached } = this;
    reportBackward(task, reached, cotangents.steps);
    const where = `discrete adjoint: the way back stopped at t = ${reached}`;
    if (task.signal?.aborted) throw new AdjointAborted(where);
    if (task.deadline?.isOver) throw new AdjointOutOfTime(where);
  }

  private sweepBlock(): void {
    const { cotangents } = this;
    const { integers } = this.view;
    for (;;) {
      integers[integer.outcome] = outcome.done;
      const before = integers[integer.times];
      this.sweep();
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
    const { task, system, view } = this;
    const { integers, reals, states, lossIndices } = view;
    const [t, value] = [reals[real.badTime], reals[real.badValue]];
    const where = `at t = ${t}`;
    if (integers[integer.outcome] === outcome.badIntegrand) {
      return new NonFiniteLoss(`loss: its integrand ${where} is ${value}. Check the domain of what it computes.`);
    }
    // It was counted before it was looked at.
    const k = integers[integer.times] + 1;
    const u = states.slice(k * system.n, (k + 1) * system.n);
    return lossNotFinite(task.loss.sum!.value, { u, p: task.p, t, i: lossIndices[k] }, value, where);
  }

  /** Puts the next times of the loss, and the states there, in memory. */
  private fillTimes(): void {
    const { view, sizes, states, cotangents, task, system } = this;
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

/** See AdjointParts. */
function vjpOfTangent(code: ProblemCode, wrtP: boolean): Program {
  const wrt = wrtP ? ["u", "p"] : ["u"];
  return derivativesOf(derivativesOf(code.rhsProgram()).jvp(["u", "t"])).vjp(wrt);
}
