/** The methods that are chosen among where none is named, with the steps that each takes beside the others. */
import { dop853 } from "../methods/dop853.ts";
import { rock4 } from "../methods/rock4.ts";
import { rodas5P } from "../methods/rodas5p.ts";
import { tsit5 } from "../methods/tsit5.ts";
import type { Method } from "../step/method.ts";
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
