/**
 * What the choice of a method rests on: how many steps each takes beside the others, and what these cost. All of it is counted, none is
 * timed, so that a problem is solved by the same methods in every run and on every machine.
 */
import { costOf } from "../../src/analysis/cost.ts";
import { memo } from "../../src/core/memo.ts";
import { isProgram, type External, type Program } from "../../src/ir/ir.ts";
import { linearSolverFor } from "../linear/linear-solver.ts";
import { dop853 } from "../methods/dop853.ts";
import { rock4 } from "../methods/rock4.ts";
import { rodas5P } from "../methods/rodas5p.ts";
import { tsit5 } from "../methods/tsit5.ts";
import type { Method } from "../step/method.ts";
import type { System } from "../step/system.ts";
import type { Counter } from "../step/verdict.ts";

/** What a method is chosen for. */
export type Role = "explicit" | "stabilized" | "implicit";

interface Candidate {
  readonly method: () => Method;
  /** Steps where accuracy alone limits them, at rtol = 1e-6, beside those of tsit5; and the power of 1/rtol that they grow with. */
  readonly steps: number;
  readonly growth: number;
  /** What one of them takes, of an implicit or explicit method; that of a stabilised one goes by the number of its stages. */
  readonly work: Partial<Record<Counter, number>>;
}

/**
 * Steps: means over Lotka–Volterra, Lorenz, Pleiades, the rigid body, the oscillator of Van der Pol with μ = 1, a logistic growth and the
 * Brusselator of one cell, from rtol = 1e-3 to 1e-9, where the ratios differ by less than a third.
 *
 * fbdf is none of them. To errors within a factor of two of the same it takes 4.2 to 5.4 times the steps of rodas5P at rtol = 1e-3, and 2.5 to 3.5 times at
 * 1e-7 (the Brusselator in the plane and on a line, the Kuramoto–Sivashinsky equation, a network of 500 species), with half of the factorizations in
 * all: where these are all that counts, rock4 takes less still than either, up to rates of 1e6. By GMRES without a preconditioner it was never the fastest
 * there either, and does not converge where rates are spread over many decades.
 */
export const candidates = {
  tsit5: { method: tsit5, steps: 1, growth: 0.15, work: { rhsCalls: 6 } },
  dop853: { method: dop853, steps: 0.5, growth: 0.1, work: { rhsCalls: 12 } },
  rock4: { method: rock4, steps: 2.2, growth: 0.2, work: { jacobians: 1 / 25 } },
  rodas5P: {
    method: rodas5P,
    steps: 1.3,
    growth: 0.16,
    work: { rhsCalls: 7, jacobians: 1, factorizations: 1, linearSolves: 8 },
  },
} as const satisfies Record<string, Candidate>;

/**
 * At tolerances below this one the explicit method is dop853: at the same error it takes 0.5 to 1.1 of the time of tsit5 at 1e-4, 0.85 on
 * average, and 0.45 to 0.8 from 1e-6 on; where each step makes dense output 0.95 on average at 1e-4, and 0.65 to 0.95 from 1e-6 on. Measured on those
 * problems and Arenstorf's orbit, where dop853 at the same tolerance errs by a tenth.
 */
export const TIGHT = 1e-3;
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

/** The methods of the roles at a relative tolerance; the explicit one is of high order below another one. */
export function candidatesAt(rtol: number, tight = TIGHT) {
  const explicit: Candidate = rtol < tight ? candidates.dop853 : candidates.tsit5;
  return { explicit, stabilized: candidates.rock4, implicit: candidates.rodas5P } as const satisfies Record<Role, Candidate>;
}

/** The length of a method's steps where accuracy alone limits them, in those of tsit5 at rtol = 1e-6. */
export function lengthOf({ steps, growth }: Candidate, rtol: number): number {
  return (rtol / 1e-6) ** growth / steps;
}

export type Candidates = ReturnType<typeof candidatesAt>;

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

/** Nanoseconds of a factorization and of a solve, from the operations of the elimination of this pattern. */
const costOfSolver = memo(({ jacobian }: System): { factorization: number; solve: number } => {
  if (!jacobian) return { factorization: Infinity, solve: Infinity };
  const { factor, solve } = linearSolverFor(jacobian.pattern, jacobian.blocks, jacobian.mass).costs;
  return { factorization: factor, solve };
});

/** Right-hand sides that a directional derivative takes; nanoseconds of a component to make a direction orthogonal to a few others. */
const PRODUCT = 2.5;
const ORTHOGONAL = 5;

/** Nanoseconds of a step that does this work; what it does not do is not looked at. */
export function costOfWork(system: System, work: Partial<Record<Counter, number>>): number {
  const { rhsCalls = 0, jacobians = 0, factorizations = 0, linearSolves = 0, linearIterations = 0 } = work;
  let cost = rhsCalls * costOfCalls(system);
  if (jacobians > 0) cost += jacobians * costOfJacobian(system);
  // What is solved by iterations has no factors.
  if (linearIterations > 0) cost += linearIterations * (PRODUCT * costOfCalls(system) + ORTHOGONAL * system.n);
  else if (factorizations + linearSolves > 0) {
    const { factorization, solve } = costOfSolver(system);
    cost += factorizations * factorization + linearSolves * (solve + VECTORS * system.n);
  }
  return cost;
}
