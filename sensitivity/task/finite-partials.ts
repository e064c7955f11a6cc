/** Partial derivatives that are not finite, found by interpreting a program instruction by instruction. */
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { diagnose, type Inputs } from "../../src/analysis/diagnosis.ts";
import { NotDifferentiable } from "../../src/core/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { GradientTask } from "./task.ts";

/**
 * Requires the right-hand side to be differentiable at the start, where it can be read.
 *
 * @throws {@link NotDifferentiable}, which names the operation.
 */
export function requireDifferentiableStart({ code, u0, p, problem }: GradientTask): void {
  if (!executionOf(code).compiled) return;
  const t = problem.tspan[0];
  requireFinitePartials(code.rhsProgram(), { u: u0, p, t }, `at the start, t = ${t}`);
}

/**
 * Requires all partial derivatives by u and p to be finite.
 *
 * @throws {@link NotDifferentiable}, which names the operation; `where` tells the time.
 */
export function requireFinitePartials(program: Program, inputs: Inputs, where: string, options?: ErrorOptions): void {
  const diagnostic = diagnose(program, inputs, ["u", "p"]).find(({ kind }) => kind === "derivative");
  if (diagnostic) throw new NotDifferentiable(diagnostic.place, diagnostic.what, where, options);
}
