/** Gradients of losses of the states at all their times, by what an adjoint method does with derivatives by saved states. */
import { lossOfAll } from "../../losses/of-all.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import type { AdjointMethod } from "./method.ts";

export function gradientOfAll({ solveWithPullback }: AdjointMethod, task: GradientTask): FlatGradient {
  const started = performance.now();
  const { trajectory, solver, pullBack } = solveWithPullback(task);
  const solved = performance.now();
  const { value, cotangents, byP } = lossOfAll(task, trajectory.savedStates.data, task.u0.length);
  const { p, u0, t0 } = pullBack(cotangents);
  return {
    value,
    p: p?.map((x, j) => x + byP[j]),
    u0,
    t0,
    t1: task.wrt.t1 ? 0 : undefined,
    sizes: trajectory.sizes,
    missed: trajectory.missed,
    solver,
    stats: { forward: trajectory.statistics },
    seconds: { solve: (solved - started) / 1000, gradient: (performance.now() - solved) / 1000 },
  };
}
