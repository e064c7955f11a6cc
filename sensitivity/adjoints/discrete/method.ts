/**
 * The discrete adjoint: the exact adjoint of the steps that the forward solve took, whose lengths are not differentiated. Losses within a
 * step are taken back through its dense output, so no step is cut at them. What the budget leaves no memory for is computed again from
 * checkpoints.
 */
import { AdjointFailed } from "../../../src/core/errors.ts";
import { MANY, memo } from "../../../src/core/memo.ts";
import { Pool } from "../../../src/core/pool.ts";
import { consistentDerivativesOf } from "../../../solvers/systems/consistent-derivatives.ts";
import { SolveAborted, SolveFailed } from "../../../solvers/solution/errors.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { kindOf, type Method } from "../../../solvers/step/method.ts";
import type { System } from "../../../solvers/step/system.ts";
import { pullBackOverEvent } from "../shared/event-derivatives.ts";
import { requireLossAgreement } from "../../losses/agreement.ts";
import { appliedLoss, type AppliedLoss, outsideLoss } from "../../losses/compiled.ts";
import { amplificationNote, amplifiedError, failedNote, tighterTolerance } from "./amplification.ts";
import { cotangentLoss } from "./cotangent-loss.ts";
import { discreteEstimate } from "./estimate.ts";
import { recordedSolve, type RecordedSolve } from "./guarded-solve.ts";
import { numberPool } from "./number-pool.ts";
import { ReverseSweep, type Cotangents } from "./reverse-sweep.ts";
import { derivativeByEnd, derivativeByStart } from "../shared/end-times.ts";
import type { AdjointMethod, SolveWithPullback } from "../shared/method.ts";
import { AdjointAborted } from "../../task/errors.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import { addSaltation } from "../shared/saltation.ts";
import { timeShiftOf, timeShiftWarning } from "../shared/time-shift.ts";
import { noteSmallInLoss } from "../shared/small-in-loss.ts";
import { addEffort, emptyStatistics } from "../../../solvers/step-loop/statistics.ts";

/** A row of the table of adjoint methods. */
export const discreteMethod: AdjointMethod = {
  name: "discrete",
  traits: {
    mode: "reverse",
    stiff: true,
    memory: "budget",
    controlsDerivatives: true,
    needsText: true,
    usesVjp: true,
    takesMass: true,
    integratesOverSteps: true,
  },
  estimate: discreteEstimate,
  gradient: discreteGradient,
  solveWithPullback: discretePullback,
};

/** Where errors of steps are far larger in derivatives than in states, it is computed once more by shorter steps. */
function discreteGradient(task: GradientTask): FlatGradient {
  const first = gradientOnce(task);
  if (first.error === 0) return first.found;
  const rtol = tighterTolerance(task.rtol, first.error);
  const again = unlessItFails(() => gradientOnce({ ...task, rtol }));
  if (again instanceof Error) {
    const { found, error } = first;
    return { ...found, warnings: [failedNote(rtol, error, again), ...(found.warnings ?? [])] };
  }
  const { stats, seconds, warnings = [] } = again.found;
  addEffort({ statistics: stats.forward }, { statistics: first.found.stats.forward });
  return {
    ...again.found,
    warnings: [amplificationNote(task.rtol, rtol, again.error), ...warnings],
    seconds: {
      solve: first.found.seconds.solve + seconds.solve,
      gradient: first.found.seconds.gradient + seconds.gradient,
    },
  };
}

/** Where the solve, or the way back, fails, that is returned; who wants it to stop is heard. */
function unlessItFails<T>(compute: () => T): T | SolveFailed | AdjointFailed {
  try {
    return compute();
  } catch (error) {
    if (error instanceof SolveAborted || error instanceof AdjointAborted) throw error;
    if (error instanceof SolveFailed || error instanceof AdjointFailed) return error;
    throw error;
  }
}

/** `error`: what errors of steps may make of it (see amplification.ts). */
function gradientOnce(task: GradientTask): { readonly found: FlatGradient; readonly error: number } {
  const started = performance.now();
  const forward = recordedSolve(task);
  const { trajectory, solver } = forward;
  const solved = performance.now();
  const { wrt } = task;
  requireLossAgreement(task, trajectory.savedStates.data, task.u0.length, trajectory.final);
  const loss = appliedLoss(task);
  noteSmallInLoss(task, loss, trajectory.savedStates.data, task.u0.length, trajectory.final, trajectory.sizes);
  const cotangents = emptyCotangents(task, forward);
  cotangents.value = loss.final(trajectory.final, cotangents.u, cotangents.p);
  const t1 = wrt.t1 ? derivativeByEnd(task, trajectory, trajectory.final, cotangents.u, loss) : undefined;
  const shift = timeShiftOf(task, trajectory, cotangents.u, loss);
  const phiBar = cotangents.u.slice();
  sweepBack(task, forward, loss, trajectory.savedStates.data, cotangents, true);
  const warning = shift && timeShiftWarning(task, cotangents.u, shift);
  const error = amplifiedError(task, forward, loss, phiBar, cotangents);
  for (const steps of forward.stretches.toReversed()) steps.release();
  for (const { savedStates } of new Set([forward.carried, trajectory])) numberPool.give(savedStates.data);
  const found = {
    value: cotangents.value,
    t1,
    solver,
    sizes: trajectory.sizes,
    missed: trajectory.missed,
    warnings: warning === undefined ? [] : [warning],
    stats: {
      forward: trajectory.statistics,
      backward: { ...emptyStatistics(), steps: trajectory.statistics.steps, rhsCalls: cotangents.rhsCalls },
      memory: cotangents.peak,
    },
    seconds: { solve: (solved - started) / 1000, gradient: (performance.now() - solved) / 1000 },
    ...derivatives(task, loss, cotangents),
  };
  return { found, error };
}

