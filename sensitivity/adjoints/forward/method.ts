/**
 * The methods that carry derivatives along with the state: dual numbers through the solver, along chunks of directions. They are exact for
 * the steps taken; the cost grows with the number of parameters, so they suit few of them.
 *
 * `dual` controls the errors of the derivatives. `forwardSensitivity` is the same system with the steps chosen for the states alone, as
 * continuous sensitivity analysis does by default (Maly and Petzold 1996, "Numerical methods and software for sensitivity analysis").
 */
import type { MissedEvent } from "../../../solvers/step-loop/missed-events.ts";
import type { ComponentSizes } from "../../../solvers/step-loop/component-sizes.ts";
import type { Progress } from "../../../solvers/step-loop/request.ts";

import { forwardProgress } from "../../task/progress.ts";
import { requireLossAgreement } from "../../losses/agreement.ts";
import { addTo, appliedLoss, type AppliedLoss } from "../../losses/compiled.ts";
import { componentDirections, inChunks, type Direction } from "../shared/directions.ts";
import { dualSolver, type DualSolver } from "./dual-solver.ts";
import { integralOffset, type ErrorControl } from "./dual-system.ts";
import { forwardEstimate } from "./estimate.ts";
import { derivativeByEnd, requireLossTimes, velocity } from "../shared/end-times.ts";
import type { Estimate, TaskFacts } from "../shared/estimate.ts";
import type { AdjointMethod } from "../shared/method.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import { forwardPullback } from "./pullback.ts";
import { noteSmallInLoss } from "../shared/small-in-loss.ts";
import { addStatistics, emptyStatistics, type Statistics } from "../../../solvers/step-loop/statistics.ts";

/** A row of the table of adjoint methods. */
export function forwardMethod(name: string, control: ErrorControl): AdjointMethod {
  const traits = {
    mode: "forward",
    stiff: true,
    memory: "none",
    controlsDerivatives: control === "all",
    needsText: true,
    takesTape: true,
    usesVjp: false,
    takesMass: true,
  } as const;
  const estimate = (facts: TaskFacts): Estimate => forwardEstimate(facts, control);
  return {
    name,
    traits,
    estimate,
    gradient: (task) => gradientAlong(task, control),
    solveWithPullback: (task) => forwardPullback(task, control),
  };
}

function gradientAlong(task: GradientTask, control: ErrorControl): FlatGradient {
  const { u0, wrt, problem } = task;
  const byComponents = componentDirections(task);
  const { scales } = byComponents;
  const directions: Direction[] = [
    ...byComponents.directions,
    // A start that is later by dt, as a change of the initial state: -f dt.
    ...(wrt.t0 ? [{ u0: velocity(task, u0, problem.tspan[0]).map((f) => -f) }] : []),
  ];
  const started = performance.now();
  const { value, slopes, solver, statistics, sizes, missed, t1 } = directionalDerivatives(task, directions, control);
  const taken = { p: scales.p.length, u0: scales.u0.length };
  return {
    value,
    solver,
    sizes,
    missed,
    p: wrt.p ? slopes.slice(0, taken.p).map((g, j) => g / scales.p[j]) : undefined,
    u0: wrt.u0 ? slopes.slice(taken.p, taken.p + taken.u0).map((g, i) => g / scales.u0[i]) : undefined,
    t0: wrt.t0 ? slopes[taken.p + taken.u0] - appliedLoss(task).integrand(problem.tspan[0], u0) : undefined,
    t1: wrt.t1 ? t1 : undefined,
    stats: { forward: statistics },
    seconds: { solve: (performance.now() - started) / 1000, gradient: 0 },
  };
}

/** The loss, and what the solve for it took. */
interface Solved {
  readonly value: number;
  readonly t1: number;
  readonly solver: string;
  readonly statistics: Statistics;
  readonly sizes: ComponentSizes;
  readonly missed: readonly MissedEvent[];
}

/** The loss and its derivatives along any directions, by as many solves as chunks of directions are needed. */
function directionalDerivatives(
  task: GradientTask,
  directions: readonly Direction[],
  control: ErrorControl,
): Solved & { slopes: Float64Array } {
  const chunks = inChunks(directions);
  const system = dualSolver(task, Math.max(1, chunks[0].length), control);
  const loss = appliedLoss(task);
  const slopes = new Float64Array(directions.length);
  const statistics = emptyStatistics();
  let from = 0;
  const solved = chunks.map((chunk, c) => {
    const own = slopes.subarray(from, (from += chunk.length));
    const along = lossAlong(task, system, loss, chunk, own, forwardProgress(task, c, chunks.length));
    addStatistics(statistics, along.statistics);
    return along;
  });
  return { ...solved[0], slopes, statistics };
}

/** Integrates along at most k directions, and adds the derivative of the loss along each to `slopes`, which has one number for each. */
function lossAlong(
  task: GradientTask,
  dual: DualSolver,
  loss: AppliedLoss,
  directions: readonly Direction[],
  slopes: Float64Array,
  onProgress: ((progress: Progress) => void) | undefined,
): Solved {
  const { sizes, system, integral } = dual;
  const { n, np } = sizes;
  const { integrated, parameters } = dual.solve(task, directions, onProgress);
  const { savedStates, final, statistics } = integrated.trajectory;
  requireLossTimes(task, integrated.trajectory);
  requireLossAgreement(task, savedStates.data, system.n, final);
  noteSmallInLoss(task, loss, savedStates.data, system.n, final, integrated.trajectory.sizes);
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
  const t1 = task.wrt.t1 ? derivativeByEnd(task, integrated.trajectory, final.slice(0, n), phiBar, loss) : NaN;
  const { sizes: found, missed } = integrated.trajectory;
  return { value, t1, solver: integrated.solver, statistics, sizes: found.leading(n), missed };
}
