/** Solves initial value problems. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { packFinite, type Shaped } from "../../src/arrays/pack.ts";
import { startTally, type Spent } from "../../src/compile/tally.ts";
import { defaultTarget, type Target } from "../../src/compile/compile.ts";
import { redoing } from "../../src/read/misreading.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything, boolean, callable, count, listOf, oneOf, signal, text, tolerance } from "../../src/core/options/kinds.ts";
import { deadlineOf, maxTime, type Deadline, type TimeLimit } from "../../src/core/options/time-limit.ts";
import { checkTimeSpan, timeSpan } from "../../src/core/options/time-span.ts";
import { withParametersInState } from "../../src/problem/parameters-in-state.ts";
import { withParameters } from "../../src/problem/changed-parameters.ts";
import { holding, type OdeProblem } from "../../src/problem/problem.ts";
import { settledRequest } from "../systems/settling.ts";
import { startOf } from "../systems/start.ts";
import { agreementAlong } from "../systems/agreement.ts";
import { integrateWith } from "./auto.ts";
import { defaultSolver } from "./automatic.ts";
import { eventsWithin, eventWarnings } from "../events/events.ts";
import type { SolveFailed } from "../solution/errors.ts";
import { failureOf } from "../solution/failure.ts";
import type { IntegrationRequest, Progress } from "../step-loop/request.ts";
import { solver, type Method } from "../step/method.ts";
import { branchesIn, executionOf, withPrepared } from "../systems/problem-system.ts";
import { saveTimes, times } from "../solution/save-times.ts";
import { keptOf, type Kept, type SavedComponents } from "../solution/components.ts";
import { Solution } from "../solution/solution.ts";
import { stateSwitches, timeSwitches, type Switch } from "../events/switches.ts";
import { componentPath } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Trajectory } from "../step-loop/trajectory.ts";
import { stepBounds } from "../events/step-bounds.ts";
import { crossingsOf, stopTimes, unseenSwitching } from "../events/switching.ts";
import { neverLess, smallerTolerances } from "./smaller-tolerances.ts";
import { stepChecks, stepSettings, type StepOptions } from "./step-options.ts";
import {
  absolute,
  absoluteTolerance,
  DEFAULT_TOLERANCE,
  tolerancesWith,
  type AbsoluteTolerance,
} from "../step-loop/tolerances.ts";

export interface SolveOptions<U = unknown, P = unknown> extends StepOptions<U>, TimeLimit {
  /**
   * Default: dop853, or tsit5 for an rtol of 1e-3 and above; where stability holds that back the one that takes the least work by counted
   * operations, back and forth: rock4 where the spectrum is real, or rodas5P. With a mass matrix rodas5P.
   */
  readonly solver?: Method;
  /** Relative tolerance of each step's error. Default 1e-6. */
  readonly rtol?: number;
  /**
   * Absolute tolerance, in units of the state; one for all components, a flat array with one each, or by name. Default: of each
   * component `rtol` times its initial size (where that is zero, the largest component's, and where all are, 1), 1e-6 at most. Where steps become too short
   * with these, and components began at zero, it is solved once more with far smaller ones; `warnings` say so.
   */
  readonly atol?: AbsoluteTolerance<U>;
  /**
   * What is kept: at even distances from the start on, both ends included (a number), or at exactly these times (an array).
   * Default: at the start and at every step's end. At the time of an event it is the state before it; the default keeps both.
   */
  readonly saveat?: number | ArrayLike<number>;
  /**
   * The components to keep, by their names, a part's name for all of it: `states`, `names`, `u` and what is exported hold these alone, in
   * this order, `u` by these names; so a long solve of a large state needs little memory. Default: all, in the shape of u0.
   */
  readonly save?: readonly string[];
  /** Keep what `solution.at(t)` needs. Default: only without `saveat`. */
  readonly dense?: boolean;
  /** In place of the problem's. */
  readonly u0?: U | Shaped<U>;
  readonly p?: P | Shaped<P>;
  readonly tspan?: readonly [number, number];
  /** Steps tried, at most. Default 1e6. */
  readonly maxSteps?: number;
  /** False returns the solution so far, with `result` saying how it failed. Default true. */
  readonly throwOnFailure?: boolean;
  /** Called every 64 steps, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** Looked at every 64 steps. */
  readonly signal?: AbortSignalLike;
  /** Default "wasm", where the engine has it. */
  readonly target?: Target;
  /**
   * "ignore" leaves comparisons of the state in the right-hand side to the control of errors. Default "find": each is held within a step,
   * and where it switches, to rounding, a step ends and the solve goes on from there (see `switches` of the solution).
   */
  readonly switches?: "find" | "ignore";
}

