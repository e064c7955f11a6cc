/** Solves that carry derivatives along directions. */
import { kindOf, type Method } from "../../../solvers/step/method.ts";
import { componentName } from "../../../src/arrays/layout.ts";
import type { Target } from "../../../src/compile/compile.ts";
import type { Integrated, WithPrepared } from "../../../solvers/solve/auto.ts";
import type { IntegrationRequest, Progress, RequestedEvents } from "../../../solvers/step-loop/request.ts";
import { jacobianOf, timeDerivativeOf } from "../../../src/derive/jacobian.ts";
import { MANY, memo } from "../../../src/core/memo.ts";
import { Pool } from "../../../src/core/pool.ts";
import { prepare, type Prepared } from "../../../solvers/step-loop/prepare.ts";
import { jacobianWithMass, massOfBlocks } from "../../../solvers/step/mass.ts";
import type { System } from "../../../solvers/step/system.ts";
import { consistentDerivativesOf } from "../../../solvers/systems/consistent-derivatives.ts";
import { settlingOf } from "../../../solvers/systems/settling.ts";
import type { Stop } from "../../../solvers/step-loop/stops.ts";
import { watchOf } from "../../task/watch.ts";
import { comparedEvents } from "../../task/events.ts";
import { appliedLoss } from "../../losses/compiled.ts";
import { cacheKeyOf } from "../../task/derivable-rhs.ts";
import type { LossPart } from "../../losses/part.ts";
import { solveFailure } from "../shared/solve-failure.ts";
import {
  dualBlocks,
  dualPreconditioner,
  explicitDual,
  integralOffset,
  stateBlocks,
  type DualSizes,
  type ErrorControl,
} from "./dual-system.ts";
import { pushOverEvent } from "../shared/event-derivatives.ts";
import { ZERO_DERIVATIVE_TOLERANCE, type Direction } from "../shared/directions.ts";
import { alwaysFits } from "../../../src/analysis/sparsity.ts";
import { patternOf } from "../../vjp/pattern.ts";
import { toleranceOfIntegral } from "../integral/tolerance.ts";
import type { UnplannedTask } from "../../task/task.ts";
import { integrateResolved } from "../integral/resolved-solve.ts";
import { requireStateSolved } from "../shared/state-failure.ts";
import { stateSwitchesAt } from "../shared/saltation.ts";
import { timeMoves } from "../shared/time-moves.ts";
import { stepsOf } from "../../task/steps.ts";

/** Solves a system with k directions, which is compiled for a method when it is first used. */
export class DualSolver {
  readonly system: System;
  private readonly pool = memo((_method: Method, _target: Target) => new Pool<Prepared>(), {
    by: (method, target) => [kindOf(method), target],
  });

  constructor(
    task: UnplannedTask,
    readonly sizes: DualSizes,
    readonly integral: LossPart | undefined,
    readonly control: ErrorControl,
  ) {
    const explicit = explicitDual(task.code, sizes, integral, control);
    const { rhs } = explicit;
    const { mass } = task.code;
    const ofDual = mass && massOfBlocks(mass, stateBlocks(sizes), explicit.n);
    const blocks = memo(() => dualBlocks(sizes, integral));
    const jacobian = memo(() => {
      // Where the Jacobian of the states alone does not fit, this error comes sooner.
      if (!alwaysFits(sizes.n, sizes.n)) patternOf(task.code, "u");
      const derived = jacobianOf(rhs);
      const own = {
        pattern: derived.pattern,
        blocks: blocks(),
        get values() {
          return derived.values;
        },
      };
      return ofDual ? jacobianWithMass(own, ofDual, explicit.np) : own;
    });
    const timeDerivative = memo(() => timeDerivativeOf(rhs));
    this.system = {
      ...explicit,
      mass: ofDual,
      get blocks() {
        return blocks();
      },
      get jacobian() {
        return jacobian();
      },
      get preconditioner() {
        return dualPreconditioner(task.code, sizes, integral);
      },
      get timeDerivative() {
        return timeDerivative();
      },
    };
  }

  /**
   * Integrates along at most k directions.
   *
   * @throws AdjointFailed where the solve does not reach the end.
   */
  solve(
    task: UnplannedTask,
    directions: readonly Direction[],
    onProgress?: (progress: Progress) => void,
  ): { integrated: Integrated; parameters: Float64Array } {
    const { n, k } = this.sizes;
    const { problem, target, solver } = task;
    const request = { ...this.requestOf(task, directions), onProgress };
    const integrated = integrateResolved(task, this.preparedFor(target), solver, request);
    if (integrated.trajectory.result.kind !== "success") {
      requireStateSolved(task, integrated, n);
      const nameOf = (i: number): string => {
        const [state, part] = [componentName(problem.layout.u, i % n, "u"), Math.floor(i / n)];
        if (part > k) return "the integral of the loss";
        return part === 0 ? state : `${state} along direction ${part} of ${k}`;
      };
      const who = `dual: ${integrated.solver} with ${k} directions`;
      const other = task.code.mass ? "discrete" : "gauss";
      const remedy = `If the problem itself solves, try adjoint: "${other}", another solver, or more steps (maxSteps).`;
      throw solveFailure(who, integrated.trajectory, nameOf, remedy);
    }
    return { integrated, parameters: request.p };
  }

