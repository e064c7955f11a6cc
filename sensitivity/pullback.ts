/** A solve with its pullback, for losses that are computed elsewhere. */
import { startTally, type Spent } from "../src/compile/tally.ts";
import { pack, requireFinite, type Shaped } from "../src/arrays/pack.ts";
import { describe, isNdArray, type NumberNdArray } from "../src/core/array-values.ts";
import { ownLayout, type Layout } from "../src/arrays/layout.ts";
import { BadGradientOption } from "./vjp/errors.ts";
import { WrongLength } from "../src/core/errors.ts";
import type { ProblemCode } from "../src/problem/code.ts";
import { redoing } from "../src/read/misreading.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { requireList } from "../src/core/options/lists.ts";
import { deadlineOf, type Deadline } from "../src/core/options/time-limit.ts";
import { holding, type OdeProblem } from "../src/problem/problem.ts";
import { eventWarnings } from "../solvers/events/events.ts";
import { executionOf } from "../solvers/systems/problem-system.ts";
import { times } from "../solvers/solution/save-times.ts";
import { Solution } from "../solvers/solution/solution.ts";
import { unreadWarnings } from "./diagnosis/unread.ts";
import { checkVjp } from "./task/vjp-agreement.ts";
import { planOf } from "./planner/planner.ts";
import { statedGradient } from "./task/changed-parameters.ts";
import { requireFiniteGradient } from "./task/finite-gradient.ts";
import type { GradientTask } from "./task/task.ts";
import type { SolveWithPullback } from "./adjoints/shared/method.ts";
import type { Plan } from "./planner/plan.ts";
import type { AdjointName } from "./adjoints/index.ts";
import type { VjpName } from "./vjp/backends/index.ts";
import type { AdjointMethod } from "./adjoints/shared/method.ts";
import type { VjpBackend } from "./vjp/backend.ts";
import { followingSwitches, switchesInState, type SwitchesInState } from "./switching/switches.ts";
import { requireWithinReach, switchingOf } from "./switching/reported.ts";
import { savedLoss } from "./losses/saved.ts";
import { shapedGradient, type ShapedGradient, type Wrt } from "./task/shaped-gradient.ts";
import { explainingFailures } from "./diagnosis/failure.ts";
import { atMostTwice } from "./task/second-try.ts";
import { derivativeChecks, nameOrValue, withSpan, taskOf, wrtOf, type DerivativeOptions } from "./task/options.ts";

/** What pullbacks may differentiate by. */
export type PullbackWrt = Wrt<"p" | "u0" | "t0">;

/** What `solveWithPullback` takes. */
export interface PullbackOptions<U = unknown, P = unknown, W extends PullbackWrt = PullbackWrt> extends Omit<
  DerivativeOptions<U, P>,
  "wrt"
> {
  /** What pullbacks differentiate by: one, or several. ["p"] by default. */
  readonly wrt?: W;
  /**
   * The times of the states that the loss sees: a number is the distance between them, from the start on, both ends included; an array
   * gives them.
   */
  readonly saveat: number | ArrayLike<number>;
  /** As of `gradient`. */
  readonly adjoint?: AdjointName | AdjointMethod;
  /** As of `gradient`. */
  readonly vjp?: VjpName | VjpBackend;
}

const pullbackChecks: Checks<PullbackOptions> = {
  ...derivativeChecks,
  saveat: times,
  adjoint: nameOrValue("gradient"),
  vjp: nameOrValue("prepare"),
};

/**
 * The derivative of a loss by the state at each saved time: an array with a value in the shape of u0 for each, a function that gives
 * them, or an ndarray [saved times, components in flat order].
 */
export type Cotangents<U> = ArrayLike<U | Shaped<U>> | NumberNdArray | ((u: Shaped<U>, t: number, i: number) => U | Shaped<U>);

/** A solution, and how derivatives by its saved states are taken back. */
export interface SolutionWithPullback<U, P, W extends PullbackWrt = PullbackWrt> {
  readonly solution: Solution<U, U, P>;
  /** How pullbacks are computed, and why so. */
  readonly plan: Plan;
  /**
   * Takes the derivatives of a loss by the saved states back to those by what `wrt` names, in the user's shapes. It may be called any
   * number of times, also after a call that was stopped; each call may take `maxTime`. Where the loss depends on p directly too, add
   * that part.
   *
   * @throws WrongLength, UnknownComponent and UnsupportedValue for cotangents of other shapes, and NonFinite.
   * @throws AdjointFailed where the backward solve did not reach the start.
   */
  readonly pullback: (cotangents: Cotangents<U>) => ShapedGradient<U, P, W>;
}

/**
 * Solves once, and takes the derivatives of any loss of the saved states back to parameters, initial state and start time. It is for
 * losses computed by other libraries, or by code that cannot be read.
 *
 * @param problem - The problem; `options` may give other values of u0, p and tspan.
 * @param options - The times that are saved, what pullbacks differentiate by, and how the problem is solved.
 * @returns The solution with its pullback.
 * @throws What `solve` throws.
 * @throws BadGradientOption for an unknown method, backend or name in `wrt`.
 * @throws MethodRefused and BackendRefused where the method or backend that was asked for cannot take the problem.
 * @throws ReadError from backends and methods that need the function's text.
 * @throws GradientCheckFailed where derivatives disagree.
 * @example
 * const { solution, pullback } = solveWithPullback(lotkaVolterra, { saveat: 1 });
 * const { p } = pullback((u, t, i) => ({ prey: 2 * (u.prey - data[i]), predator: 0 }));
 */
