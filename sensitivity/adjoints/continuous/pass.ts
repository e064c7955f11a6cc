/** Forward passes of the continuous adjoint methods: each pullback is one solve of the adjoint equations. */
import { outsideLoss } from "../../losses/compiled.ts";
import type { GradientTask } from "../../task/task.ts";
import type { ForwardPass } from "../shared/method.ts";
import { goBack } from "./backward-solve.ts";
import { solveForward } from "./forward-solve.ts";
import type { ContinuousAdjoint } from "./variant.ts";

/** The forward solution is kept as the method keeps it; each pullback is one solve of the adjoint equations. */
export function continuousPass(variant: ContinuousAdjoint, task: GradientTask): ForwardPass {
  const n = task.u0.length;
  const forward = solveForward(task, variant.traits.memory);
  const { trajectory, solver } = forward;
  return { trajectory, solver, pullBack: (cotangents) => goBack(variant, task, forward, outsideLoss(n, cotangents)) };
}
