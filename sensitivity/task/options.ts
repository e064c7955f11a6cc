/** The options of all verbs that differentiate through a solve, and the task that is made of them. */
import { captureAdvice } from "../../src/problem/captured.ts";
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { componentNames } from "../../src/arrays/layout.ts";
import { packFinite, type Shaped } from "../../src/arrays/pack.ts";
import { checkAgreement } from "../../src/problem/agreement.ts";
import { defaultTarget, type Target } from "../../src/compile/compile.ts";
import { AdjointAborted } from "./errors.ts";
import { BadGradientOption } from "../vjp/errors.ts";
import { withParametersInState } from "../../src/problem/parameters-in-state.ts";
import { withParameters } from "../../src/problem/changed-parameters.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { solver, type Method } from "../../solvers/step/method.ts";
import { defaultSolver } from "../../solvers/solve/automatic.ts";
import { settlingOf } from "../../solvers/systems/settling.ts";
import { startOf } from "../../solvers/systems/start.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { stepChecks, stepSettings, type StepOptions } from "../../solvers/solve/step-options.ts";
import {
  absolute,
  absoluteTolerance,
  DEFAULT_TOLERANCE,
  tolerancesWith,
  type AbsoluteTolerance,
} from "../../solvers/step-loop/tolerances.ts";
import { object, type Check, type Checks } from "../../src/core/options/check.ts";
import { anything, callable, count, oneOf, positive, shown, signal, text, tolerance } from "../../src/core/options/kinds.ts";
import { maxTime, type Deadline, type TimeLimit } from "../../src/core/options/time-limit.ts";
import { checkTimeSpan, timeSpan } from "../../src/core/options/time-span.ts";
import { lossOverState } from "./changed-parameters.ts";
import { checkStart } from "./initial-state.ts";
import { checkEvents, requireEventsChangeNoMore } from "./events.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { UnplannedTask } from "./task.ts";
import type { GradientProgress } from "./progress.ts";
import type { WithRespectTo, Wrt } from "./shaped-gradient.ts";

const NAMES: readonly WithRespectTo[] = ["p", "u0", "t0", "t1", "at"];

const DEFAULT_BUDGET = 2 ** 28;

/** How an adjoint method solves backward, where it does so. */
export interface BackwardOptions {
  /** The method; by default that by which the forward solve reached the end, or rodas5P where that one iterates (SDIRK). */
  readonly solver?: Method;
  /** The relative tolerance; by default that of the forward solve. */
  readonly rtol?: number;
  /** The absolute tolerance, in units of the loss over those of states; by default it follows the sizes of what is solved for. */
  readonly atol?: number;
}

/** What all verbs that differentiate through a solve take. */
export interface DerivativeOptions<U = unknown, P = unknown, W extends Wrt = Wrt> extends StepOptions<U>, TimeLimit {
  /** What is differentiated by: one, or several. ["p"] by default. */
  readonly wrt?: W;
  /** The initial state at which it is differentiated; by default the problem's. */
  readonly u0?: U | Shaped<U>;
  /** The parameters at which it is differentiated; by default the problem's. */
  readonly p?: P | Shaped<P>;
  /** The time span; by default the problem's. */
  readonly tspan?: readonly [number, number];
  /** The method; by default as `solve` chooses. */
  readonly solver?: Method;
  /** The relative tolerance. 1e-6 by default. */
  readonly rtol?: number;
  /**
   * The absolute tolerance, in units of the state: one for all components, a flat array with one each, or by name. The default of a
   * component is `rtol` times its initial size (where that is zero, the largest component's, and where all are, 1), but 1e-6 at most.
   */
  readonly atol?: AbsoluteTolerance<U>;
  /** How the adjoint equations are solved, where the adjoint method solves them. */
  readonly backward?: BackwardOptions;
  /** The largest number of steps tried, forward and backward each. */
  readonly maxSteps?: number;
  /** The longest step, forward and backward. */
  readonly maxStep?: number;
  /**
   * The bytes that adjoint "discrete" may keep of the forward steps, besides two times a step; what does not fit is computed again.
   * 2^28 by default.
   */
  readonly memoryBudget?: number;
  /** Called every so many steps, 256 at most, of the forward and of the backward solve. */
  readonly onProgress?: (progress: GradientProgress) => void;
  /** Looked at as often. Once it is aborted, SolveAborted is thrown, or AdjointAborted in the backward solve. */
  readonly signal?: AbortSignalLike;
  /**
   * "ignore" leaves comparisons of the state in the right-hand side to the control of errors, and what moves the times at which they switch
   * is not in the derivatives; `warnings` say so where it matters. Default "find": they are located, and stopped at, as `solve` does.
   */
  readonly switches?: "find" | "ignore";
  /** What programs are compiled to. "wasm" by default, where the engine has it. */
  readonly target?: Target;
}

