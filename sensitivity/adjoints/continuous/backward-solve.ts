/**
 * The continuous adjoint methods: one way back, whatever they keep of the forward solution and however they integrate the
 * gradient. λ goes from the end of the solve to its start; losses at saved times and events make it jump.
 */
import { componentName } from "../../../src/arrays/layout.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Compiled } from "../../../src/compile/compile.ts";
import { BadGradientOption } from "../../../src/core/errors.ts";
import { integrate, prepare, type Prepared } from "../../../solvers/step-loop/integrate.ts";
import { lend } from "../../../src/core/pool.ts";
import { recent } from "../../../src/core/recent.ts";
import { methodKey, type Method } from "../../../solvers/step/method.ts";
import { plainSystem } from "../../../solvers/systems/plain-system.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import type { System } from "../../../solvers/step/system.ts";
import type { Jump, Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { eventPrograms } from "../../task/events.ts";
import { EventPullback } from "../shared/event-pullback.ts";
import { componentOf } from "../../task/finite-gradient.ts";
import { tellBackward } from "../../task/progress.ts";
import { sizesOf } from "../../../src/problem/sizes.ts";
import { adjointLayout, adjointSystem, interpolantParameters, parameterIntegrand, type AdjointLayout } from "./adjoint-system.ts";
import { AdjointTolerances } from "./tolerances.ts";
import { requireLossAgreement } from "../../losses/agreement.ts";
import { addTo, appliedLoss, type AppliedLoss } from "../../losses/compiled.ts";
import type { ContinuousAdjoint } from "./variant.ts";
import { cutShort } from "../shared/solve-failure.ts";
import { requireNoDrift } from "./drift.ts";
import { derivativeByEnd, derivativeByStart } from "../shared/end-times.ts";
import { solveForward, type Forward } from "./forward-solve.ts";
import { denseStates, lastBefore, recomputedStates, type ForwardStates } from "./forward-states.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import { adaptiveIntegral, stepwiseIntegral, type ParameterIntegral } from "./parameter-integral.ts";
import { RESOLVED_ORDER } from "../integral/scan.ts";
import { addSaltation } from "../shared/saltation.ts";
import { noteSmallInLoss } from "../shared/small-in-loss.ts";
import { addStatistics, emptyStatistics, type Statistics } from "../../../solvers/step-loop/statistics.ts";
import { longestOf } from "../../task/steps.ts";

export type BackwardResult = Pick<FlatGradient, "p" | "u0" | "t0" | "t1"> & {
  readonly sum: number;
  readonly statistics: Statistics;
  readonly memory: number;
};

/** Forward and back. */
export function goForwardAndBack(variant: ContinuousAdjoint, task: GradientTask): FlatGradient {
  const started = performance.now();
  const loss = appliedLoss(task);
  const forward = solveForward(task, variant.traits.memory);
  const { savedStates, final } = forward.trajectory;
  requireLossAgreement(task, savedStates.data, task.u0.length, final);
  noteSmallInLoss(task, loss, savedStates.data, task.u0.length, final, forward.trajectory.sizes);
  const solved = performance.now();
  const { sum, statistics, memory, ...gradient } = goBack(variant, task, forward, loss);
  return {
    ...gradient,
    value: sum + forward.integral,
    solver: forward.solver,
    sizes: forward.trajectory.sizes,
    stats: { forward: forward.trajectory.statistics, backward: statistics, memory },
    seconds: { solve: (solved - started) / 1000, gradient: (performance.now() - solved) / 1000 },
  };
}

/** Back over a solve; `sum` is what the loss at saved times and at the end comes to. */
export function goBack(variant: ContinuousAdjoint, task: GradientTask, forward: Forward, loss: AppliedLoss): BackwardResult {
  const method = task.backward.solver ?? forward.method;
  return withWayBack(variant, task, method, (wayBack) => wayBack.run(task, forward, loss));
}

/** A time at which the way back stops, and what happens to λ there. */
interface Stop {
  readonly t: number;
  /** Where the way back goes on; default t. */
  readonly leave?: number;
  /** Of things at one time: that which comes first in the forward solution has the lowest. */
  readonly rank: number;
  readonly reach: () => void;
}

/** Of the way back, between two stops at which something happens. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly ends: readonly number[];
  readonly firstStep: number | undefined;
}

/** Of the dense solution, at even distances, to see how large the integrand's derivatives are. */
const SAMPLES = 16;

/** Compiled for one problem, integrand and solver, and used for any parameters. */
class WayBack {
  private readonly arena = new Arena();
  private readonly system: System;
  private readonly layout: AdjointLayout;
  private readonly prepared: Prepared;
  private readonly address: Record<"lambda" | "p" | "gradient", number>;
  private readonly link: () => Record<"parameters", Compiled>;
  private linked: Record<"parameters", Compiled> | undefined;
  private readonly events: EventPullback | undefined;
  private states: ForwardStates | undefined;

  constructor(
    private readonly variant: ContinuousAdjoint,
    private readonly method: Method,
    { backend, code, loss, target, wrt, u0, p }: GradientTask,
  ) {
    const { arena } = this;
    const [n, np] = [u0.length, p.length];
    this.system = systemOf(code) ?? plainSystem((du, u, parameters, t) => code.plain(du, u, parameters, t), n, np, arena);
    const { implicit } = method.family;
    this.layout = adjointLayout(this.system, {
      gradient: wrt.p && variant.integral === "augmented",
      solution: variant.states === "backward",
    });
    const vjp = backend.prepare({ code, arena, target });
    const views = new Map<number, Float64Array>();
    const interpolant = {
      name: "forward_solution",
      parameters: interpolantParameters(n),
      call: (address: number, t: number): void => {
        let out = views.get(address);
        if (!out) views.set(address, (out = arena.f64(address, n)));
        this.states!.interpolate(t, out);
      },
    };
    const parts = { system: this.system, vjp, integral: loss.integral, interpolant, layout: this.layout };
    this.prepared = prepare(adjointSystem(parts, implicit), method, { target, arena });
    this.address = { lambda: arena.reserve(n), p: arena.reserve(np), gradient: arena.reserve(np) };
    const unit = compile({ parameters: parameterIntegrand(parts) }, arena, target);
    this.link = () => unit.link();
    const programs = eventPrograms(code);
    this.events = programs && new EventPullback(programs, arena, n, np, target);
  }

  run(task: GradientTask, forward: Forward, loss: AppliedLoss): BackwardResult {
    const { arena, address, layout } = this;
    const { n, np } = this.system;
    const [t0, t1] = task.problem.tspan;
    const { trajectory } = forward;
    this.linked ??= this.link();
    arena.f64(address.p, np).set(task.p);
    const state = new Float64Array(layout.size);
    const lambda = state.subarray(0, n);
    if (layout.solution !== undefined) state.set(trajectory.final, layout.solution);
    const p = new Float64Array(np);
    const statistics = emptyStatistics();
    let sum = loss.final(trajectory.final, lambda, p);
    const byEnd = task.wrt.t1 ? derivativeByEnd(task, trajectory.final, lambda, loss) : undefined;

    const stops = this.stops(task, forward, state, p, loss, (k) => {
      sum += loss.summand(k, trajectory.savedStates.data.subarray(k * n, (k + 1) * n), lambda, p);
    });
    const integral = this.parameterIntegral(task, trajectory.times);
    const tolerances = new AdjointTolerances(task, layout, trajectory.sizes.largest);
    if (task.loss.integral) this.foresee(task, forward, loss, tolerances);
    const { times } = trajectory;
    let t = t1;
    let firstStep: number | undefined;
    for (const stop of [...stops, { t: t0, reach: () => {} } as Stop]) {
      if (stop.t !== t) {
        this.states?.enter(t, stop.t);
        tolerances.follow(state);
        const stretch = { from: t, to: stop.t, ends: endsBetween(times, t, stop.t), firstStep };
        const back = this.integrateBack(task, state, stretch, tolerances, integral, statistics.steps);
        addStatistics(statistics, back.statistics);
        firstStep = back.result.h;
        state.set(back.final);
        t = stop.t;
      }
      stop.reach();
      t = stop.leave ?? t;
    }
    if (layout.gradient !== undefined) addTo(p, state.subarray(layout.gradient, layout.gradient + np));
    if (integral) addTo(p, integral.value());
    const memory = forward.checkpoints.bytes + (this.states?.bytes ?? 0);
    this.states = undefined;
    return {
      sum,
      statistics,
      memory,
      p: task.wrt.p ? p : undefined,
      u0: task.wrt.u0 ? lambda.slice() : undefined,
      t0: task.wrt.t0 ? derivativeByStart(task, lambda, loss) : undefined,
      t1: byEnd,
    };
  }

  /** From the last to the first; sets up where forward states come from. */
  private stops(
    task: GradientTask,
    forward: Forward,
    state: Float64Array,
    p: Float64Array,
    loss: AppliedLoss,
    sample: (k: number) => void,
  ): Stop[] {
    const { layout, variant } = this;
    const { n } = this.system;
    const [t0, t1] = task.problem.tspan;
    const { jumps } = forward.trajectory;
    const solution = layout.solution === undefined ? undefined : state.subarray(layout.solution, layout.solution + n);
    const stops: Stop[] = Array.from(task.loss.times, (t, k) => ({ t: sideOf(t, jumps), rank: 0, reach: () => sample(k) }));
    for (const jump of jumps) {
      const reach = (): void => {
        if (jump.event) this.events!.apply(jump, task.p, state.subarray(0, n), p);
        else addSaltation(task, jump, jump.before, state.subarray(0, n), p, loss);
        solution?.set(jump.before);
      };
      stops.push({ t: jump.start, leave: jump.end, rank: 1, reach });
    }
    if (variant.states === "dense") this.states = denseStates(task, forward);
    else {
      const starts = forward.checkpoints.starts({ t: t0, state: task.u0 }, t1, jumps);
      if (!solution) this.states = recomputedStates(task, forward, starts);
      for (const checkpoint of starts) {
        const reach = (): void => {
          if (!solution) return;
          requireNoDrift(task, checkpoint, solution);
          solution.set(checkpoint.state);
        };
        stops.push({ t: checkpoint.t, rank: 2, reach });
      }
    }
    const direction = Math.sign(t1 - t0);
    return stops.sort((a, b) => direction * (a.t - b.t) || a.rank - b.rank).reverse();
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

  /** Of a component of the state that is solved for. */
  private nameOf({ problem: { layout } }: GradientTask, i: number): string {
    const { gradient, solution } = this.layout;
    if (solution !== undefined && i >= solution) return componentName(layout.u, i - solution, "u");
    if (gradient !== undefined && i >= gradient) return `dL/d(${componentOf("p", layout.p, i - gradient)})`;
    return `the adjoint of ${componentName(layout.u, i, "u")}`;
  }

  /** How large an integral in the loss may make λ, which begins without. */
  private foresee(
    task: GradientTask,
    { trajectory, checkpoints }: Forward,
    loss: AppliedLoss,
    tolerances: AdjointTolerances,
  ): void {
    const [t0, t1] = task.problem.tspan;
    const { dense, jumps, final } = trajectory;
    const seen = [...checkpoints.starts({ t: t0, state: task.u0 }, t1, jumps), { t: t1, state: final }];
    for (let k = 1; dense && k < SAMPLES; k++) {
      const t = t0 + ((t1 - t0) * k) / SAMPLES;
      const state = new Float64Array(this.system.n);
      dense.interpolate(t, state);
      seen.push({ t, state });
    }
    seen.sort((a, b) => (t1 > t0 ? a.t - b.t : b.t - a.t));
    const size = new Float64Array(this.system.n);
    seen.forEach(({ t, state }, k) => {
      const slope = new Float64Array(size.length);
      loss.integrandGradient(t, state, slope, new Float64Array(task.p.length));
      const lasts = Math.abs((seen[k + 1]?.t ?? t1) - (seen[k - 1]?.t ?? t0)) / 2;
      for (let i = 0; i < size.length; i++) if (Number.isFinite(slope[i])) size[i] += lasts * Math.abs(slope[i]);
    });
    tolerances.foresee(size);
  }

  private integrateBack(
    task: GradientTask,
    state: Float64Array,
    { from, to, ends, firstStep }: Stretch,
    tolerances: AdjointTolerances,
    integral: ParameterIntegral | undefined,
    stepsBefore: number,
  ): Trajectory {
    const { method, prepared, variant } = this;
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
      maxStep: longestOf(task),
      dense: integral?.needsDense,
      onSteps: integral?.onSteps,
      onProgress: task.onProgress && (({ t, steps }) => tellBackward(task, t, stepsBefore + steps)),
      signal: task.signal,
      deadline: task.deadline,
    });
    tolerances.absolute.set(prepared.code.view.atol);
    if (trajectory.result.kind !== "success") {
      throw cutShort(
        `${variant.name} adjoint: the solve back from t = ${from}`,
        trajectory,
        (i) => this.nameOf(task, i),
        'Try another solver for it (backward: { solver: rodas5P() } if the problem is stiff), other tolerances, more steps (maxSteps), or adjoint: "dual".',
      );
    }
    integral?.afterStretch?.(trajectory, from, to);
    return trajectory;
  }
}

