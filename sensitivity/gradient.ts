/** Gradients of losses through the solve. */
import { ownLayout } from "../src/arrays/layout.ts";
import { startTally, type Spent } from "../src/compile/tally.ts";
import { redoing } from "../src/read/misreading.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, boolean, oneOf } from "../src/core/options/kinds.ts";
import { deadlineOf, type Deadline } from "../src/core/options/time-limit.ts";
import { backwardWarnings } from "./adjoints/continuous/backward-method.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { eventWarnings } from "../solvers/events/events.ts";
import type { Statistics } from "../solvers/step-loop/statistics.ts";
import { checkVjp, type CheckReport } from "./task/vjp-agreement.ts";
import { checkThroughSolve, requireCheckable } from "./check/through-solve.ts";
import { planOf, type Planned } from "./planner/planner.ts";
import { dependsOnValues, failedGradient, type FailedGradient } from "./failed-gradient.ts";
import { DerivativeNotFinite } from "./task/errors.ts";
import { statedGradient } from "./task/changed-parameters.ts";
import { requireFiniteGradient } from "./task/finite-gradient.ts";
import { checkByDifferences } from "./check/by-differences.ts";
import { gradientOfAll } from "./adjoints/shared/all-times.ts";
import { solveForward } from "./adjoints/continuous/forward-solve.ts";
import { velocity } from "./adjoints/shared/end-times.ts";
import { gapAt } from "../solvers/step-loop/stops.ts";
import { derivativesByTimes } from "./losses/by-times.ts";
import { steadyGradient } from "./steady-gradient.ts";
import { withLoss } from "./losses/loss.ts";
import { unreadWarnings } from "./diagnosis/unread.ts";
import type { FlatGradient, GradientTask, UnplannedTask } from "./task/task.ts";
import type { Plan } from "./planner/plan.ts";
import type { AnyAdjointName } from "./adjoints/index.ts";
import type { VjpName } from "./vjp/backends/index.ts";
import type { AdjointMethod } from "./adjoints/shared/method.ts";
import type { VjpBackend } from "./vjp/backend.ts";
import { shapedGradient, type FlatParts, type ShapedGradient, type Wrt } from "./task/shaped-gradient.ts";
import { belowTolerance } from "../solvers/step-loop/tolerances.ts";
import { structuralZeros } from "./diagnosis/structural-zeros.ts";
import { explainingFailures } from "./diagnosis/failure.ts";
import { followingSwitches, switchesInState } from "./switching/switches.ts";
import { requireWithinReach, switchingOf, type Switching } from "./switching/reported.ts";
import { atMostTwice } from "./task/second-try.ts";
import { derivativeChecks, nameOrValue, withSpan, taskOf, wrtOf, type DerivativeOptions } from "./task/options.ts";

/** What `gradient` takes. */
export interface GradientOptions<U = unknown, P = unknown, C = unknown, W extends Wrt = Wrt> extends DerivativeOptions<U, P, W> {
  /** What is differentiated: a sum over times `{ at, of }`, an `{ integral }`, a `{ final }` value, or several of these; or states at several times together, `{ at, all }`, or a `{ steady }` state. */
  readonly loss: Loss<U, P, C>;
  /** The adjoint method: its name, or a value of `odegrad/core`, such as `discreteAdjoint`. By default it is the cheapest by an estimate; the plan says why. */
  readonly adjoint?: AnyAdjointName | AdjointMethod;
  /** The vjp backend likewise, such as `sourceVjp`. By default it is the cheapest exact one, "source" for a function that can be read. */
  readonly vjp?: VjpName | VjpBackend;
  /**
   * True also compares the gradient, along one random direction, with dual numbers through the whole solve. The right-hand side must
   * be one that can be read, or traced. False by default.
   */
  readonly check?: boolean;
}

export const gradientChecks: Checks<GradientOptions> = {
  ...derivativeChecks,
  loss: anything,
  adjoint: nameOrValue("gradient"),
  vjp: nameOrValue("prepare"),
  check: boolean,
};

/** `gradient` alone takes `onFailure`. */
const checks = { ...gradientChecks, onFailure: oneOf("throw", "infinity") };

