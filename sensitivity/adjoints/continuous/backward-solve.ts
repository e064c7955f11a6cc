/**
 * The backward solve of the continuous adjoint methods, whatever they keep of the forward solution and however they integrate the
 * gradient. λ goes from the end of the forward solve to its start; losses at saved times and events make it jump.
 */
import { viewsOf } from "../../../src/compile/views.ts";
import { integrate, prepare, type Prepared } from "../../../solvers/step-loop/integrate.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { System } from "../../../solvers/step/system.ts";
import { addStatistics, emptyStatistics, type Statistics } from "../../../solvers/step-loop/statistics.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { plainSystem } from "../../../solvers/systems/plain-system.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { componentName } from "../../../src/arrays/layout.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Compiled } from "../../../src/compile/compile.ts";
import { sizesOf } from "../../../src/problem/sizes.ts";
import { addTo, type AppliedLoss } from "../../losses/compiled.ts";
import { componentOf } from "../../task/finite-gradient.ts";
import { reportBackward } from "../../task/progress.ts";
import { boundsOf } from "../../task/steps.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import { RESOLVED_ORDER } from "../integral/step-quadrature.ts";
import { derivativeByEnd, derivativeByStart } from "../shared/end-times.ts";
import { pullBackOverEvent } from "../shared/event-derivatives.ts";
import { addSaltation } from "../shared/saltation.ts";
import { solveFailure } from "../shared/solve-failure.ts";
import { adjointLayout, adjointSystem, interpolantParameters, parameterIntegrand, type AdjointLayout } from "./adjoint-system.ts";
import { timeShiftOf, timeShiftWarning } from "../shared/time-shift.ts";
import { requireNoDrift } from "./drift.ts";
import type { Forward } from "./forward-solve.ts";
import { denseStates, recomputedStates, type ForwardStates } from "./forward-states.ts";
import { adaptiveIntegral, stepwiseIntegral, type ParameterIntegral } from "./parameter-integral.ts";
import { backwardStops, endsBetween, type BackwardStop } from "./stops.ts";
import { AdjointTolerances } from "./tolerances.ts";
import type { ContinuousAdjoint } from "./variant.ts";

/** What a backward solve comes to. */
export type BackwardResult = Pick<FlatGradient, "p" | "u0" | "t0" | "t1" | "warnings"> & {
  /** The loss at saved times and at the end. */
  readonly sum: number;
  readonly statistics: Statistics;
  /** Bytes held of the forward solution, at most at a time. */
  readonly memory: number;
};

/** A part of the backward solve between two neighbouring stops. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Times between them that are ends of steps. */
  readonly ends: readonly number[];
  readonly firstStep: number | undefined;
}

/** What one backward solve works on. */
interface BackwardRun {
  readonly task: GradientTask;
  readonly forward: Forward;
  readonly loss: AppliedLoss;
  /** λ, and what is integrated with it (see AdjointLayout). */
  readonly state: Float64Array;
  readonly lambda: Float64Array;
  /** The forward solution where it is solved backward too. */
  readonly solution: Float64Array | undefined;
  /** The derivative by the parameters, but for what its integral adds. */
  readonly pBar: Float64Array;
  readonly statistics: Statistics;
}

/** Programs compiled for one problem, integrand and solver, which serve any parameters. */
export class BackwardSolver {
  private readonly arena = new Arena();
  private readonly system: System;
  private readonly layout: AdjointLayout;
  private readonly prepared: Prepared;
  private readonly address: Record<"lambda" | "p" | "gradient", number>;
  private readonly link: () => Record<"parameters", Compiled>;
  private linked: Record<"parameters", Compiled> | undefined;
  private states: ForwardStates | undefined;