const names: Check = (value, what) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = list.find((name) => typeof name !== "string");
  if (wrong === undefined && !list.includes(undefined)) return;
  throw new BadGradientOption(
    `${what} is ${Array.isArray(value) ? `[${list.map(shown).join(", ")}]` : shown(value)}. Give some of ${NAMES.join(", ")}: wrt: ["p", "u0"].`,
  );
};

/** A name, or what has a function of this name: an adjoint method, or a backend, handed in as a value. */
export const nameOrValue =
  (called: "gradient" | "prepare"): Check =>
  (value, what) => {
    if (typeof (value as Readonly<Record<string, unknown>> | null)?.[called] !== "function") text(value, what);
  };

/** The checks of the options by their keys. */
const backwardChecks: Checks<BackwardOptions> = { solver, rtol: tolerance, atol: tolerance };

export const derivativeChecks: Checks<DerivativeOptions> = {
  wrt: names,
  u0: anything,
  p: anything,
  tspan: timeSpan,
  solver,
  rtol: tolerance,
  atol: absolute,
  backward: object(backwardChecks),
  maxSteps: count,
  maxTime,
  ...stepChecks,
  memoryBudget: positive,
  onProgress: callable,
  signal,
  switches: oneOf("find", "ignore"),
  target: oneOf("wasm", "javascript"),
};

/**
 * The problem over the time span asked for, before anything is read.
 *
 * @throws BadTimeSpan, and {@link AdjointAborted} where the signal is aborted already.
 */
export function withSpan(
  problem: OdeProblem,
  { tspan = problem.tspan, signal }: Pick<DerivativeOptions, "tspan" | "signal">,
): OdeProblem {
  checkTimeSpan(tspan);
  if (signal?.aborted) throw new AdjointAborted("Nothing was begun");
  return tspan === problem.tspan ? problem : { ...problem, tspan };
}

/**
 * The task of differentiating a problem that has the span asked for (see {@link withSpan}).
 *
 * @throws BadTolerance, NonFinite, ReadError, {@link BadGradientOption}, and Disagreement where a function is not what was read of it.
 */
