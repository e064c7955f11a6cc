/**
 * Derivatives of solves that begin where the parameters say, u0 = g(p). What is differentiated has u0 and p by themselves; by p the whole is
 *
 *   dL/dp = ∂L/∂p + (∂g/∂p)ᵀ ∂L/∂u0,
 *
 * and along a change of p the initial state changes by ∂g/∂p times that.
 */
import { checkParameterAgreement } from "../../src/problem/agreement.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { Target } from "../../src/compile/compile.ts";
import { derivativesOf, vjpAlong } from "../../src/derive/program-derivatives.ts";
import { influencesOf, type Influencing } from "../../src/analysis/structure.ts";
import type { Operator } from "../../src/problem/operator.ts";
import { programOf } from "./events.ts";
import type { UnplannedTask } from "./task.ts";

type Started = Pick<UnplannedTask, "start" | "target" | "p">;

/** Compares what was read of the function with it. Throws ReadError where it can be neither read nor traced, and MisreadFunction. */
export function checkStart(start: Operator, p: Float64Array, target: Target): void {
  programOf(start);
  if (start.isReadable) checkParameterAgreement(start, p, target, "initial value");
}

/** (∂g/∂p)ᵀ λ; undefined where the initial state is given. */
export function throughStart({ start, target, p }: Started, lambda: Float64Array): Float64Array | undefined {
  if (!start) return undefined;
  // Arrays: p, u_bar and p_bar.
  return compiledAlone(derivativesOf(programOf(start)).vjp(["p"]), target)
    .run([p, lambda], [])
    .arrays[2].slice();
}

/** (∂g/∂p) q likewise. */
export function changeOfStart({ start, target, p }: Started, change: Float64Array): Float64Array | undefined {
  if (!start) return undefined;
  // Arrays: u, p, p_dot and u_dot.
  return compiledAlone(derivativesOf(programOf(start)).jvp(["p"]), target)
    .run([undefined, p, change], [])
    .arrays[3].slice();
}

/** The derivative of (∂g/∂p)ᵀ λ along a change of p, λ held, whose first numbers are by the initial state. */
export function curvatureOfStart(
  { start, target, p }: Started,
  lambda: Float64Array,
  change: Float64Array,
): Float64Array | undefined {
  if (!start) return undefined;
  const vjp = derivativesOf(programOf(start)).vjp(["p"]);
  // Arrays: p, u_bar, p_bar, p_dot and p_bar_dot.
  return compiledAlone(vjpAlong(vjp, ["p"]), target)
    .run([p, lambda.subarray(0, start.output.layout.size), undefined, change], [])
    .arrays[4].slice();
}

/** What reaches something through the initial state, too. */
export function reachThroughStart({ start }: Pick<UnplannedTask, "start">, { u, p }: Influencing): Influencing {
  return start ? { u, p: new Set([...p, ...influencesOf(programOf(start), u)]) } : { u, p };
}