  constructor(
    private readonly variant: ContinuousAdjoint,
    private readonly method: Method,
    { backend, code, loss, target, wrt, u0, p }: GradientTask,
  ) {
    const { arena } = this;
    const [n, np] = [u0.length, p.length];
    this.system = systemOf(code) ?? plainSystem((du, u, parameters, t) => code.plain(du, u, parameters, t), n, np, arena);
    const { implicit, usesJacobian = implicit } = method.family;
    this.layout = adjointLayout(this.system, {
      gradient: wrt.p && variant.integral === "augmented",
      solution: variant.states === "backward",
    });
    const vjp = backend.prepare({ code, arena, target });
    const at = viewsOf(arena);
    const interpolant = {
      name: "forward_solution",
      parameters: interpolantParameters(n),
      call: (address: number, t: number): void => {
        this.states!.interpolate(t, at(address, n));
      },
    };
    const parts = { system: this.system, vjp, integral: loss.integral, interpolant, layout: this.layout };
    this.prepared = prepare(adjointSystem(parts, usesJacobian), method, { target, arena });
    this.address = { lambda: arena.reserve(n), p: arena.reserve(np), gradient: arena.reserve(np) };
    const unit = compile({ parameters: parameterIntegrand(parts) }, arena, target);
    this.link = () => unit.link();
  }

  /** Solves for λ over all of a forward solve. */
  run(task: GradientTask, forward: Forward, loss: AppliedLoss, isHeld: boolean): BackwardResult {
    const { arena, address, layout } = this;
    const { np } = this.system;
    const { trajectory } = forward;
    this.linked ??= this.link();
    arena.f64(address.p, np).set(task.p);
    const run = this.begin(task, forward, loss);
    const { state, lambda, pBar, statistics } = run;
    let sum = loss.final(trajectory.final, lambda, pBar);
    const shift = isHeld ? timeShiftOf(task, trajectory, lambda, loss) : undefined;
    const byEnd = task.wrt.t1 ? derivativeByEnd(task, trajectory, trajectory.final, lambda, loss) : undefined;
    const stops = this.stops(run, (k) => {
      const n = lambda.length;
      sum += loss.summand(k, trajectory.savedStates.data.subarray(k * n, (k + 1) * n), lambda, pBar);
    });
    const integral = this.parameterIntegral(task, trajectory.times);
    this.overStops(run, stops, integral);
    if (layout.gradient !== undefined) addTo(pBar, state.subarray(layout.gradient, layout.gradient + np));
    if (integral) addTo(pBar, integral.value());
    const memory = forward.checkpoints.bytes + (this.states?.bytes ?? 0);
    this.states = undefined;
    const warning = shift && timeShiftWarning(task, lambda, shift);
    return {
      warnings: warning === undefined ? [] : [warning],
      sum,
      statistics,
      memory,
      p: task.wrt.p ? pBar : undefined,
      u0: task.wrt.u0 ? lambda.slice() : undefined,
      t0: task.wrt.t0 ? derivativeByStart(task, lambda, loss) : undefined,
      t1: byEnd,
    };
  }

  private begin(task: GradientTask, forward: Forward, loss: AppliedLoss): BackwardRun {
    const { layout } = this;
    const { n, np } = this.system;
    const state = new Float64Array(layout.size);
    const solution = layout.solution === undefined ? undefined : state.subarray(layout.solution, layout.solution + n);
    solution?.set(forward.trajectory.final);
    const lambda = state.subarray(0, n);
    return { task, forward, loss, state, lambda, solution, pBar: new Float64Array(np), statistics: emptyStatistics() };
  }

  /** The stops of the solve; sets up where the forward states come from. */
  private stops({ task, forward, loss, lambda, solution, pBar }: BackwardRun, sample: (k: number) => void): BackwardStop[] {
    const [t0, t1] = task.problem.tspan;
    const { jumps, result } = forward.trajectory;
    const isDense = this.variant.states === "dense";
    const checkpoints = isDense ? [] : forward.checkpoints.starts({ t: t0, state: task.u0 }, result.t, jumps);
    if (isDense) this.states = denseStates(task, forward);
    else if (!solution) this.states = recomputedStates(task, forward, checkpoints);
    const times = { lossTimes: task.loss.times, jumps, checkpoints, direction: Math.sign(t1 - t0) };
    return backwardStops(times, {
      sample,
      jump: (jump) => {
        if (jump.event !== undefined) pullBackOverEvent(task, jump, lambda, pBar, loss);
        else addSaltation(task, jump, jump.before, lambda, pBar);
        solution?.set(jump.before);
      },
      checkpoint: (checkpoint) => {
        if (!solution) return;
        requireNoDrift(task, checkpoint, solution);
        solution.set(checkpoint.state);
      },
    });
  }

