/** Gradients and pullbacks by the continuous adjoint methods: a forward solve, then backward solves over it. */
import { methodKey, type Method } from "../../../solvers/step/method.ts";
import { BadGradientOption } from "../../vjp/errors.ts";
import { lend } from "../../../src/core/pool.ts";
import { recent } from "../../../src/core/recent.ts";
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
  const { sum, statistics, memory, ...gradient } = solveBackward(variant, task, forward, loss);
  return {
    ...gradient,
    value: sum + forward.integral,
    solver: forward.solver,
    sizes: forward.trajectory.sizes,
    stats: { forward: forward.trajectory.statistics, backward: statistics, memory },
    seconds: { solve: (solved - started) / 1000, gradient: (performance.now() - solved) / 1000 },
  };
}

/** The forward solution is kept as the method keeps it, and each pullback is one backward solve. */
export function continuousPullback(variant: ContinuousAdjoint, task: GradientTask): SolveWithPullback {
  const n = task.u0.length;
  const forward = solveForward(task, variant.traits.memory);
  const { trajectory, solver } = forward;
  return { trajectory, solver, pullBack: (cotangents) => solveBackward(variant, task, forward, outsideLoss(n, cotangents)) };
}

function solveBackward(variant: ContinuousAdjoint, task: GradientTask, forward: Forward, loss: AppliedLoss): BackwardResult {
  const method = task.backward.solver ?? forward.method;
  if (method.family.implicit && !variant.traits.stiff) {
    throw new BadGradientOption(
      `adjoint: "${variant.name}" goes back by explicit solvers, and ${method.name} is implicit. Give one, ` +
        `backward: { solver: tsit5() }, or for a stiff problem take adjoint: "gauss".`,
    );
  }
  return lend(
    idleSolvers(variant, task, method),
    () => new BackwardSolver(variant, method, task),
    (solver) => solver.run(task, forward, loss),
  );
}

interface CachedSolvers {
  readonly key: string;
  readonly integral: unknown;
  readonly idle: BackwardSolver[];
}

/** By the content of the problem. */
const cache = new WeakMap<object, CachedSolvers[]>();

/** Compiled once for a problem, a method and an integrand; a gradient within a gradient gets a solver of its own. */
function idleSolvers(variant: ContinuousAdjoint, task: GradientTask, method: Method): BackwardSolver[] {
  const key = `${variant.name}:${methodKey(method)}:${task.backend.name}:${task.target}:${task.wrt.p}`;
  const { integral } = task.loss;
  const content = task.backend.capabilities.programs ? task.code.identityWithEvents : task.code;
  let entries = cache.get(content);
  if (!entries) cache.set(content, (entries = []));
  return recent(
    entries,
    (entry) => entry.key === key && entry.integral === integral,
    () => ({ key, integral, idle: [] }),
  ).idle;
}
