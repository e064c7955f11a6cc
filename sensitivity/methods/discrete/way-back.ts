/** The way back over the steps of one method: its programs, compiled for one problem and loss, used for any parameters. */
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Compiled } from "../../../src/compile/compile.ts";
import { AdjointFailed, BadLoss } from "../../../src/errors.ts";
import type { Program } from "../../../src/program/ir.ts";
import { evaluateRecord } from "../../../solvers/dense-output.ts";
import { copyNumbers } from "../../../solvers/growing.ts";
import type { Method } from "../../../solvers/method.ts";
import { prepare, type Prepared } from "../../../solvers/prepare.ts";
import type { System } from "../../../solvers/system.ts";
import type { Trajectory } from "../../../solvers/trajectory.ts";
import { gaussLegendre } from "../../quadrature.ts";
import type { GradientTask } from "../method.ts";
import { explicitAdjoint } from "./explicit-adjoint.ts";
import { lossAdjoint } from "./loss-adjoint.ts";
import type { RecordedSteps } from "./recorded-steps.ts";
import { rosenbrockAdjoint } from "./rosenbrock-adjoint.ts";
import { revolve } from "./schedule.ts";

/** Of the integral over each step: exact to the order of any of the dense outputs. */
const QUADRATURE = gaussLegendre(4);

/** What is carried back from step to step. */
export interface Cotangents {
  readonly u: Float64Array;
  readonly p: Float64Array;
  /** The loss so far. */
  value: number;
  /** Index of the next summand, the last first. */
  next: number;
  /** Bytes of the forward solve held now, and at most; right-hand sides called again. */
  held: number;
  peak: number;
  rhsCalls: number;
}

/** The state and its derivative at one end of a step. */
interface End {
  readonly u: number;
  readonly f: number;
  readonly state: Float64Array;
  readonly slope: Float64Array;
}

