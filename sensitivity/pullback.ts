/** The solve as a function with a pullback, for losses that are computed elsewhere. */
import { startTally, type Spent } from "../src/compile/tally.ts";
import { pack, requireFinite, type Shaped } from "../src/arrays/pack.ts";
import { describe, isNdArray, type NumberNdArray } from "../src/core/array-values.ts";
import type { Layout } from "../src/arrays/layout.ts";
import { BadGradientOption, WrongLength } from "../src/core/errors.ts";
import type { ProblemCode } from "../src/problem/code.ts";
import { redoing } from "../src/read/misreading.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { text } from "../src/core/options/kinds.ts";
import { requireList } from "../src/core/options/lists.ts";
import { deadlineOf, type Deadline } from "../src/core/options/time-limit.ts";
import { holding, type OdeProblem } from "../src/problem/problem.ts";
import { idleEvents } from "../solvers/events/events.ts";
import { executionOf } from "../solvers/systems/problem-system.ts";
import { times } from "../solvers/solution/save-times.ts";
import { Solution } from "../solvers/solution/solution.ts";
import { unreadWarnings } from "./diagnosis/unread.ts";
import { checkVjp } from "./task/vjp-agreement.ts";
import { planOf } from "./planner/planner.ts";
import { requireFiniteGradient } from "./task/finite-gradient.ts";
import type { GradientTask } from "./task/task.ts";
import type { SolveWithPullback } from "./adjoints/shared/method.ts";
import type { Plan } from "./planner/plan.ts";
import { switchingOf } from "./switching/switches.ts";
import { savedLoss } from "./losses/saved.ts";
import { shapedGradient, type ShapedGradient } from "./task/shaped-gradient.ts";
import { explainingFailures } from "./diagnosis/failure.ts";
import { derivativeChecks, over, taskOf, wrtOf, type DerivativeOptions } from "./task/options.ts";

export interface PullbackOptions<U = unknown, P = unknown> extends Omit<DerivativeOptions<U, P>, "wrt"> {
  /** One, or several. Default ["p"]. */
  readonly wrt?: "p" | "u0" | "t0" | readonly ("p" | "u0" | "t0")[];
  /** Times of the states that the loss sees: at even distances from the start on, both ends included, or exactly these. */
  readonly saveat: number | ArrayLike<number>;
  /** As for `gradient`. Default: chosen; the plan says why. */
  readonly adjoint?: string;
  /** The vjp backend. Default "source". */
  readonly vjp?: string;
}

const pullbackChecks: Checks<PullbackOptions> = { ...derivativeChecks, saveat: times, adjoint: text, vjp: text };

/**
 * The derivative of a loss by the state at each saved time: an array with a value in the shape of u0 for each, a function that
 * gives them, or an ndarray [saved times, components in flat order].
 */
export type Cotangents<U> = ArrayLike<U | Shaped<U>> | NumberNdArray | ((u: Shaped<U>, t: number, i: number) => U | Shaped<U>);

export interface SolutionWithPullback<U, P> {
  readonly solution: Solution<U>;
  readonly plan: Plan;
  /**
   * From the derivatives of a loss by the saved states to those by what `wrt` names, in the user's shapes. It may be called any
   * number of times. Where the loss depends on p directly too, add that part.
   *
   * It may take `maxTime` again. Throws WrongLength, UnknownComponent and UnsupportedValue (cotangents of other shapes), NonFinite,
   * AdjointFailed.
   */
  readonly pullback: (cotangents: Cotangents<U>) => Omit<ShapedGradient<U, P>, "t1">;
}

/**
 * Solves once, and takes the derivatives of any loss of the saved states back to parameters, initial state and start time: for
 * losses computed by other libraries, or by code that cannot be read.
 *
 * Throws what `solve` throws; BadGradientOption; MethodRefused; BackendRefused; ReadError from backends and methods that need
 * the function's text; GradientCheckFailed.
 */
