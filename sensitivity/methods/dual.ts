/**
 * Forward duals through the solver: the state's derivatives along chunks of directions are integrated with it. Exact for
 * the steps taken; the cost grows with the number of parameters, so it suits few of them.
 *
 * A direction is a unit change of an initial value, or a change of a parameter in proportion to its size, which makes the
 * absolute tolerance mean the same for rate constants that span many decades.
 */
import { Arena } from "../../src/compile/arena.ts";
import type { Target } from "../../src/compile/compile.ts";
import { AdjointFailed } from "../../src/errors.ts";
import { integrateWith, type Integrated, type Lend } from "../../solvers/auto.ts";
import { prepare, type Prepared } from "../../solvers/prepare.ts";
import { jacobianOf, timeDerivativeOf } from "../../solvers/jacobian.ts";
import type { System } from "../../solvers/system.ts";
import type { Statistics } from "../../solvers/trajectory.ts";
import type { LossPart } from "../loss.ts";
import { CompiledLoss } from "./compiled-loss.ts";
import { dualRhs, integralOffset, type DualSizes } from "./dual-system.ts";
import type { FlatGradient, GradientTask } from "./method.ts";
import { addStatistics, emptyStatistics } from "./statistics.ts";

/** Directions carried at once, at most. */
const LARGEST_CHUNK = 8;

/** The system with k directions, compiled for methods when asked. */
class DualSystem {
  readonly system: System;
  readonly arena = new Arena();
  readonly loss: CompiledLoss;
  private readonly prepared = new Map<string, Prepared>();

  constructor(
    task: GradientTask,
    readonly sizes: DualSizes,
    readonly integral: LossPart | undefined,
  ) {
    const rhs = dualRhs(task.code.rhsProgram(), integral, sizes);
    const cached = <T>(make: () => T): (() => T) => {
      let made: { value: T } | undefined;
      return () => (made ??= { value: make() }).value;
    };
    const jacobian = cached(() => jacobianOf(rhs));
    const timeDerivative = cached(() => timeDerivativeOf(rhs));
    this.system = {
      n: sizes.n * (1 + sizes.k) + (integral ? 1 + sizes.k : 0),
      np: sizes.np * (1 + sizes.k),
      rhs,
      get jacobian() {
        return jacobian();
      },
      get timeDerivative() {
        return timeDerivative();
      },
    };
    this.loss = new CompiledLoss(task.loss, this.arena, sizes.n, sizes.np, task.target);
  }

  lend(target: Target): Lend {
    return (method, use) => {
      const key = `${method.name}:${target}`;
      let prepared = this.prepared.get(key);
      if (!prepared) this.prepared.set(key, (prepared = prepare(this.system, method, { target })));
      return use(prepared);
    };
  }
}

/** A change of parameters and initial state; absent is none. */
export interface Direction {
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
}

export function dual(task: GradientTask): FlatGradient {
  const { u0, p, wrt } = task;
  const scales = p.map((x) => Math.abs(x) || 1);
  const directions: Direction[] = [
    ...(wrt.p ? Array.from(p, (_, j) => ({ p: unit(p.length, j, scales[j]) })) : []),
    ...(wrt.u0 ? Array.from(u0, (_, i) => ({ u0: unit(u0.length, i, 1) })) : []),
  ];
  const started = performance.now();
  const { value, slopes, solver, statistics } = directionalDerivatives(task, directions);
  return {
    value,
    solver,
    p: wrt.p ? slopes.slice(0, p.length).map((g, j) => g / scales[j]) : undefined,
    u0: wrt.u0 ? slopes.slice(wrt.p ? p.length : 0) : undefined,
    stats: { forward: statistics },
    seconds: { solve: (performance.now() - started) / 1000, gradient: 0 },
  };
}

function unit(size: number, at: number, length: number): Float64Array {
  const direction = new Float64Array(size);
  direction[at] = length;
  return direction;
}