export function solveWithPullback<U, P, C, const W extends PullbackWrt = "p">(
  problem: OdeProblem<U, P, C>,
  options: PullbackOptions<NoInfer<U>, NoInfer<P>, W>,
): SolutionWithPullback<U, P, W>;
export function solveWithPullback<U, P, C>(
  problem: OdeProblem<U, P, C>,
  options: PullbackOptions<U, P>,
): SolutionWithPullback<U, P> {
  const spent = startTally();
  return holding(problem, "solveWithPullback", (held) => {
    checkOptions(options, pullbackChecks, "solveWithPullback");
    const deadline = deadlineOf(options);
    requireNoEnd(wrtOf<string>(options.wrt));
    return atMostTwice(held as OdeProblem, options as PullbackOptions, (given, notes) =>
      redoing(held.code, () => solveOnce(held, given as typeof options, spent, deadline, notes)),
    );
  });
}

function solveOnce<U, P>(
  problem: OdeProblem<U, P>,
  options: PullbackOptions<U, P>,
  spent: () => Spent,
  deadline: Deadline | undefined,
  notes: readonly string[],
): SolutionWithPullback<U, P> {
  const { layout, code } = problem;
  const spanned = withSpan(problem as OdeProblem, options);
  const loss = savedLoss(spanned.tspan, options.saveat, layout.u.size);
  const solveWith = (held: ProblemCode): PlannedSolve & { readonly held: ProblemCode } => {
    const unplanned = taskOf({ ...spanned, code: held }, options, loss, deadline);
    const { backend, method, plan } = planOf(unplanned, options);
    const given = { ...unplanned, backend };
    checkVjp(given);
    const inState = switchesInState(given);
    if (method.traits.usesVjp) requireWithinReach(given, inState);
    const task = followingSwitches(given, inState);
    return { held, task, plan, inState, ...method.solveWithPullback(task) };
  };
  let solved = solveWith(code);
  const { task, plan, inState, trajectory, solver } = solved;
  const { switches, warnings: ofSwitches } = switchingOf(task, inState);
  const warnings = [...notes, ...unreadWarnings(task), ...eventWarnings(task.code, trajectory.missed), ...ofSwitches];
  const { changed } = task.code;
  const of = { layout, p: task.p, tspan: spanned.tspan, changed };
  const solution = new Solution<U, U, P>(trajectory, of, solver, executionOf(code), spent(), task.atol, warnings);
  return {
    solution,
    plan: plan.ranWith(solver, [], switches, warnings),
    pullback: (cotangents) => {
      deadline?.begin();
      const flat = widened(packCotangents(layout.u, solution, cotangents), layout.u.size, task.u0.length);
      return code.held((held) => {
        // Programs whose constants are in use elsewhere: solve again with code of our own.
        if (held !== solved.held) solved = solveWith(held);
        solved.task.fillSchedule?.();
        const { task: of, pullBack } = solved;
        return shapedGradient<U, P>(
          layout,
          statedGradient(
            of,
            explainingFailures(of, () => requireFiniteGradient(of, pullBack(flat))),
          ),
        );
      });
    },
  };
}

/** A solve, and the task and plan that it was done for. */
interface PlannedSolve extends SolveWithPullback {
  readonly task: GradientTask;
  readonly plan: Plan;
  readonly inState: SwitchesInState;
}

function requireNoEnd(wrt: readonly string[]): void {
  if (!wrt.includes("t1")) return;
  throw new BadGradientOption(
    "wrt: states at saved times do not depend on t1, the end of tspan. Give some of p, u0, t0; for a loss of the final state " +
      "take `gradient` with { final }.",
  );
}

/** Vectors of n numbers each as ones of `size`, with zeros behind. */
function widened(flat: Float64Array, n: number, size: number): Float64Array {
  if (n === size) return flat;
  const wide = new Float64Array((flat.length / n) * size);
  for (let k = 0; k * n < flat.length; k++) wide.set(flat.subarray(k * n, (k + 1) * n), k * size);
  return wide;
}

/** The cotangents of all saved states, n each. */
function packCotangents<U, P>(layout: Layout, { t, u }: Solution<U, U, P>, cotangents: Cotangents<U>): Float64Array {
  const [n, own] = [layout.size, ownLayout(layout).size];
  const flat = new Float64Array(t.length * n);
  const row = (i: number): Float64Array => flat.subarray(i * n, (i + 1) * n);
  if (isNdArray(cotangents)) {
    const [times, size] = cotangents.shape;
    if (cotangents.shape.length !== 2 || times !== t.length || size !== own) {
      throw new WrongLength(
        `cotangents is ${describe(cotangents)}, but must be of shape [${t.length}, ${own}]: saved times, components of the state.`,
      );
    }
    for (let i = 0; i < times; i++) for (let j = 0; j < own; j++) flat[i * n + j] = cotangents.get(i, j);
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
