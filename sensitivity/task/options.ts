/** What a user asks to be differentiated, checked and laid out flat. */
import { componentNames } from "../../src/arrays/layout.ts";
import { packFinite, type Shaped } from "../../src/arrays/pack.ts";
import { checkAgreement, checkEventAgreement } from "../../src/problem/agreement.ts";
import { defaultTarget, type Target } from "../../src/compile/compile.ts";
import { AdjointAborted, BadGradientOption } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { solver, type Method } from "../../solvers/step/method.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { stepChecks, stepOptions, type StepOptions } from "../../solvers/step-options.ts";
import { absolute, absoluteTolerance, DEFAULT_TOLERANCE, type AbsoluteTolerance } from "../../solvers/step-loop/tolerances.ts";
import { object, type Check, type Checks } from "../../src/core/options/check.ts";
import { anything, callable, count, oneOf, positive, shown, signal, tolerance } from "../../src/core/options/kinds.ts";
import { maxTime, type Deadline, type TimeLimit } from "../../src/core/options/time-limit.ts";
import { checkTimeSpan, timeSpan } from "../../src/core/options/time-span.ts";
import { unreadEvent } from "./events.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { UnplannedTask } from "./task.ts";
import type { GradientProgress } from "./progress.ts";

const NAMES = ["p", "u0", "t0", "t1"] as const;

const DEFAULT_BUDGET = 2 ** 28;

/** Parameters, initial state, start and end of tspan. */
export type WithRespectTo = (typeof NAMES)[number];

/** Of a way back that is a solve of its own. */
export interface BackwardOptions {
  readonly solver?: Method;
  readonly rtol?: number;
  readonly atol?: number;
}

/** What all ways of differentiating through a solve have in common. */
export interface DerivativeOptions<U = unknown, P = unknown> extends StepOptions, TimeLimit {
  /** One, or several. Default ["p"]. */
  readonly wrt?: WithRespectTo | readonly WithRespectTo[];
  /** In place of the problem's: it is differentiated at these. */
  readonly u0?: U | Shaped<U>;
  readonly p?: P | Shaped<P>;
  readonly tspan?: readonly [number, number];
  /** Default: as `solve` chooses. */
  readonly solver?: Method;
  /** Relative tolerance. Default 1e-6. */
  readonly rtol?: number;
  /**
   * Absolute tolerance, in units of the state; one for all components, a flat array with one each, or by name. Default: of each
   * component `rtol` times its initial size (where that is zero, the largest component's), 1e-6 at most.
   */
  readonly atol?: AbsoluteTolerance<U>;
  /** Of the way back, where it has its own. Default: the method that reached the end, and rtol as above. */
  readonly backward?: BackwardOptions;
  /** Steps tried, each way, at most. */
  readonly maxSteps?: number;
  /** Longest step, each way. */
  readonly maxStep?: number;
  /**
   * Bytes that adjoint "discrete" may keep of the forward steps, besides two times a step; what does not fit is computed again.
   * Default 2^28.
   */
  readonly memoryBudget?: number;
  /** Called every so many steps, 256 at most, forward and on the way back. */
  readonly onProgress?: (progress: GradientProgress) => void;
  /** Looked at as often. Once it is aborted, SolveAborted is thrown, or AdjointAborted on the way back. */
  readonly signal?: AbortSignal;
  /** Default "wasm", where the engine has it. */
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
  target: oneOf("wasm", "javascript"),
};

/** The problem over the time span asked for, before anything is read. Throws BadTimeSpan, and {@link AdjointAborted}. */
export function over(
  problem: OdeProblem,
  { tspan = problem.tspan, signal }: Pick<DerivativeOptions, "tspan" | "signal">,
): OdeProblem {
  checkTimeSpan(tspan);
  if (signal?.aborted) throw new AdjointAborted("Nothing was begun");
  return tspan === problem.tspan ? problem : { ...problem, tspan };
}

/**
 * Of a problem {@link over} the span asked for. Throws BadTolerance, NonFinite, ReadError, {@link BadGradientOption}, and
 * Disagreement where an event is not what it reads.
 */
export function taskOf(problem: OdeProblem, options: DerivativeOptions, loss: LossPrograms, deadline?: Deadline): UnplannedTask {
  const { rtol = DEFAULT_TOLERANCE, backward = {}, target = defaultTarget() } = options;
  const wrt = wrtOf(options.wrt);
  checkNames(problem, wrt);
  const u0 = packFinite(problem.layout.u, options.u0 === undefined ? problem.u0 : options.u0, "u0");
  const p = packFinite(problem.layout.p, options.p === undefined ? problem.p : options.p, "p");
  const atol = absoluteTolerance(options.atol, problem.layout.u, { u0, rtol });
  const at = { u0, p, tspan: problem.tspan, eventTimes: problem.events?.at };
  if (executionOf(problem.code).compiled) checkAgreement(problem.code, at, target);
  if (problem.events && !unreadEvent(problem.code)) checkEventAgreement(problem.code, at, target);
  return {
    problem: wrt.includes("t1") ? problem : upToLoss(problem, loss),
    code: problem.code,
    loss,
    wrt: { p: wrt.includes("p"), u0: wrt.includes("u0"), t0: wrt.includes("t0"), t1: wrt.includes("t1") },
    u0,
    p,
    solver: options.solver,
    rtol,
    atol,
    backward: { solver: backward.solver, rtol: backward.rtol ?? rtol, atol: backward.atol },
    maxSteps: options.maxSteps,
    deadline,
    steps: stepOptions(options),
    memoryBudget: options.memoryBudget ?? DEFAULT_BUDGET,
    target,
    onProgress: options.onProgress,
    signal: options.signal,
  };
}

/** A name by itself is a list of one. */
export function wrtOf<Name extends string>(wrt: Name | readonly Name[] | undefined): readonly (Name | "p")[] {
  if (wrt === undefined) return ["p"];
  return typeof wrt === "string" ? [wrt] : wrt;
}

/** Without what comes after the last time of a sum, where nothing else is in the loss: that is solved for nothing. */
function upToLoss(problem: OdeProblem, { times, sum, integral, final }: LossPrograms): OdeProblem {
  const [t0] = problem.tspan;
  const last = times.at(-1) ?? t0;
  if (!sum || integral || final || last === t0) return problem;
  return { ...problem, tspan: [t0, last] };
}

function checkNames({ layout }: OdeProblem, wrt: readonly string[]): void {
  const refuse = (what: string): never => {
    throw new BadGradientOption(`wrt: ${what}. Give some of ${NAMES.join(", ")}.`);
  };
  if (wrt.length === 0) refuse("nothing to differentiate with respect to");
  const unknown = wrt.find((name) => !NAMES.includes(name as WithRespectTo));
  if (unknown !== undefined) {
    for (const [what, shape] of [["p", layout.p] as const, ["u0", layout.u] as const]) {
      const name = unknown.replace(new RegExp(`^${what}(?=\\[)|^${what}\\.`), "");
      const component = componentNames(shape, "").find((known) => known === name);
      if (component === undefined) continue;
      const path = component.startsWith("[") ? `${what}${component}` : `${what}.${component}`;
      refuse(`"${unknown}" is a component of ${what}: give "${what}", and read gradient.${path}`);
    }
    refuse(`there is no "${unknown}"`);
  }
  if (wrt.every((name) => name === "p") && layout.p.size === 0) refuse("the problem has no parameters");
}