const solveChecks: Checks<SolveOptions> = {
  solver,
  rtol: tolerance,
  atol: absolute,
  saveat: times,
  save: listOf(text),
  dense: boolean,
  u0: anything,
  p: anything,
  tspan: timeSpan,
  maxSteps: count,
  maxTime,
  ...stepChecks,
  throwOnFailure: boolean,
  onProgress: callable,
  signal,
  target: oneOf("wasm", "javascript"),
  switches: oneOf("find", "ignore"),
};

/**
 * Solves a problem over its time span, which may run backwards, or until an event ends it (see `terminated` of the solution).
 *
 * What is compiled is kept with the problem: solving again with other values, times or tolerances compiles nothing.
 * A function that cannot be read runs as it is; `stats.compiled` and `stats.reason` say so.
 *
 * Throws UnknownOption and BadOption (keys and values of the options), BadSolver, BadTimeSpan, BadTolerance, BadSaveTimes,
 * BadProblem (what was not made by odeProblem), NonFinite (u0, p), Disagreement, IndexOutOfRange, WriteToInput,
 * ReadBeforeWrite, DerivativeMismatch (an implicit solver and a wrong `jac`), with a mass matrix MassMatrixNeedsImplicit,
 * MassMatrixRefused, InconsistentInitialValues and IndexTooHigh, and the kinds of SolveFailed:
 * NonFiniteDerivative, NonFiniteJacobian, StepUnderflow, TooManySteps, SingularMatrix, ConvergenceFailure, EndlessEvents,
 * SolveAborted, OutOfTime.
 */
export function solve<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveOptions<NoInfer<U>, NoInfer<P>> & { readonly save: readonly string[] },
): Solution<U, SavedComponents, P>;
export function solve<U, P>(problem: OdeProblem<U, P>, options?: SolveOptions<NoInfer<U>, NoInfer<P>>): Solution<U, U, P>;
export function solve<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveOptions<NoInfer<U>, NoInfer<P>> = {},
): Solution<U, unknown, P> {
  const spent = startTally();
  return holding(problem, "solve", (held) => {
    checkOptions(options, solveChecks, "solve");
    const deadline = deadlineOf(options);
    const { throwOnFailure = true, onProgress } = options;
    const told = onProgress ? { ...options, onProgress: neverLess(onProgress) } : options;
    const { solution, failure } = redoing(held.code, () => solveAtMostTwice(held, told, spent, deadline));
    if (throwOnFailure && solution.result !== "success") throw failure();
    return solution;
  });
}

interface Solved<U, P> {
  readonly solution: Solution<U, unknown, P>;
  /** Where it did not succeed. */
  readonly failure: () => SolveFailed;
  /** The time that it came to. */
  readonly end: number;
}

/** How a second try has to end to count. */
const TELLING: ReadonlySet<string> = new Set(["success", "aborted", "outOfTime"]);

/** The second time with smaller tolerances, where defaults may have been too large. */
function solveAtMostTwice<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveOptions<U, P>,
  spent: () => Spent,
  deadline: Deadline | undefined,
): Solved<U, P> {
  const first = solveOnce(problem, options, spent, deadline);
  const brokeDown = first.solution.result === "stepUnderflow";
  const smaller = brokeDown ? smallerTolerances(problem, options, ` at t = ${first.end}`) : undefined;
  if (!smaller) return first;
  const second = solveOnce(problem, { ...options, atol: smaller.atol }, spent, deadline, [smaller.note]);
  return TELLING.has(second.solution.result) ? second : first;
}