/** The loss and its derivatives along any directions, by as many solves as chunks of directions are needed. */
export function directionalDerivatives(
  task: GradientTask,
  directions: readonly Direction[],
): { value: number; slopes: Float64Array; solver: string; statistics: Statistics } {
  const chunks = Math.max(1, Math.ceil(directions.length / LARGEST_CHUNK));
  const k = Math.ceil(directions.length / chunks);
  const system = dualSystem(task, { n: task.u0.length, np: task.p.length, k });
  const slopes = new Float64Array(directions.length);
  const statistics = emptyStatistics();
  let [value, solver] = [NaN, ""];
  for (let from = 0; from < directions.length; from += k) {
    const solved = solveChunk(task, system, directions.slice(from, from + k), slopes.subarray(from, from + k));
    addStatistics(statistics, solved.integrated.trajectory.statistics);
    ({ value } = solved);
    ({ solver } = solved.integrated);
  }
  return { value, slopes, solver, statistics };
}

/** Integrates along directions, at most k, and adds the loss's derivatives to `slopes`. */
function solveChunk(task: GradientTask, dual: DualSystem, directions: readonly Direction[], slopes: Float64Array): { integrated: Integrated; value: number } {
  const { sizes, system, loss, integral } = dual;
  const { n, np, k } = sizes;
  const parameters = new Float64Array(system.np);
  const state = new Float64Array(system.n);
  parameters.set(task.p);
  state.set(task.u0);
  directions.forEach((direction, d) => {
    if (direction.p) parameters.set(direction.p, np * (1 + d));
    if (direction.u0) state.set(direction.u0, n * (1 + d));
  });
  const [t0, t1] = task.problem.tspan;
  const { rtol, atol, maxSteps, target } = task;
  const request = { u0: state, p: parameters, t0, t1, rtol, atol, maxSteps, saveat: task.loss.times };
  const integrated = integrateWith(dual.lend(target), task.solver, request);
  const { trajectory } = integrated;
  if (trajectory.result.kind !== "success") {
    throw new AdjointFailed(
      `dual: ${integrated.solver} with ${k} directions stopped at t = ${trajectory.result.t} (${trajectory.result.kind}). ` +
        `If the problem itself solves, try adjoint: "gauss", or another solver.`,
    );
  }

  const uBar = new Float64Array(n);
  const pBar = new Float64Array(np);
  let value = 0;
  const collect = (at: Float64Array): void => {
    directions.forEach((_, d) => {
      for (let i = 0; i < n; i++) slopes[d] += uBar[i] * at[n * (1 + d) + i];
      for (let j = 0; j < np; j++) slopes[d] += pBar[j] * parameters[np * (1 + d) + j];
    });
    uBar.fill(0);
    pBar.fill(0);
  };
  loss.times = task.loss.times;
  loss.indices = task.loss.indices;
  for (let s = 0; s < task.loss.times.length; s++) {
    const at = trajectory.savedStates.data.subarray(s * system.n, (s + 1) * system.n);
    value += loss.at(s, at.subarray(0, n), task.p, uBar, pBar);
    collect(at);
  }
  value += loss.final(trajectory.final.subarray(0, n), task.p, uBar, pBar);
  collect(trajectory.final);
  if (integral) {
    const at = integralOffset(sizes);
    value += trajectory.final[at];
    directions.forEach((_, d) => (slopes[d] += trajectory.final[at + 1 + d]));
  }
  return { integrated, value };
}

const known = new WeakMap<object, { readonly loss: GradientTask["loss"]; readonly target: Target; readonly dual: DualSystem }[]>();

function dualSystem(task: GradientTask, sizes: DualSizes): DualSystem {
  let entries = known.get(task.code);
  if (!entries) known.set(task.code, (entries = []));
  const { sum, integral, final } = task.loss;
  let found = entries.find(
    (e) => e.dual.sizes.k === sizes.k && e.target === task.target && e.loss.sum === sum && e.loss.integral === integral && e.loss.final === final,
  );
  if (!found) entries.push((found = { loss: task.loss, target: task.target, dual: new DualSystem(task, sizes, integral) }));
  return found.dual;
}
