/**
 * What the choice of a method rests on: how many steps each takes beside the others, and what these cost. All of it is counted, none is
 * timed, so that a problem is solved by the same methods in every run and on every machine.
 */
import { costOf } from "../../src/analysis/cost.ts";
import { memo } from "../../src/core/memo.ts";
import { isProgram, type External, type Program } from "../../src/ir/ir.ts";
import type { Method } from "../step/method.ts";
import type { System } from "../step/system.ts";
import type { Counter } from "../step/verdict.ts";

/**
 * The same of a solve that is differentiated: at 1e-6 the gradient of Lotka–Volterra takes as long by either method, but the programs of twelve
 * stages and their adjoints take half as long again to make, so that the first one comes later.
 */
const TIGHT_DIFFERENTIATED = 1e-6;

/**
 * The relative tolerance below which the explicit method of a solve that is differentiated is of high order. With the integral of a loss, which
 * may jump within steps, it never is: across a jump the error estimates of high orders are the less reliable.
 */
export function highOrderBelow(hasIntegral: boolean): number {
  return hasIntegral ? 0 : TIGHT_DIFFERENTIATED;
}

/** Nanoseconds to read and write the vectors of a stage, of a component; and of a call of a plain function, once and of each number. */
const VECTORS = 1;
const PLAIN = { call: 100, number: 20 };
/**
 * Nanoseconds to make a method ready: its programs, the order of elimination and the colours of the Jacobian, of a component. A hundredth of
 * what it takes: mostly a problem is solved again and again, and it is made ready once.
 */
export const PREPARATION = { method: 5e4, perState: 50 };

/** Nanoseconds of a right-hand side with what a stage does with it. */
export function costOfCalls({ rhs, n, np }: System): number {
  return costOfFunction(rhs, n, np) + VECTORS * n;
}

/** Nanoseconds of a right-hand side. */
export function costOfFunction(callee: Program | External, n: number, np: number): number {
  return isProgram(callee) ? costOf(callee) : PLAIN.call + PLAIN.number * (2 * n + np);
}

/** Nanoseconds of a Jacobian. */
export const costOfJacobian = memo(({ jacobian, rhs, n, np }: System): number => {
  if (!jacobian) return Infinity;
  // A Jacobian of the host is made of differences.
  return isProgram(jacobian.values) ? costOf(jacobian.values) : (n + 1) * costOfFunction(rhs, n, np);
});

/** Right-hand sides that a directional derivative takes; nanoseconds of a component to make a direction orthogonal to a few others. */
const PRODUCT = 2.5;
const ORTHOGONAL = 5;

/** Nanoseconds of a method's step that does this work; what it does not do is not looked at. */
export function costOfWork(system: System, { family }: Method, work: Partial<Record<Counter, number>>): number {
  const { rhsCalls = 0, jacobians = 0, factorizations = 0, linearSolves = 0, linearIterations = 0 } = work;
  let cost = rhsCalls * costOfCalls(system);
  if (jacobians > 0) cost += jacobians * costOfJacobian(system);
  // What is solved by iterations has no factors.
  if (linearIterations > 0) cost += linearIterations * (PRODUCT * costOfCalls(system) + ORTHOGONAL * system.n);
  else if (factorizations + linearSolves > 0) {
    const { jacobian } = system;
    if (!jacobian || !family.linearSystems) return Infinity;
    const { factor, solve } = family.linearSystems.costsOf(jacobian);
    cost += factorizations * factor + linearSolves * (solve + VECTORS * system.n);
  }
  return cost;
}
