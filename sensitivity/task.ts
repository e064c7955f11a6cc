/** What a user asks to be differentiated, checked and laid out flat. */
import { componentNames } from "../src/arrays/layout.ts";
import { pack, requireFinite } from "../src/arrays/pack.ts";
import { checkAgreement, checkEventAgreement } from "../src/agreement.ts";
import type { Target } from "../src/compile/compile.ts";
import { BadGradientOption } from "../src/errors.ts";
import type { OdeProblem } from "../src/problem.ts";
import type { Method } from "../solvers/method.ts";
import { executionOf } from "../solvers/problem-system.ts";
import { checkTolerance, defaultTarget } from "../solvers/solve.ts";
import type { LossPrograms } from "./loss.ts";
import type { UnplannedTask } from "./methods/method.ts";
import type { GradientProgress } from "./progress.ts";

const NAMES = ["p", "u0", "t0", "t1"] as const;

const DEFAULT_BUDGET = 2 ** 28;

/** Parameters, initial state, start and end of tspan. */
export type WithRespectTo = (typeof NAMES)[number];

/** What all ways of differentiating through a solve have in common. */
export interface DerivativeOptions {
  /** Default ["p"]. */
  readonly wrt?: readonly WithRespectTo[];
  /** Default: as `solve` chooses. */
  readonly solver?: Method;
  /** Relative tolerance. Default 1e-6. */
  readonly rtol?: number;
  /** Absolute tolerance, in units of the state. Default 1e-6. */
  readonly atol?: number;
  /** Of the way back, where it has its own; default the method that reached the end, and the tolerances above. */
  readonly backward?: { readonly solver?: Method; readonly rtol?: number; readonly atol?: number };
  /** Steps tried, each way, at most. */
  readonly maxSteps?: number;
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

/** Throws BadTolerance, NonFinite, ReadError, {@link BadGradientOption}, and Disagreement where an event is not what it reads. */
export function taskOf(problem: OdeProblem, options: DerivativeOptions, loss: LossPrograms): UnplannedTask {
  const { wrt = ["p"], rtol = 1e-6, atol = 1e-6, backward = {}, target = defaultTarget() } = options;
  checkNames(problem, wrt);
  checkTolerance("rtol", rtol);
  checkTolerance("atol", atol);
  checkTolerance("backward.rtol", backward.rtol ?? rtol);
  checkTolerance("backward.atol", backward.atol ?? atol);
  const u0 = pack(problem.layout.u, problem.u0, "u0");
  const p = pack(problem.layout.p, problem.p, "p");
  requireFinite(problem.layout.u, u0, "u0");
  requireFinite(problem.layout.p, p, "p");
  const at = { u0, p, tspan: problem.tspan };
  if (executionOf(problem.code).compiled) checkAgreement(problem.code, at, target);
  checkEventAgreement(problem.code, at, target);
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
    backward: { rtol, atol, ...backward },
    maxSteps: options.maxSteps,
    memoryBudget: options.memoryBudget ?? DEFAULT_BUDGET,
    target,
    onProgress: options.onProgress,
    signal: options.signal,
  };
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
      if (!componentNames(shape, what).includes(unknown)) continue;
      refuse(`"${unknown}" is a component of ${what}: give "${what}", and read gradient.${what}.${unknown}`);
    }
    refuse(`there is no "${unknown}"`);
  }
  if (wrt.every((name) => name === "p") && layout.p.size === 0) refuse("the problem has no parameters");
}
