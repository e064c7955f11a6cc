/** Steady states. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { packFinite, unpack, type Shaped } from "../../src/arrays/pack.ts";
import { defaultTarget, type Target } from "../../src/compile/compile.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything, boolean, callable, count, oneOf, signal, tolerance } from "../../src/core/options/kinds.ts";
import { deadlineOf, maxTime, type Deadline, type TimeLimit } from "../../src/core/options/time-limit.ts";
import { holding, type OdeProblem } from "../../src/problem/problem.ts";
import { stateSizes } from "../../src/problem/sizes.ts";
import { redoing } from "../../src/read/misreading.ts";
import { COUNTERS } from "../step/verdict.ts";
import { emptyStatistics, type Statistics } from "../step-loop/statistics.ts";
import { absolute, absoluteTolerance, type AbsoluteTolerance } from "../step-loop/tolerances.ts";
import { agreementAlong } from "../systems/agreement.ts";
import { startOf } from "../systems/start.ts";
import { executionOf, type Execution } from "../systems/problem-system.ts";
import { requireAutonomous } from "./autonomous.ts";
import type { Complex } from "../linear/eigenvalues.ts";
import { searchFailure } from "./failure.ts";
import { MOST_DENSE } from "./finish.ts";
import { search, type Found, type SteadyProgress } from "./search.ts";

export type { Complex } from "../linear/eigenvalues.ts";
export type { SteadyProgress } from "./search.ts";

export interface SteadyStateOptions<U = unknown, P = unknown> extends TimeLimit {
  /** In place of the problem's. */
  readonly u0?: U | Shaped<U>;
  readonly p?: P | Shaped<P>;
  /** Relative accuracy of the steady state. Default 1e-10. The dynamics are followed to it with the tolerances that `solve` has. */
  readonly rtol?: number;
  /**
   * Below which a component counts as zero, in units of the state; one for all, a flat array with one each, or by name. Default: of each
   * component `rtol` times its initial size, or where that is zero the largest component's, and where all are, 1.
   */
  readonly atol?: AbsoluteTolerance<U>;
  /** Steps tried, at most. Default 10,000. */
  readonly maxSteps?: number;
  /** False returns the state that was reached, with `result` saying why it is none. Default true. */
  readonly throwOnFailure?: boolean;
  /** Called every few steps. */
  readonly onProgress?: (progress: SteadyProgress) => void;
  /** Looked at every few steps. */
  readonly signal?: AbortSignalLike;
  /** Default "wasm", where the engine has it. */
  readonly target?: Target;
}

export const DEFAULT_STEADY_TOLERANCE = 1e-10;
export const DEFAULT_STEADY_STEPS = 10_000;

const steadyChecks: Checks<SteadyStateOptions> = {
  u0: anything,
  p: anything,
  rtol: tolerance,
  atol: absolute,
  maxSteps: count,
  maxTime,
  throwOnFailure: boolean,
  onProgress: callable,
  signal,
  target: oneOf("wasm", "javascript"),
};

/** What the search took: steps that followed the dynamics, and what Newton's method took at their end. */
export interface SteadyStatistics extends Readonly<Statistics>, Omit<Execution, "warning"> {}

/** A steady state, and what is known of it. */
export interface SteadyState<U = unknown> {
  /** In the shape of u0. */
  readonly u: Shaped<U>;
  readonly flat: Float64Array;
  /** The largest of |f_i| there. */
  readonly residual: number;
  /** "success", or how the search failed. */
  readonly result: Found["kind"];
  /** The time, from the start of tspan on, that the dynamics were followed to before Newton's method took over. */
  readonly t: number;
  /**
   * Whether small changes of the state, which keep what is conserved, die out: the rightmost eigenvalue lies left of the imaginary axis.
   * Undefined where it lies on it as far as rounding tells, and of more than 300 states, whose eigenvalues are not computed; `warnings` say
   * so.
   */
  readonly stable: boolean | undefined;
  /** The rightmost eigenvalue of ∂f/∂u there, of a pair that above the real axis; zeros that conservation laws make are left out. */
  readonly eigenvalue: Complex | undefined;
  /** The conservation laws, found up to 300 states: orthonormal weights, n each, of sums of the state that the dynamics keep. */
  readonly conserved: readonly Float64Array[];
  readonly stats: SteadyStatistics;
  readonly warnings: readonly string[];
}