/** Of a time between the two sides of a switch, the side before; others as they are. */
function sideOf(t: number, jumps: readonly Jump[]): number {
  return jumps.find(({ end, start }) => end !== start && (t - end) * (start - t) >= 0)?.end ?? t;
}

/** Steps forward that one back may go over. */
const STRIDE = 2;

/**
 * Of the ends of the forward steps those that are ends of steps back as well: what acts for a short time and made the forward
 * solve take short steps is not stepped over where λ is at rest.
 */
function endsBetween(forwardTimes: readonly number[], from: number, to: number): number[] {
  const direction = Math.sign(from - to);
  const ends: number[] = [];
  let i = lastBefore(forwardTimes, from, direction) - STRIDE + 1;
  for (; i >= 0 && direction * (forwardTimes[i] - to) > 0; i -= STRIDE) ends.push(forwardTimes[i]);
  return ends;
}

const waysBack = new WeakMap<object, { readonly key: string; readonly integral: unknown; readonly idle: WayBack[] }[]>();

function withWayBack<T>(variant: ContinuousAdjoint, task: GradientTask, method: Method, use: (wayBack: WayBack) => T): T {
  if (method.family.implicit && !variant.traits.stiff) {
    throw new BadGradientOption(
      `adjoint: "${variant.name}" goes back by explicit solvers, and ${method.name} is implicit. Give one, ` +
        `backward: { solver: tsit5() }, or for a stiff problem take adjoint: "gauss".`,
    );
  }
  const key = `${variant.name}:${methodKey(method)}:${task.backend.name}:${task.target}:${task.wrt.p}`;
  const { integral } = task.loss;
  const keeper = task.backend.capabilities.programs ? task.code.identityWithEvents : task.code;
  let entries = waysBack.get(keeper);
  if (!entries) waysBack.set(keeper, (entries = []));
  const { idle } = recent(
    entries,
    (entry) => entry.key === key && entry.integral === integral,
    () => ({ key, integral, idle: [] }),
  );
  return lend(idle, () => new WayBack(variant, method, task), use);
}