  /** Moves the derivatives where a switching time moves with parameters (see saltation.ts). */
  private moveOver(task: UnplannedTask, stop: Stop, u: Float64Array, directions: readonly Direction[]): void {
    const { n } = this.sizes;
    const ofIntegrals = integralOffset(this.sizes) + 1;
    for (const { byU, byP, jump, fall } of stateSwitchesAt(task, stop)) {
      directions.forEach((direction, d) => {
        const tangent = u.subarray(n * (1 + d), n * (2 + d));
        const moved = dot(byU, tangent) + (direction.p ? dot(byP, direction.p) : 0);
        jump.forEach((x, i) => (tangent[i] += x * moved));
        if (this.integral) u[ofIntegrals + d] += fall * moved;
      });
    }
    for (const { slopes, jump, fall } of timeMoves(task, stop, u.slice(0, n)) ?? []) {
      directions.forEach((direction, d) => {
        let moved = 0;
        for (const [j, slope] of slopes) moved += slope * (direction.p?.[j] ?? 0);
        jump.forEach((x, i) => (u[n * (1 + d) + i] += x * moved));
        if (this.integral) u[ofIntegrals + d] += fall * moved;
      });
    }
  }

  /** Events that change the state and the derivatives along directions at once. */
  private carrying(task: UnplannedTask, events: RequestedEvents, parameters: Float64Array): RequestedEvents {
    const { n, np, k } = this.sizes;
    if (k === 0) return events;
    const loss = this.integral ? appliedLoss(task) : { integrand: () => 0 };
    const start = integralOffset(this.sizes) + 1;
    return {
      ...events,
      apply: (event, u, moment) => {
        const before = u.slice(0, n);
        events.apply(event, u, moment);
        const jump = { ...moment, end: moment.start, event, ends: events.ends(event), before, after: u.slice(0, n) };
        const tangents = {
          u: u.subarray(n, n * (1 + k)),
          p: parameters.subarray(np),
          integral: this.integral && u.subarray(start, start + k),
        };
        pushOverEvent(task, jump, tangents, loss);
      },
    };
  }

  /** The request for an integration along directions. */
  requestOf(task: UnplannedTask, directions: readonly Direction[]): IntegrationRequest {
    const { u0, p, problem, loss, rtol, maxSteps, signal, deadline } = task;
    const { sizes, system } = this;
    const { n, np } = sizes;
    const consistent = consistentDerivativesOf(task.code, task.target);
    const settle = settlingOf({ ...problem, code: task.code }, task, task.target);
    // Behind what the state was moved to, its derivatives.
    const follow = (u: Float64Array, t: number): void =>
      directions.forEach((direction, d) =>
        consistent?.tangent(u.subarray(n * (1 + d), n * (2 + d)), direction.p, u.subarray(0, n), p, t),
      );
    const parameters = new Float64Array(system.np);
    const state = new Float64Array(system.n);
    parameters.set(p);
    state.set(u0);
    directions.forEach((direction, d) => {
      if (direction.p) parameters.set(direction.p, np * (1 + d));
      if (direction.u0) state.set(direction.u0, n * (1 + d));
    });
    const [t0, t1] = problem.tspan;
    follow(state, t0);
    const events = comparedEvents(task);
    const settled = events && settle ? settle.events(events) : events;
    const carried = settled && this.carrying(task, settled, parameters);
    return {
      u0: state,
      p: parameters,
      t0,
      t1,
      rtol,
      atol: this.tolerances(task),
      maxSteps,
      signal,
      deadline,
      saveat: loss.times,
      ...stepsOf(task),
      onStop: (u, stop) => {
        this.moveOver(task, stop, u, directions);
        if (!settle) return;
        settle.afterSwitch(u, stop);
        follow(u, stop.start);
      },
      events: carried && {
        ...carried,
        apply(event, u, moment) {
          carried.apply(event, u, moment);
          if (!carried.ends(event)) follow(u, moment.t);
        },
      },
      watch: watchOf(task),
    };
  }

  /** The absolute tolerances, of which those of derivatives grow with their sizes (see ErrorPart). */
  private tolerances(task: UnplannedTask): Float64Array {
    const { atol } = task;
    const { n, k } = this.sizes;
    const each = new Float64Array(this.system.n);
    if (typeof atol === "number") each.fill(atol);
    else for (let part = 0; part <= k; part++) each.set(atol, part * n);
    for (let i = n; i < n * (1 + k); i++) each[i] *= ZERO_DERIVATIVE_TOLERANCE;
    if (this.integral) each.fill(toleranceOfIntegral(task), integralOffset(this.sizes));
    return each;
  }

  /** Gives `integrateWith` prepared solvers of the system. */
  preparedFor(target: Target): WithPrepared {
    return (method, use) => this.pool(method, target).use(() => prepare(this.system, method, { target }), use);
  }
}

/** The solver with k directions, made once for a problem, an integrand and a control of errors. */
export const dualSolver = memo(
  (task: UnplannedTask, k: number, control: ErrorControl): DualSolver => {
    const sizes = { n: task.u0.length, np: task.p.length, k };
    return new DualSolver(task, sizes, task.loss.integral, control);
  },
  { by: ({ code, loss, target }, k, control) => [cacheKeyOf(code), k, control, target, loss.integral], most: MANY },
);

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