  /** Solves from stop to stop, to the start of the forward solve. */
  private overStops(run: BackwardRun, stops: readonly BackwardStop[], integral: ParameterIntegral | undefined): void {
    const { task, forward, loss, state, statistics } = run;
    const { times, sizes } = forward.trajectory;
    const tolerances = new AdjointTolerances(task, this.layout, sizes.largest);
    if (task.loss.integral) tolerances.foreseeIntegrand(forward, loss);
    let { t } = forward.trajectory.result;
    let firstStep: number | undefined;
    for (const stop of [...stops, { t: task.problem.tspan[0], happens: () => {} } as BackwardStop]) {
      if (stop.t !== t) {
        this.states?.enter(t, stop.t);
        tolerances.follow(state);
        const stretch = { from: t, to: stop.t, ends: endsBetween(times, t, stop.t), firstStep };
        const back = this.integrateBack(run, stretch, tolerances, integral);
        addStatistics(statistics, back.statistics);
        firstStep = back.result.h;
        state.set(back.final);
        t = stop.t;
      }
      stop.happens();
      t = stop.resume ?? t;
    }
  }

  private parameterIntegral(task: GradientTask, forwardTimes: readonly number[]): ParameterIntegral | undefined {
    const { arena, address, linked, variant } = this;
    const { n, np } = this.system;
    if (!task.wrt.p || variant.integral === "augmented") return undefined;
    const gradient = arena.f64(address.gradient, np).fill(0);
    const node = arena.f64(address.lambda, n);
    const addAt = (t: number, weight: number): void =>
      void linked!.parameters(address.gradient, address.lambda, address.p, t, weight);
    const make = variant.integral === "stepwise" ? stepwiseIntegral : adaptiveIntegral;
    const { rtol } = task.backward;
    const order = Math.max(this.method.order, task.loss.integral ? RESOLVED_ORDER : 0);
    return make({ node, gradient, addAt }, { order, forwardTimes, rtol, sizes: sizesOf(task.p) });
  }

  private integrateBack(
    { task, state, statistics }: BackwardRun,
    { from, to, ends, firstStep }: Stretch,
    tolerances: AdjointTolerances,
    integral: ParameterIntegral | undefined,
  ): Trajectory {
    const { method, prepared, variant } = this;
    const stepsBefore = statistics.steps;
    const trajectory = integrate(prepared, {
      u0: state,
      p: task.p,
      t0: from,
      t1: to,
      rtol: task.backward.rtol,
      atol: tolerances.absolute,
      ends,
      firstStep,
      fixedStep: method.dt,
      maxSteps: task.maxSteps,
      maxStep: boundsOf(task).maxStep,
      dense: integral?.needsDense,
      onSteps: integral?.onSteps,
      onProgress: task.onProgress && (({ t, steps }) => reportBackward(task, t, stepsBefore + steps)),
      signal: task.signal,
      deadline: task.deadline,
    });
    tolerances.absolute.set(prepared.code.view.atol);
    if (trajectory.result.kind !== "success") {
      throw solveFailure(
        `${variant.name} adjoint: the solve back from t = ${from}`,
        trajectory,
        (i) => this.nameOf(task, i),
        'Try another solver for it (backward: { solver: rodas5P() } if the problem is stiff), other tolerances, more steps (maxSteps), or adjoint: "dual".',
      );
    }
    integral?.afterStretch?.(trajectory, from, to);
    return trajectory;
  }

  /** The name of a component of the state that is solved for. */
  private nameOf({ problem: { layout } }: GradientTask, i: number): string {
    const { gradient, solution } = this.layout;
    if (solution !== undefined && i >= solution) return componentName(layout.u, i - solution, "u");
    if (gradient !== undefined && i >= gradient) return `dL/d(${componentOf("p", layout.p, i - gradient)})`;
    return `the adjoint of ${componentName(layout.u, i, "u")}`;
  }
}