export class WayBack {
  private readonly arena = new Arena();
  private readonly prepared: Prepared;
  private readonly linked: Record<string, Compiled>;
  private readonly address: Record<"lambda" | "bar" | "gradient" | "node", number>;
  private readonly view: Record<"lambda" | "bar" | "gradient" | "node", Float64Array>;
  private here: End;
  private there: End;
  /** Dense output needs more than the stages that steps keep. */
  private readonly hasExtraStages: boolean;
  private task: GradientTask;
  private cotangents!: Cotangents;
  private states!: Float64Array;

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
    const parts = { code, system, programs, vjp, wrtP: wrt.p };
    const step = (interpolated: boolean): Program =>
      method.family === "explicit"
        ? explicitAdjoint(method, parts, interpolated)
        : rosenbrockAdjoint(method, parts, interpolated);
    const blocks = programs.recordSize / n;
    const made: Record<string, Program> = { step: step(false), interpolatedStep: step(true) };
    if (loss.sum) {
      made.summand = lossAdjoint(loss.sum, n, np, blocks);
      made.summandAtEnd = lossAdjoint(loss.sum, n, np, 1);
    }
    if (loss.integral) made.integrand = lossAdjoint(loss.integral, n, np, blocks);
    const unit = compile(made, arena, target);
    this.address = {
      lambda: arena.reserve(n),
      bar: arena.reserve(programs.recordSize),
      gradient: arena.reserve(np),
      node: arena.reserve(n),
    };
    const ends = [0, 1].map(() => ({ u: arena.reserve(n), f: arena.reserve(n) }));
    this.linked = unit.link();
    const { lambda, bar, gradient, node } = this.address;
    this.view = {
      lambda: arena.f64(lambda, n),
      bar: arena.f64(bar, programs.recordSize),
      gradient: arena.f64(gradient, np),
      node: arena.f64(node, n),
    };
    [this.here, this.there] = ends.map(({ u, f }): End => ({ u, f, state: arena.f64(u, n), slope: arena.f64(f, n) }));
    this.hasExtraStages = programs.rhsCalls.perDense > 0;
  }

  /** Back over all the steps of a stretch. The losses at its start are left to what came before. */
  over(steps: RecordedSteps, task: GradientTask, trajectory: Trajectory, cotangents: Cotangents): void {
    const { view, prepared, there } = this;
    const { code } = prepared;
    this.task = task;
    this.cotangents = cotangents;
    this.states = trajectory.savedStates.data;
    code.view.p.set(task.p);
    view.lambda.set(cotangents.u);
    view.gradient.set(cotangents.p);
    view.bar.fill(0);
    there.state.set(steps.final);
    code.rhs(there.f, there.u, code.address.p, steps.ends[steps.steps - 1]);
    if (steps.checkpoints) this.overCheckpoints(steps);
    else this.overRecords(steps, 0, steps.steps, steps.records.data);
    cotangents.u.set(view.lambda);
    cotangents.p.set(view.gradient);
  }

  private overCheckpoints(steps: RecordedSteps): void {
    const { cotangents, system } = this;
    const { block } = steps;
    const bytes = 8 * system.n;
    const account = (change: number): void => {
      cotangents.held += change;
      cotangents.peak = Math.max(cotangents.peak, cotangents.held);
    };
    const kept = steps.checkpoints!;
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
    { starts, ends, recordSize }: RecordedSteps,
    u: Float64Array,
    from: number,
    to: number,
    into?: Float64Array,
  ): Float64Array {
    const { code, programs } = this.prepared;
    const { address, view } = code;
    const { n } = this.system;
    view.u.set(u);
    view.atol.fill(1);
    for (let i = from; i < to; i++) {
      const h = ends[i] - starts[i];
      code.rhs(address.f, address.u, address.p, starts[i]);
      code.linearize?.(address.u, address.work, address.p, starts[i]);
      const error = code.step(
        address.u,
        address.uNext,
        address.f,
        address.fNext,
        address.work,
        address.p,
        address.atol,
        starts[i],
        h,
        1,
      );
      // What succeeded once fails only where the right-hand side is no function of its arguments.
      if (!(error >= 0))
        throw new AdjointFailed(
          `discrete adjoint: the step at t = ${starts[i]}, taken again, failed. Give a larger memoryBudget.`,
        );
      if (into) {
        const offset = (i - from) * recordSize;
        copyNumbers(view.u, 0, n, into, offset);
        copyNumbers(view.f, 0, n, into, offset + n);
        copyNumbers(view.stages, 0, view.stages.length, into, offset + 2 * n);
      }
      copy(view.u, view.uNext, 0);
    }
    this.cotangents.rhsCalls += (to - from) * (1 + programs.rhsCalls.perStep);
    return view.u.slice();
  }

  /** Back over steps whose records lie in `data`, that of step `from` first. */
  private overRecords({ starts, ends, recordSize }: RecordedSteps, from: number, to: number, data: Float64Array): void {
    const {
      linked,
      address,
      prepared,
      system: { n },
    } = this;
    const { work, p } = prepared.code.address;
    const { stages } = prepared.code.view;
    for (let i = to - 1; i >= from; i--) {
      const { here, there } = this;
      const offset = (i - from) * recordSize;
      copy(here.state, data, offset);
      copy(here.slope, data, offset + n);
      copy(stages, data, offset + 2 * n);
      const h = ends[i] - starts[i];
      const step = this.losses(starts[i], ends[i]) ? linked.interpolatedStep : linked.step;
      step(here.u, there.u, here.f, there.f, work, p, address.lambda, address.bar, address.gradient, starts[i], h);
      [this.here, this.there] = [there, here];
    }
  }

  /** Takes in the cotangents of the losses after t0, up to t1. Returns whether some of them went through the interpolant. */
  private losses(t0: number, t1: number): boolean {
    const {
      cotangents,
      task: { loss },
      there,
      here,
      prepared: { code },
    } = this;
    const { times } = loss;
    const forward = t1 > t0;
    const isWithin = (k: number): boolean => k >= 0 && (forward ? times[k] > t0 : times[k] < t0);
    while (isWithin(cotangents.next) && times[cotangents.next] === t1) this.summandAt(there, cotangents.next--);
    if (!isWithin(cotangents.next) && !loss.integral) return false;
    if (loss.integral || this.hasExtraStages) {
      const { work, p, record } = code.address;
      code.dense(here.u, there.u, here.f, there.f, work, p, record, t0, t1 - t0);
      this.cotangents.rhsCalls += this.prepared.programs.rhsCalls.perDense;
    }
    for (; isWithin(cotangents.next); cotangents.next--)
      this.summandWithin(cotangents.next, (times[cotangents.next] - t0) / (t1 - t0));
    if (loss.integral) this.integrate(t0, t1 - t0);
    return true;
  }

  private summandWithin(k: number, theta: number): void {
    const {
      linked,
      address,
      task: { loss },
      prepared: { code },
    } = this;
    const t = loss.times[k];
    copy(this.view.node, this.states, k * this.system.n);
    this.count(
      linked.summand(address.node, code.address.p, t, loss.indices[k], 1, theta, address.bar, address.gradient),
      `at t = ${t}`,
    );
  }

  private summandAt({ u }: End, k: number): void {
    const {
      linked,
      address,
      task: { loss },
      prepared: { code },
    } = this;
    const t = loss.times[k];
    this.count(linked.summandAtEnd(u, code.address.p, t, loss.indices[k], 1, 1, address.lambda, address.gradient), `at t = ${t}`);
  }

  private integrate(t0: number, length: number): void {
    const {
      linked,
      address,
      view,
      system: { n },
      prepared: { code },
    } = this;
    const { record } = code.view;
    QUADRATURE.nodes.forEach((theta, k) => {
      const t = t0 + theta * length;
      evaluateRecord(record, 0, record.length, n, theta, view.node);
      const scale = length * QUADRATURE.weights[k];
      this.count(
        linked.integrand(address.node, code.address.p, t, scale, theta, address.bar, address.gradient),
        `(its integrand) at t = ${t}`,
      );
    });
  }

  private count(value: number, where: string): void {
    if (!Number.isFinite(value)) throw new BadLoss(`loss: its value ${where} is ${value}. Check the domain of what it computes.`);
    this.cotangents.value += value;
  }
}

/** into = what lies in `from` at `offset`. */
function copy(into: Float64Array, from: Float64Array, offset: number): void {
  copyNumbers(from, offset, into.length, into, 0);
}