/**
 * Finds the steady state that a problem's dynamics reach from u0: f(u, p) = 0. They are followed with the steps and tolerances of a stiff
 * solve, however long it takes, until Newton's method finds a steady state so near that they must end there. So it is the one that belongs to
 * u0, where there are several, and what is conserved (the atoms of a closed network of reactions) is what it was at u0. tspan gives the unit
 * of time only.
 *
 * From where it rests at an unstable steady state, as on the border between two basins, that one is found, with a warning. A state that is
 * not isolated (which of many is reached depends on the way there) is as accurate as steps with `rtol`.
 *
 * @param problem - A problem whose right-hand side does not depend on t, without events or mass matrix; `options` may give other values of u0 and p.
 * @returns The state, its stability, and what is conserved.
 * @throws What `solve` throws.
 * @throws NotAutonomous for a right-hand side that depends on t, events, or a mass matrix.
 * @throws NoSteadyState where the dynamics oscillate, grow without bound, or do not come to rest in `maxSteps`.
 * @example
 * const { u, stable } = steadyState(toggleSwitch, { u0: { a: 2, b: 0.1 } });
 */
export function steadyState<U, P>(
  problem: OdeProblem<U, P>,
  options: SteadyStateOptions<NoInfer<U>, NoInfer<P>> = {},
): SteadyState<U> {
  return holding(problem, "steadyState", (held) => {
    checkOptions(options, steadyChecks, "steadyState");
    const deadline = deadlineOf(options);
    return redoing(held.code, () => findOnce(held, options, deadline));
  });
}

function findOnce<U, P>(
  problem: OdeProblem<U, P>,
  options: SteadyStateOptions<U, P>,
  deadline: Deadline | undefined,
): SteadyState<U> {
  const { code, layout, tspan } = problem;
  const { rtol = DEFAULT_STEADY_TOLERANCE, maxSteps = DEFAULT_STEADY_STEPS, throwOnFailure = true } = options;
  const { target = defaultTarget(), onProgress, signal } = options;
  const p = packFinite(layout.p, options.p === undefined ? problem.p : options.p, "p");
  const u0 = startOf(problem as OdeProblem, options.u0, p);
  const [t0, t1] = tspan;
  requireAutonomous(problem as OdeProblem, u0, p, t0, t1 - t0);
  const atol = options.atol === undefined ? steadyTolerance(u0, rtol) : absoluteTolerance<U>(options.atol, layout.u);
  const watch = agreementAlong(code, p, target, { u0, t0 });
  const found = search({ code, u0, p, tspan, rtol, atol, maxSteps, target, deadline, signal, onProgress, watch });
  const state = describe<U>(problem as OdeProblem, found);
  if (throwOnFailure && found.kind !== "success") throw searchFailure(code, p, u0, found, state);
  return state;
}

/** By default: of each component in proportion to its initial size, but not below what rounding makes of the largest. */
export function steadyTolerance(u0: Float64Array, rtol: number): Float64Array {
  const largest = u0.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  return stateSizes(u0).map((size) => Math.max(rtol * size, 1e-15 * largest));
}

function describe<U>({ code, layout }: OdeProblem, found: Found): SteadyState<U> {
  const { kind, u, slope, t, stability, laws } = found;
  const { compiled, reason } = executionOf(code);
  return {
    u: unpack<U>(layout.u, u),
    flat: u,
    residual: slope.reduce((max, f) => Math.max(max, Math.abs(f)), 0),
    result: kind,
    t,
    ...stability,
    conserved: laws,
    stats: { ...searchStatistics(found), compiled, ...(reason === undefined ? {} : { reason }) },
    warnings: steadyWarnings(code, found),
  };
}

/** What following the dynamics took, and what Newton's method took at their end. */
export function searchStatistics({ trajectory, equations }: Found): Statistics {
  const stats = { ...(trajectory?.statistics ?? emptyStatistics()) };
  for (const counter of COUNTERS) stats[counter] += equations.work[counter];
  return stats;
}

export function steadyWarnings(code: OdeProblem["code"], found: Found): string[] {
  const { u, kind, stability, isolated } = found;
  const { warning } = executionOf(code);
  const warnings = warning === undefined ? [] : [warning];
  if (kind !== "success") return warnings;
  const n = u.length;
  if (!isolated) {
    const moves = n > MOST_DENSE ? `, or, of more than ${MOST_DENSE} states, because something is conserved` : "";
    warnings.push(
      `The Jacobian is singular at the steady state${moves}: it is approached ever more slowly, or is one of many side by side. It is as ` +
        "accurate as the steps that led there, and has no derivative by the implicit function theorem.",
    );
  }
  if (n > MOST_DENSE) {
    warnings.push(
      `Eigenvalues are computed up to ${MOST_DENSE} states, of which there are ${n}: whether the steady state is stable is not known.`,
    );
  } else if (stability.stable === false) {
    warnings.push(
      "The steady state is unstable: the dynamics rest there as far as their tolerances tell, and lead elsewhere from next to u0.",
    );
  } else if (stability.stable === undefined && isolated) {
    warnings.push(
      "The rightmost eigenvalue lies on the imaginary axis, as far as rounding tells: stability is not decided by it.",
    );
  }
  return warnings;
}
