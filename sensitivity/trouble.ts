/** Why a gradient failed: the derivative that is not finite, found by going along the solution once more. */
import { AdjointAborted, AdjointFailed, NotDifferentiable } from "../src/errors.ts";
import { requireFiniteLoss } from "./finite-loss.ts";
import { findTroubles, type Inputs } from "../src/program/inspect/trouble.ts";
import type { Program } from "../src/program/ir.ts";
import { integrateWith } from "../solvers/auto.ts";
import { executionOf } from "../solvers/problem-system.ts";
import { lender, requestOf } from "./methods/forward-solve.ts";
import type { GradientTask } from "./methods/method.ts";

/** Runs; a failure whose cause is a derivative that is not finite is thrown as {@link NotDifferentiable}. */
export function explainingFailures<T>(task: GradientTask, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AdjointFailed && !(error instanceof AdjointAborted)) requireDifferentiable(task, error);
    throw error;
  }
}

/** Throws {@link NotDifferentiable} where the right-hand side is not differentiable at the start. */
export function requireDifferentiableStart({ code, u0, p, problem }: GradientTask): void {
  if (!executionOf(code).compiled) return;
  const t = problem.tspan[0];
  requireFinitePartials(code.rhsProgram(), { u: u0, p, t }, `at the start, t = ${t}`);
}

/** Goes over the ends of the steps and the times of the loss. */
function requireDifferentiable(task: GradientTask, cause: AdjointFailed): void {
  const { code, p, loss, problem } = task;
  if (!executionOf(code).compiled) return;
  const { trajectory } = integrateWith(lender(task), task.solver, { ...requestOf(task), saveat: "steps", dense: true });
  const { n, savedTimes, savedStates, dense, final } = trajectory;
  const check = (program: Program | undefined, u: Float64Array, t: number, i = 0): void => {
    if (program) requireFinitePartials(program, { u, p, t, i }, `at t = ${t}`, { cause });
  };
  savedTimes.forEach((t, s) => {
    const u = savedStates.data.subarray(s * n, (s + 1) * n);
    check(code.rhsProgram(), u, t);
    if (loss.integral) requireFiniteLoss(loss.integral.value, { u, p, t }, t);
    check(loss.integral?.value, u, t);
  });
  check(loss.final?.value, final, problem.tspan[1]);
  // A solve may fail before its first step.
  if (!loss.sum || !dense!.steps) return;
  loss.times.forEach((t, k) => {
    const u = new Float64Array(n);
    dense!.interpolate(t, u);
    check(loss.sum?.value, u, t, loss.indices[k]);
  });
}

function requireFinitePartials(program: Program, inputs: Inputs, where: string, options?: ErrorOptions): void {
  const trouble = findTroubles(program, inputs, ["u", "p"]).find(({ kind }) => kind === "derivative");
  if (trouble) throw new NotDifferentiable(trouble.place, trouble.what, where, options);
}