/** A gradient, with the plan by which it was computed and what is to be known of it. */
export interface Gradient<U = unknown, P = unknown, W extends Wrt = Wrt> extends Switching {
  /** The loss. */
  readonly value: number;
  /** Absent: a gradient that failed is a {@link FailedGradient}. */
  readonly failure?: undefined;
  /**
   * The derivatives by what `wrt` names, in the shapes of p and u0. Those by the ends of tspan, t0 and t1, hold the times of events
   * and of the loss fixed; at an end that is one of those times they are those of a span made longer. They are taken from the
   * differential equation at the ends of what was solved, so they are right within the tolerances, also by methods that are exact for
   * the steps taken.
   */
  readonly gradient: ShapedGradient<U, P, W>;
  /** The derivatives by p and u0 in flat order. */
  readonly flat: FlatParts<W>;
  /** How it was computed, and why so. */
  readonly plan: Plan;
  /** The names of components that cannot influence the loss, whatever the values, such as "p.unused". Their derivatives are zero. */
  readonly structuralZeros: readonly string[];
  /**
   * What the solves took. `memory` is the largest number of bytes kept of the forward solution at a time, by methods that solve
   * backward over it. `compilations` is the number of modules compiled for it: 0 where everything was at hand, from this problem or
   * another of the same content.
   */
  readonly stats: {
    readonly forward: Statistics;
    readonly backward?: Statistics;
    readonly memory?: number;
    readonly compilations: number;
  };
  /** The seconds that preparing, the forward solve and the backward solve took. */
  readonly seconds: { readonly prepare: number; readonly solve: number; readonly gradient: number };
  /** What the check of the derivatives found. */
  readonly check: CheckReport;
}

/**
 * Computes the gradient of a loss with respect to parameters, initial state, and the ends of the time span.
 *
 * @param problem - The problem; `options` may give other values of u0, p and tspan.
 * @param options - The loss, what it is differentiated by, and how the problem is solved.
 * @returns The value of the loss and its derivatives, with the plan by which they were computed.
 * @throws What `solve` throws.
 * @throws UnknownOption and BadOption for keys and values of the options.
 * @throws ReadError where a function can be neither read nor traced.
 * @throws BadLoss for a loss that makes no sense, and BadGradientOption for an unknown method, backend or name in `wrt`.
 * @throws MethodRefused and BackendRefused where the method or backend that was asked for cannot take the problem.
 * @throws GradientCheckFailed where derivatives disagree.
 * @throws AdjointFailed where the backward solve did not reach the start, and NotDifferentiable where a derivative that is not
 * finite is the cause.
 * @throws SolveAborted or AdjointAborted once the signal is aborted (the latter also before anything is begun).
 * @throws OutOfTime or AdjointOutOfTime once maxTime is over.
 * @throws NoInfluence where nothing of p, or of u0, can influence the loss.
 * @example
 * const { value, gradient: by } = gradient(lotkaVolterra, {
 *   loss: { at: times, of: (u, p, t, i, { data }) => (u.prey - data[i]) ** 2, constants: { data } },
 *   wrt: ["p", "u0"],
 * });
 * by.p.a;
 */
export function gradient<U, P, C, L = unknown, const W extends Wrt = "p">(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L, W> & { readonly onFailure?: "throw" },
): Gradient<U, P, W>;
/** With `onFailure: "infinity"`, for optimisers, a failure that other parameters may not have comes back as a {@link FailedGradient}. */
export function gradient<U, P, C, L = unknown, const W extends Wrt = "p">(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L, W> & { readonly onFailure: "throw" | "infinity" },
): Gradient<U, P, W> | FailedGradient<U, P, W>;
export function gradient<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L> & { readonly onFailure?: "throw" | "infinity" },
): Gradient<U, P> | FailedGradient<U, P> {
  return holding(problem, "gradient", (held) => {
    checkOptions(options, checks, "gradient");
    const spent = startTally();
    const deadline = deadlineOf(options);
    const compute = (): Gradient<U, P> =>
      atMostTwice(held as OdeProblem, options as GradientOptions, (given, notes) =>
        withNotes(
          redoing(held.code, () => gradientOrThrow(held, given as typeof options, spent, deadline)),
          notes,
        ),
      );
    if (options.onFailure !== "infinity") return compute();
    try {
      return compute();
    } catch (error) {
      if (!dependsOnValues(error)) throw error;
      return failedGradient(problem, wrtOf(options.wrt), error, options.loss.at?.length);
    }
  });
}

function withNotes<U, P>(one: Gradient<U, P>, notes: readonly string[]): Gradient<U, P> {
  return notes.length === 0 ? one : { ...one, warnings: [...notes, ...one.warnings] };
}