/** Records the steps once; each pullback is a reverse sweep over them. */
function discretePullback(task: GradientTask): SolveWithPullback {
  const forward = recordedSolve(task);
  const { trajectory, solver } = forward;
  const outside = { ...task, loss: { ...task.loss, sum: cotangentLoss(task.code) } };
  return {
    trajectory,
    solver,
    pullBack(given) {
      const loss = outsideLoss(task.u0.length, given);
      const cotangents = emptyCotangents(task, forward);
      sweepBack(outside, forward, loss, given, cotangents, false);
      return derivatives(task, loss, cotangents);
    },
  };
}

function emptyCotangents({ u0, p, loss }: GradientTask, { stretches }: RecordedSolve): Cotangents {
  const held = stretches.reduce((sum, steps) => sum + steps.size, 0);
  return {
    u: new Float64Array(u0.length),
    p: new Float64Array(p.length),
    value: 0,
    terms: 0,
    next: loss.times.length - 1,
    steps: 0,
    held,
    peak: held,
    rhsCalls: 0,
  };
}

/**
 * Takes the cotangents back over all steps. The steps serve again unless this sweep is the last. `states` is what the loss's sum is handed
 * at its times.
 */
function sweepBack(
  task: GradientTask,
  { trajectory, stretches }: RecordedSolve,
  loss: AppliedLoss,
  states: Float64Array,
  cotangents: Cotangents,
  isLast: boolean,
): void {
  const { u0, p, problem } = task;
  const jumps = [...trajectory.jumps];
  const consistent = consistentDerivativesOf(task.code, task.target);
  const takeJumps = (start: number): void => {
    while (jumps.at(-1)?.start === start) {
      const jump = jumps.pop()!;
      if (!jump.ends) consistent?.cotangent(cotangents.u, cotangents.p, jump.after.subarray(0, u0.length), p, start);
      if (jump.event !== undefined) pullBackOverEvent(task, jump, cotangents.u, cotangents.p, loss);
      else addSaltation(task, jump, jump.before, cotangents.u, cotangents.p);
    }
  };
  takeJumps(trajectory.result.t);
  for (const steps of stretches.toReversed()) {
    // A sweep empties the list that it is given, so that memory is free early.
    const checkpoints = isLast ? steps.checkpoints : steps.checkpoints?.slice();
    withReverseSweep(systemOf(task.code)!, steps.method, task, (sweep) =>
      sweep.over(steps, task, states, cotangents, checkpoints),
    );
    takeJumps(steps.times.data[0]);
  }
  for (; cotangents.next >= 0; cotangents.next--)
    cotangents.value += loss.summand(cotangents.next, u0, cotangents.u, cotangents.p);
  consistent?.cotangent(cotangents.u, cotangents.p, u0, p, problem.tspan[0]);
}

function derivatives(task: GradientTask, loss: AppliedLoss, { u, p }: Cotangents): Pick<FlatGradient, "p" | "u0" | "t0"> {
  const { wrt } = task;
  return {
    p: wrt.p ? p : undefined,
    u0: wrt.u0 ? u : undefined,
    t0: wrt.t0 ? derivativeByStart(task, u, loss) : undefined,
  };
}

/** Calls `use` with a sweep that is compiled once for a problem, a method and a loss; a gradient within a gradient gets its own. */
function withReverseSweep(system: System, method: Method, task: GradientTask, use: (sweep: ReverseSweep) => void): void {
  reverseSweeps(system, method, task).use(() => new ReverseSweep(system, method, task), use);
}

const reverseSweeps = memo((_system: System, _method: Method, _task: GradientTask) => new Pool<ReverseSweep>(), {
  by(system, method, { code, backend, target, wrt, loss }) {
    // A backend that gives no programs calls the function itself.
    const called = backend.capabilities.programs ? undefined : code;
    return [system, kindOf(method), backend, called, target, wrt.p, loss.sum, loss.integral, loss.final];
  },
  most: MANY,
});