export function taskOf(
  stated: OdeProblem,
  options: DerivativeOptions,
  statedLoss: LossPrograms,
  deadline?: Deadline,
): UnplannedTask {
  const { rtol = DEFAULT_TOLERANCE, backward = {}, target = defaultTarget() } = options;
  const wrt = wrtOf(options.wrt);
  checkNames(stated, wrt);
  if (wrt.includes("at") && !(statedLoss.sum ?? statedLoss.all)) {
    throw new BadGradientOption(
      'wrt: the loss has no times `at` to differentiate by. Leave "at" out, or give { at, of } or { at, all }.',
    );
  }
  const p = packFinite(stated.layout.p, options.p === undefined ? stated.p : options.p, "p");
  const statedU0 = startOf(stated, options.u0, p);
  const start = options.u0 === undefined ? stated.code.operators.u0 : undefined;
  const tolerances = absoluteTolerance(options.atol, stated.layout.u, { u0: statedU0, rtol });
  const problem = withParametersInState(stated);
  const { changed } = problem.code;
  const u0 = changed ? withParameters(changed, statedU0, p) : statedU0;
  const atol = changed ? tolerancesWith(changed, tolerances, p) : tolerances;
  const loss = changed ? lossOverState(statedLoss, changed) : statedLoss;
  const at = { u0, p, tspan: problem.tspan };
  // The derivatives of algebraic equations are made of programs: it throws where there is none.
  if (problem.code.mass) problem.code.rhsProgram();
  if (executionOf(problem.code).compiled) checkAgreement(problem.code, at, target);
  requireEventsChangeNoMore(problem, at, loss);
  checkEvents(problem, at, target);
  if (start && wrt.includes("p")) checkStart(start, p, target);
  settlingOf(problem, { p, rtol, atol }, target)?.atStart(u0, problem.tspan[0]);
  return {
    problem: wrt.includes("t1") ? problem : upToLoss(problem, loss),
    code: problem.code,
    loss,
    asked: wrt,
    wrt: {
      p: wrt.includes("p"),
      u0: wrt.includes("u0") || ((changed ?? start) !== undefined && wrt.includes("p")),
      t0: wrt.includes("t0"),
      t1: wrt.includes("t1"),
    },
    u0,
    p,
    start,
    solver: options.solver ?? defaultSolver(problem.code),
    rtol,
    atol,
    backward: { solver: backward.solver, rtol: backward.rtol ?? rtol, atol: backward.atol },
    maxSteps: options.maxSteps,
    deadline,
    steps: stepSettings(options, problem.code),
    ignoresSwitches: options.switches === "ignore",
    memoryBudget: options.memoryBudget ?? DEFAULT_BUDGET,
    target,
    onProgress: options.onProgress,
    signal: options.signal,
  };
}

/** The names of what is differentiated by: a name by itself is a list of one. */
export function wrtOf<Name extends string>(wrt: Name | readonly Name[] | undefined): readonly (Name | "p")[] {
  if (wrt === undefined) return ["p"];
  return typeof wrt === "string" ? [wrt] : wrt;
}

/** The problem up to the last time of a sum, where the loss has no other part: what comes after it would be solved for nothing. */
function upToLoss(problem: OdeProblem, { times, sum, all, integral, final }: LossPrograms): OdeProblem {
  const [t0] = problem.tspan;
  const last = times.at(-1) ?? t0;
  if (!(sum ?? all) || integral || final || last === t0) return problem;
  return { ...problem, tspan: [t0, last] };
}

function checkNames({ layout, code }: OdeProblem, wrt: readonly string[]): void {
  const refuse = (what: string, advice = ""): never => {
    throw new BadGradientOption(`wrt: ${what}. Give some of ${NAMES.join(", ")}.${advice}`);
  };
  if (wrt.length === 0) refuse("nothing to differentiate with respect to");
  const unknown = wrt.find((name) => !NAMES.includes(name as WithRespectTo));
  if (unknown !== undefined) {
    for (const [what, shape] of [["p", layout.p] as const, ["u0", layout.u] as const]) {
      const name = unknown.replace(new RegExp(`^${what}(?=\\[)|^${what}\\.`), "");
      const component = componentNames(shape, "").find((candidate) => candidate === name);
      if (component === undefined) continue;
      const path = component.startsWith("[") ? `${what}${component}` : `${what}.${component}`;
      refuse(`"${unknown}" is a component of ${what}: give "${what}", and read gradient.${path}`);
    }
    refuse(`there is no "${unknown}"`);
  }
  if (wrt.every((name) => name === "p" || name === "at") && wrt.includes("p") && layout.p.size === 0)
    refuse("the problem has no parameters", captureAdvice(code));
}
