/** Gradients and pullbacks by the continuous adjoint methods: a forward solve, then backward solves over it. */
import { backwardMethod } from "./backward-method.ts";
import { kindOf, type Method } from "../../../solvers/step/method.ts";
import { BadGradientOption } from "../../vjp/errors.ts";
import { MANY, memo } from "../../../src/core/memo.ts";
import { Pool } from "../../../src/core/pool.ts";
import { requireLossAgreement } from "../../losses/agreement.ts";
import { appliedLoss, outsideLoss, type AppliedLoss } from "../../losses/compiled.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import type { SolveWithPullback } from "../shared/method.ts";
import { noteSmallInLoss } from "../shared/small-in-loss.ts";
import { BackwardSolver, type BackwardResult } from "./backward-solve.ts";
import { solveForward, type Forward } from "./forward-solve.ts";
import type { ContinuousAdjoint } from "./variant.ts";

/** The gradient of the task's loss. */
export function continuousGradient(variant: ContinuousAdjoint, task: GradientTask): FlatGradient {
  const started = performance.now();
  const loss = appliedLoss(task);
  const forward = solveForward(task, variant.traits.memory);
  const { savedStates, final } = forward.trajectory;
  requireLossAgreement(task, savedStates.data, task.u0.length, final);
  noteSmallInLoss(task, loss, savedStates.data, task.u0.length, final, forward.trajectory.sizes);
  const solved = performance.now();
  const { sum, statistics, memory, ...gradient } = solveBackward(variant, task, forward, loss, true);
  return {
    ...gradient,
    value: sum + forward.integral,
    solver: forward.solver,
    sizes: forward.trajectory.sizes,
    missed: forward.trajectory.missed,
    stats: { forward: forward.trajectory.statistics, backward: statistics, memory },
    seconds: { solve: (solved - started) / 1000, gradient: (performance.now() - solved) / 1000 },
  };
}

/** The forward solution is kept as the method keeps it, and each pullback is one backward solve. */
export function continuousPullback(variant: ContinuousAdjoint, task: GradientTask): SolveWithPullback {
  const n = task.u0.length;
  const forward = solveForward(task, variant.traits.memory);
  const { trajectory, solver } = forward;
  return {
    trajectory,
    solver,
    pullBack: (cotangents) => solveBackward(variant, task, forward, outsideLoss(n, cotangents), false),
  };
}

/** `isHeld`: to what follows from moving the start, which takes some right-hand sides. */
function solveBackward(
  variant: ContinuousAdjoint,
  task: GradientTask,
  forward: Forward,
  loss: AppliedLoss,
  isHeld: boolean,
): BackwardResult {
  const method = backwardMethod(task, forward.method);
  if (method.family.implicit && !variant.traits.stiff) {
    throw new BadGradientOption(
      `adjoint: "${variant.name}" goes back by explicit solvers, and ${method.name} is implicit. Give one, ` +
        `backward: { solver: tsit5() }, or for a stiff problem take adjoint: "gauss".`,
    );
  }
  return backwardSolvers(variant, task, method).use(
    () => new BackwardSolver(variant, method, task),
    (solver) => solver.run(task, forward, loss, isHeld),
  );
}

/** Compiled once for a problem, a method and an integrand; a gradient within a gradient gets a solver of its own. */
const backwardSolvers = memo((_variant: ContinuousAdjoint, _task: GradientTask, _method: Method) => new Pool<BackwardSolver>(), {
  by(variant, { code, backend, target, wrt, loss }, method) {
    const content = backend.capabilities.programs ? code.identityWithEvents : code;
    return [content, variant, kindOf(method), backend, target, wrt.p, loss.integral];
  },
  most: MANY,
});