function uncontrolledWarning(adjoint: string): string {
  return (
    `The steps of adjoint "${adjoint}" are controlled for the state alone: where it rests, or is smoother than its derivatives, these ` +
    'may be wrong. Take "dual" for derivatives under error control, or leave the choice to the library.'
  );
}

/** Computes the gradient over the span asked for, with the data of the loss in place. */
function gradientOrThrow<U, P, C, L>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<U, P, L>,
  spent: () => Spent,
  deadline: Deadline | undefined,
): Gradient<U, P> {
  const spanned = withSpan(problem as OdeProblem, options);
  return withLoss(options.loss as Loss, spanned, (loss) =>
    loss.steady
      ? steadyGradient<U, P>(spanned, options as GradientOptions, loss, spent, deadline)
      : gradientOf(problem, options, taskOf(spanned, options, loss, deadline), spent),
  );
}

function gradientOf<U, P, C, L>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<U, P, L>,
  unplanned: UnplannedTask,
  spent: () => Spent,
): Gradient<U, P> {
  if (options.check) requireCheckable(unplanned);
  const planned = planOf(unplanned, options);
  try {
    return carriedOut(problem, options, unplanned, planned, spent);
  } catch (error) {
    if (options.adjoint !== undefined || !(error instanceof DerivativeNotFinite)) throw error;
    // A method may need more derivatives than there are; the gradient is a number all the same.
    const tried = { adjoint: planned.method.name, because: error.what };
    return carriedOut(problem, options, unplanned, planOf(unplanned, { vjp: options.vjp, tried }), spent);
  }
}

/** By the times of the loss, from the states of a forward solve. */
function byTimes(task: GradientTask): Float64Array {
  const { savedStates } = solveForward({ ...task, loss: { ...task.loss, integral: undefined } }, "none").trajectory;
  const [t0, t1] = task.problem.tspan;
  // On the side before a switch.
  const of = (u: Float64Array, t: number): Float64Array =>
    velocity(task, u, t === t0 ? t : t - Math.sign(t1 - t0) * gapAt(t, t0, t1));
  return derivativesByTimes(task, savedStates.data, task.u0.length, of);
}

function carriedOut<U, P, C, L>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<U, P, L>,
  unplanned: UnplannedTask,
  { backend, method, plan }: Planned,
  spent: () => Spent,
): Gradient<U, P> {
  // Spread last: adding to what was spread takes microseconds.
  const given: GradientTask = { backend, ...unplanned };
  const check = checkVjp(given);
  const inState = switchesInState(given);
  if (method.traits.usesVjp) requireWithinReach(given, inState);
  const task = followingSwitches(given, inState);
  const compute = (): FlatGradient => (task.loss.all ? gradientOfAll(method, task) : method.gradient(task));
  const solved = explainingFailures(task, () => requireFiniteGradient(task, compute()));
  const at = task.asked.includes("at") ? byTimes(task) : undefined;
  const flat = requireFiniteGradient(task, { ...statedGradient(task, solved), at });
  const zeros = structuralZeros(task, flat);
  const { switches, warnings: ofSwitches } = switchingOf(task, inState);
  const small = belowTolerance(flat.sizes, task.atol, task.problem.layout.u);
  const uncontrolled = [
    ...(method.traits.controlsDerivatives ? [] : [uncontrolledWarning(method.name)]),
    ...(method.traits.solvesBackward ? backwardWarnings(task) : []),
  ];
  const warnings = [
    ...unreadWarnings(task),
    ...eventWarnings(task.code, flat.missed),
    ...uncontrolled,
    ...ofSwitches,
    ...small,
    ...(flat.warnings ?? []),
  ];
  const checked = task.loss.all ? checkByDifferences : checkThroughSolve;
  const report = options.check ? checked(task, solved) : check;
  const { seconds, compilations } = spent();
  const { solve, gradient } = flat.seconds;
  return {
    value: flat.value,
    gradient: shapedGradient<U, P>(problem.layout, flat),
    flat: { p: flat.p, u0: flat.u0?.subarray(0, ownLayout(problem.layout.u).size) },
    plan: plan.ranWith(flat.solver, zeros, switches, warnings),
    structuralZeros: zeros,
    switches,
    warnings,
    stats: { compilations, ...flat.stats },
    seconds: { prepare: seconds - solve - gradient, solve, gradient },
    check: report,
  };
}