export function solveWithPullback<U, P, C>(
  problem: OdeProblem<U, P, C>,
  options: PullbackOptions<NoInfer<U>, NoInfer<P>>,
): SolutionWithPullback<U, P> {
  const spent = startTally();
  return holding(problem, "solveWithPullback", (held) => {
    checkOptions(options, pullbackChecks, "solveWithPullback");
    const deadline = deadlineOf(options);
    requireNoEnd(wrtOf<string>(options.wrt));
    return redoing(() => solveOnce(held, options, spent, deadline));
  });
}

function solveOnce<U, P>(
  problem: OdeProblem<U, P>,
  options: PullbackOptions<U, P>,
  spent: () => Spent,
  deadline: Deadline | undefined,
): SolutionWithPullback<U, P> {
  const { layout, code } = problem;
  const spanned = over(problem as OdeProblem, options);
  const loss = savedLoss(spanned.tspan, options.saveat, layout.u.size);
  const passWith = (held: ProblemCode): Pass => {
    const unplanned = taskOf({ ...spanned, code: held }, options, loss, deadline);
    const { backend, method, plan } = planOf(unplanned, options);
    const task = { ...unplanned, backend };
    checkVjp(task);
    return { task, plan, ...method.solveWithPullback(task) };
  };
  let pass = passWith(code);
  const { task, plan, trajectory, solver } = pass;
  const { switches, warnings: ofSwitches } = switchingOf(task);
  const warnings = [...unreadWarnings(task), ...idleEvents(task.code), ...ofSwitches];
  const solution = new Solution<U>(trajectory, layout.u, solver, executionOf(code), spent(), task.atol, warnings);
  return {
    solution,
    plan: plan.ranWith(solver, [], switches, warnings),
    pullback: (cotangents) => {
      deadline?.begin();
      const flat = packCotangents(layout.u, solution, cotangents);
      return code.held((held) => {
        if (held !== pass.task.code) pass = passWith(held);
        const { task: passed, pullBack } = pass;
        const pulled = explainingFailures(passed, () => requireFiniteGradient(passed, pullBack(flat)));
        return shapedGradient<U, P>(layout, pulled);
      });
    },
  };
}

/** A solve, and what it was done for. */
interface Pass extends SolveWithPullback {
  readonly task: GradientTask;
  readonly plan: Plan;
}

function requireNoEnd(wrt: readonly string[]): void {
  if (!wrt.includes("t1")) return;
  throw new BadGradientOption(
    "wrt: states at saved times do not depend on t1, the end of tspan. Give some of p, u0, t0; for a loss of the final state " +
      "take `gradient` with { final }.",
  );
}

function packCotangents<U>(layout: Layout, { t, u }: Solution<U>, cotangents: Cotangents<U>): Float64Array {
  const n = layout.size;
  const flat = new Float64Array(t.length * n);
  const row = (i: number): Float64Array => flat.subarray(i * n, (i + 1) * n);
  if (isNdArray(cotangents)) {
    const [times, size] = cotangents.shape;
    if (cotangents.shape.length !== 2 || times !== t.length || size !== n) {
      throw new WrongLength(
        `cotangents is ${describe(cotangents)}, but must be of shape [${t.length}, ${n}]: saved times, components of the state.`,
      );
    }
    for (let i = 0; i < times; i++) for (let j = 0; j < n; j++) flat[i * n + j] = cotangents.get(i, j);
  } else if (typeof cotangents === "function") {
    u.forEach((state, i) => pack(layout, cotangents(state, t[i], i), `cotangents[${i}]`, row(i)));
  } else {
    requireList(cotangents, "cotangents", WrongLength);
    if (cotangents.length !== t.length) {
      throw new WrongLength(`cotangents is ${describe(cotangents)}, but must have one for each of the ${t.length} saved times.`);
    }
    for (let i = 0; i < t.length; i++) pack(layout, cotangents[i], `cotangents[${i}]`, row(i));
  }
  for (let i = 0; i < t.length; i++) requireFinite(layout, row(i), `cotangents[${i}]`);
  return flat;
}