function solveOnce<U, P>(
  problem: OdeProblem<U, P>,
  options: SolveOptions<U, P>,
  spent: () => Spent,
  deadline: Deadline | undefined,
  notes: readonly string[] = [],
): Solved<U, P> {
  const { layout } = problem;
  const kept = options.save && keptOf(layout.u, options.save);
  const solved = withParametersInState(problem as OdeProblem);
  const { code } = solved;
  const { tspan = problem.tspan, target = defaultTarget() } = options;
  const solver = options.solver ?? defaultSolver(code);
  const branches = options.switches === "ignore" ? undefined : branchesIn(code);
  const request = settledRequest(solved, requestOf(problem, solved, options, tspan, deadline, kept), target, branches);
  const at = { u0: request.u0, p: request.p, tspan };
  const { trajectory, solver: name } = integrateWith(
    (method, use) => withPrepared(code, at, method, target, use, branches),
    solver,
    request,
  );
  const unseen = unseenSwitching(code, request.p, tspan);
  const solution = new Solution<U, unknown, P>(
    trajectory,
    { layout, p: request.p, tspan, changed: code.changed },
    name,
    executionOf(code),
    spent(),
    request.atol,
    [...notes, ...unseen, ...eventWarnings(code, trajectory.missed)],
    () => switchesOf(code, request.p, tspan, trajectory),
    kept,
  );
  const { t: end } = trajectory.result;
  return { solution, failure: () => failureOf(code, request.p, trajectory, name, solution), end };
}

/** Of the time, as far as the solve came, and of the state. */
function switchesOf(
  code: ProblemCode,
  p: Float64Array,
  tspan: readonly [number, number],
  { switches, released, result }: Trajectory,
): readonly Switch[] {
  const direction = Math.sign(tspan[1] - tspan[0]);
  const isPast = ({ t }: { readonly t: number }): boolean => direction * (result.t - t) >= 0;
  const inTime = timeSwitches(crossingsOf(code, p, tspan).filter(isPast), code.name, (j) => componentPath(code.layout.p, j, "p"));
  return [...inTime.map(({ differentiated: _differentiated, ...one }) => one), ...stateSwitches(code, switches, !released)];
}

/** `solved`: the problem over the state that is solved for. */
function requestOf<U, P>(
  problem: OdeProblem<U, P>,
  solved: OdeProblem,
  options: SolveOptions<U, P>,
  tspan: readonly [number, number],
  deadline: Deadline | undefined,
  kept: Kept | undefined,
): IntegrationRequest {
  const { layout, p } = problem;
  const { code } = solved;
  const { changed } = code;
  const [t0, t1] = tspan;
  const parameters = packFinite(layout.p, options.p === undefined ? p : options.p, "p");
  const stated = startOf(problem as OdeProblem, options.u0, parameters);
  checkTimeSpan(tspan);
  const state = changed ? withParameters(changed, stated, parameters) : stated;
  const { rtol = DEFAULT_TOLERANCE, atol, saveat, dense = saveat === undefined, maxSteps, onProgress, signal } = options;
  const tolerances = absoluteTolerance(atol, layout.u, { u0: stated, rtol });
  return {
    u0: state,
    p: parameters,
    t0,
    t1,
    rtol,
    atol: changed ? tolerancesWith(changed, tolerances, parameters) : tolerances,
    saveat: saveat === undefined ? "steps" : saveTimes(saveat, t0, t1, (kept?.components ?? state).length),
    save: kept?.components,
    savesEnd: typeof saveat === "number",
    savesAtEvents: true,
    dense,
    events: eventsWithin(solved, parameters, tspan),
    watch: agreementAlong(code, parameters, options.target ?? defaultTarget(), { u0: state, t0 }),
    maxSteps,
    deadline,
    onProgress,
    signal,
    ...stepSettings(options, code),
    ...stepBounds(code, parameters, tspan, options),
    stops: stopTimes(crossingsOf(code, parameters, tspan), options.stops),
  };
}
