/**
 * Forward duals through the solver: the state's derivatives along chunks of directions are integrated with it. Exact for
 * the steps taken; the cost grows with the number of parameters, so it suits few of them.
 *
 * A direction is a unit change of an initial value, or a change of a parameter in proportion to its size, which makes the
 * absolute tolerance mean the same for rate constants that span many decades.
 *
 * `forwardSensitivity` is the same system with the steps chosen for the states alone, as continuous sensitivity analysis does
 * by default (Maly and Petzold 1996, "Numerical methods and software for sensitivity analysis").
 */
import type { Statistics } from "../../solvers/trajectory.ts";
import { addTo, appliedLoss, type AppliedLoss } from "./compiled-loss.ts";
import { dualSystem, type Direction, type DualSystem, type ErrorControl } from "./dual-solve.ts";
import { integralOffset } from "./dual-system.ts";
import { derivativeByEnd, velocity } from "./end-times.ts";
import type { AdjointMethod, FlatGradient, GradientTask } from "./method.ts";
import { addStatistics, emptyStatistics } from "./statistics.ts";

/** Directions carried at once, at most. */
export const LARGEST_CHUNK = 8;

export function forwardMethod(name: string, control: ErrorControl): AdjointMethod {
  const traits = { mode: "forward", stiff: true, memory: "none", controlsDerivatives: control === "all" } as const;
  return { name, traits, run: (task) => gradientAlong(task, control) };
}

function gradientAlong(task: GradientTask, control: ErrorControl): FlatGradient {
  const { u0, p, wrt, problem } = task;
  const scales = p.map((x) => Math.abs(x) || 1);
  const directions: Direction[] = [
    ...(wrt.p ? Array.from(p, (_, j) => ({ p: unit(p.length, j, scales[j]) })) : []),
    ...(wrt.u0 ? Array.from(u0, (_, i) => ({ u0: unit(u0.length, i, 1) })) : []),
    // A start that is later by dt, as a change of the initial state: -f dt.
    ...(wrt.t0 ? [{ u0: velocity(task, u0, problem.tspan[0]).map((f) => -f) }] : []),
  ];
  const started = performance.now();
  const { value, slopes, solver, statistics, t1 } = directionalDerivatives(task, directions, control);
  const taken = { p: wrt.p ? p.length : 0, u0: wrt.u0 ? u0.length : 0 };
  return {
    value,
    solver,
    p: wrt.p ? slopes.slice(0, taken.p).map((g, j) => g / scales[j]) : undefined,
    u0: wrt.u0 ? slopes.slice(taken.p, taken.p + taken.u0) : undefined,
    t0: wrt.t0 ? slopes[taken.p + taken.u0] - appliedLoss(task).integrand(problem.tspan[0], u0) : undefined,
    t1: wrt.t1 ? t1 : undefined,
    stats: { forward: statistics },
    seconds: { solve: (performance.now() - started) / 1000, gradient: 0 },
  };
}

export function unit(size: number, at: number, length: number): Float64Array {
  const direction = new Float64Array(size);
  direction[at] = length;
  return direction;
}

/** The loss and its derivatives along any directions, by as many solves as chunks of directions are needed. */
export function directionalDerivatives(
  task: GradientTask,
  directions: readonly Direction[],
  control: ErrorControl = "all",
): { value: number; slopes: Float64Array; t1: number; solver: string; statistics: Statistics } {
  const chunks = Math.max(1, Math.ceil(directions.length / LARGEST_CHUNK));
  const k = Math.max(1, Math.ceil(directions.length / chunks));
  const system = dualSystem(task, k);
  const loss = appliedLoss(task);
  const slopes = new Float64Array(directions.length);
  const statistics = emptyStatistics();
  let solved = lossAlong(task, system, loss, directions.slice(0, k), slopes.subarray(0, k), control);
  addStatistics(statistics, solved.statistics);
  for (let from = k; from < directions.length; from += k) {
    solved = lossAlong(task, system, loss, directions.slice(from, from + k), slopes.subarray(from, from + k), control);
    addStatistics(statistics, solved.statistics);
  }
  return { ...solved, slopes, statistics };
}

/** Integrates along directions, at most k, and adds the loss's derivatives to `slopes`. */
function lossAlong(
  task: GradientTask,
  dual: DualSystem,
  loss: AppliedLoss,
  directions: readonly Direction[],
  slopes: Float64Array,
  control: ErrorControl,
): { value: number; t1: number; solver: string; statistics: Statistics } {
  const { sizes, system, integral } = dual;
  const { n, np } = sizes;
  const { integrated, parameters } = dual.solve(task, directions, control);
  const { savedStates, final, statistics } = integrated.trajectory;
  const pBar = new Float64Array(np);
  let value = 0;
  const collect = (at: Float64Array, uBar: Float64Array): void => {
    directions.forEach((_, d) => {
      for (let i = 0; i < n; i++) slopes[d] += uBar[i] * at[n * (1 + d) + i];
    });
  };
  for (let s = 0; s < task.loss.times.length; s++) {
    const at = savedStates.data.subarray(s * system.n, (s + 1) * system.n);
    const uBar = new Float64Array(n);
    value += loss.summand(s, at.subarray(0, n), uBar, pBar);
    collect(at, uBar);
  }
  const phiBar = new Float64Array(n);
  value += loss.final(final.subarray(0, n), phiBar, pBar);
  collect(final, phiBar);
  directions.forEach((_, d) => {
    for (let j = 0; j < np; j++) slopes[d] += pBar[j] * parameters[np * (1 + d) + j];
  });
  if (integral) {
    const at = integralOffset(sizes);
    value += final[at];
    addTo(slopes, final.subarray(at + 1, at + 1 + directions.length));
  }
  const t1 = task.wrt.t1 ? derivativeByEnd(task, final.slice(0, n), phiBar, loss) : NaN;
  return { value, t1, solver: integrated.solver, statistics };
}
