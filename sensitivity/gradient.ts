/** Gradients of losses through the solve. */
import { componentNames } from "../src/arrays/layout.ts";
import { startTally, type Spent } from "../src/compile/tally.ts";
import { redoing } from "../src/read/misreading.ts";
import { jupyterDisplay, type MimeBundle } from "../src/core/notebook.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, boolean, oneOf, text } from "../src/core/options/kinds.ts";
import { deadlineOf, type Deadline } from "../src/core/options/time-limit.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { idleEvents } from "../solvers/events/events.ts";
import type { Statistics } from "../solvers/step-loop/statistics.ts";
import { checkVjp, type CheckReport } from "./task/vjp-agreement.ts";
import { checkThroughSolve, requireCheckable } from "./check/through-solve.ts";
import { planOf } from "./planner/planner.ts";
import { failedGradient, mayPass, type FailedGradient } from "./failed-gradient.ts";
import { requireFiniteGradient } from "./task/finite-gradient.ts";
import { withLoss } from "./losses/loss.ts";
import { unreadWarnings } from "./diagnosis/unread.ts";
import type { GradientTask, UnplannedTask } from "./task/task.ts";
import type { Plan } from "./planner/plan.ts";
import { shapedGradient, type ShapedGradient } from "./task/shaped-gradient.ts";
import { belowTolerance } from "../solvers/step-loop/tolerances.ts";
import { structuralZeros } from "./diagnosis/structural-zeros.ts";
import { explainingFailures } from "./diagnosis/failure.ts";
import { withJumps } from "./switching/integrand-jumps.ts";
import { switchesInState, switchingOf, type Switching } from "./switching/switches.ts";
import { derivativeChecks, over, taskOf, wrtOf, type DerivativeOptions } from "./task/options.ts";

export interface GradientOptions<U = unknown, P = unknown, C = unknown> extends DerivativeOptions<U, P> {
  /** What is differentiated: a sum over times `{ at, of }`, an `{ integral }`, a `{ final }` value, or several of these. */
  readonly loss: Loss<U, P, C>;
  /** The adjoint method by name. Default: the cheapest by an estimate; the plan says why. */
  readonly adjoint?: string;
  /** The vjp backend. Default: the cheapest exact one, "source" for a function that can be read. */
  readonly vjp?: string;
  /** True also compares the gradient, along one random direction, with dual numbers through the whole solve. Of functions that were read. */
  readonly check?: boolean;
}

export const gradientChecks: Checks<GradientOptions> = {
  ...derivativeChecks,
  loss: anything,
  adjoint: text,
  vjp: text,
  check: boolean,
};

/** Of `gradient` alone. */
const checks = { ...gradientChecks, onFailure: oneOf("throw", "infinity") };

export interface Gradient<U = unknown, P = unknown> extends Switching {
  /** The loss. */
  readonly value: number;
  /** See {@link FailedGradient}. */
  readonly failure?: undefined;
  /**
   * In the shapes of p and u0; only what `wrt` names. By the ends of tspan, t0 and t1, with the times of events and of the loss
   * held fixed; at an end that is one of those times, that of a span made longer. They are taken from the differential equation at
   * the ends of what was solved, so they are right within the tolerances, also by methods that are exact for the steps taken.
   */
  readonly gradient: ShapedGradient<U, P>;
  readonly flat: { readonly p?: Float64Array; readonly u0?: Float64Array };
  readonly plan: Plan;
  /** Names of the components that cannot influence the loss, whatever the values: "p.unused". Their derivatives are zero. */
  readonly structuralZeros: readonly string[];
  /**
   * `memory`: bytes kept of the forward solution, at most at a time; of methods that go back over it. `compilations`: modules
   * compiled for it, 0 where everything was at hand, from this problem or another of the same content.
   */
  readonly stats: {
    readonly forward: Statistics;
    readonly backward?: Statistics;
    readonly memory?: number;
    readonly compilations: number;
  };
  readonly seconds: { readonly prepare: number; readonly solve: number; readonly gradient: number };
  readonly check: CheckReport;
  /** In a notebook a gradient shows its picture: fields by fields, others as bars. */
  readonly [jupyterDisplay]: () => Promise<MimeBundle>;
}

/**
 * The gradient of a loss with respect to parameters and initial state.
 *
 * Throws what `solve` throws; UnknownOption and BadOption for keys and values of the options; ReadError where a function cannot be read (every loss must be, and a right-hand side unless a
 * backend that only calls it is asked for); BadLoss; BadGradientOption; MethodRefused and BackendRefused for what was asked for
 * and cannot be; GradientCheckFailed where derivatives disagree; AdjointFailed where the way back did not reach the start;
 * SolveAborted or AdjointAborted once the signal is aborted (before anything is begun the latter); OutOfTime or AdjointOutOfTime once maxTime is over; NotDifferentiable where a derivative on the way is not finite;
 * NoInfluence where nothing of p, or of u0, can influence the loss.
 */
export function gradient<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L> & { readonly onFailure?: "throw" },
): Gradient<U, P>;
/** As above, for optimisers: failures that other parameters may not have come back as a {@link FailedGradient}. */
export function gradient<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L> & { readonly onFailure: "throw" | "infinity" },
): Gradient<U, P> | FailedGradient<U, P>;
export function gradient<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L> & { readonly onFailure?: "throw" | "infinity" },
): Gradient<U, P> | FailedGradient<U, P> {
  return holding(problem, "gradient", (held) => {
    checkOptions(options, checks, "gradient");
    const spent = startTally();
    const deadline = deadlineOf(options);
    const compute = (): Gradient<U, P> => redoing(() => gradientOrThrow(held, options, spent, deadline));
    if (options.onFailure !== "infinity") return compute();
    try {
      return compute();
    } catch (error) {
      if (!mayPass(error)) throw error;
      return failedGradient(problem, wrtOf(options.wrt), error);
    }
  });
}

function uncontrolledWarning(adjoint: string): string {
  return (
    `The steps of adjoint "${adjoint}" are controlled for the state alone: where it rests, or is smoother than its derivatives, these ` +
    'may be wrong. Take "dual" for derivatives under error control, or leave the choice to the library.'
  );
}

function gradientOrThrow<U, P, C, L>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<U, P, L>,
  spent: () => Spent,
  deadline: Deadline | undefined,
): Gradient<U, P> {
  const spanned = over(problem as OdeProblem, options);
  return withLoss(options.loss as Loss, spanned, (loss) =>
    gradientOf(problem, options, taskOf(spanned, options, loss, deadline), spent),
  );
}

function gradientOf<U, P, C, L>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<U, P, L>,
  unplanned: UnplannedTask,
  spent: () => Spent,
): Gradient<U, P> {
  if (options.check) requireCheckable(unplanned);
  const { backend, method, plan } = planOf(unplanned, options);
  // Spread last: adding to what was spread takes microseconds.
  const task: GradientTask = { backend, ...unplanned };
  const check = checkVjp(task);
  const smooth = explainingFailures(task, () => requireFiniteGradient(task, method.gradient(task)));
  const inState = switchesInState(task);
  const flat = explainingFailures(task, () => requireFiniteGradient(task, withJumps(task, method, smooth, inState.jumps)));
  const zeros = structuralZeros(task, flat);
  const { switches, warnings: ofSwitches } = switchingOf(task, inState.switches);
  const small = belowTolerance(flat.sizes, task.atol, () => componentNames(problem.layout.u, "u"));
  const uncontrolled = method.traits.controlsDerivatives ? [] : [uncontrolledWarning(method.name)];
  const warnings = [...unreadWarnings(task), ...idleEvents(task.code), ...uncontrolled, ...ofSwitches, ...small];
  const report = options.check ? checkThroughSolve(task, flat, inState.jumps) : check;
  const { seconds, compilations } = spent();
  const { solve, gradient } = flat.seconds;
  const result: Gradient<U, P> = {
    value: flat.value,
    gradient: shapedGradient<U, P>(problem.layout, flat),
    flat: { p: flat.p, u0: flat.u0 },
    plan: plan.ranWith(flat.solver, zeros, switches, warnings),
    structuralZeros: zeros,
    switches,
    warnings,
    stats: { compilations, ...flat.stats },
    seconds: { prepare: seconds - solve - gradient, solve, gradient },
    check: report,
    [jupyterDisplay]: async () => (await import("../plot/display.ts")).gradientBundle(problem, result),
  };
  return result;
}
