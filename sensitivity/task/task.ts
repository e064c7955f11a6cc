/** The task of differentiating through a solve, and its result, with flat arrays: what the public verbs hand to all else. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { ComponentSizes } from "../../solvers/step-loop/component-sizes.ts";
import type { MissedEvent } from "../../solvers/step-loop/missed-events.ts";
import type { Statistics } from "../../solvers/step-loop/statistics.ts";
import type { StepSettings } from "../../solvers/solve/step-options.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { Deadline } from "../../src/core/options/time-limit.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Operator } from "../../src/problem/operator.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { VjpBackend } from "../vjp/backend.ts";
import type { WithRespectTo } from "./shaped-gradient.ts";
import type { GradientProgress } from "./progress.ts";

/** A time at which the right-hand side or the integrand of the loss jumps, as the state crosses something, and how that moves. */
export interface StateSwitch {
  readonly t: number;
  /** The derivatives of the time by the state there and by the parameters. */
  readonly byU: Float64Array;
  readonly byP: Float64Array;
  /** f⁻ - f⁺. */
  readonly jump: Float64Array;
  /** h⁻ - h⁺, h the integrand of the loss. */
  readonly fall: number;
}

/** When an event of the state takes place, by its index in the problem's list. */
export interface EventMet {
  readonly t: number;
  readonly event: number;
  /** How often it took place before. */
  readonly index: number;
}

/** What is to be differentiated, before it is decided how. */
export interface UnplannedTask {
  readonly problem: OdeProblem;
  readonly code: ProblemCode;
  readonly loss: LossPrograms;
  /** What the derivatives are asked by; where events change parameters, more is derived (see changed-parameters.ts). */
  readonly asked: readonly WithRespectTo[];
  readonly wrt: { readonly p: boolean; readonly u0: boolean; readonly t0: boolean; readonly t1: boolean };
  readonly u0: Float64Array;
  readonly p: Float64Array;
  /** What gives u0 at p; absent where it is given by itself (see initial-state.ts). */
  readonly start?: Operator;
  readonly solver: Method | undefined;
  readonly rtol: number;
  /** One for all components, or one for each. */
  readonly atol: number | Float64Array;
  readonly maxSteps?: number;
  /** The longest step holds for forward and backward solves, the first one for the forward solve. */
  readonly steps: StepSettings;
  /** Are the switches by the state left to the control of errors, and their times not differentiated? */
  readonly ignoresSwitches: boolean;
  /** Fills the tables of a schedule again, by which decisions on the state turn out: other tasks may have filled them since. */
  readonly fillSchedule?: () => void;
  /** In the order of the solve, which stops there; known once it was looked for them. */
  readonly stateSwitches?: readonly StateSwitch[];
  /** The events of the state that take place at times known by now, beside those that end the solve: no solve looks for their conditions. */
  readonly eventsMet?: readonly EventMet[];
  /** The bytes that a reverse sweep over the forward steps may keep of them. */
  readonly memoryBudget: number;
  /**
   * How the backward solve is done. Its solver is by default the method that reached the end (see backward-method.ts); its absolute tolerance follows the sizes of
   * what is solved for.
   */
  readonly backward: { readonly solver?: Method; readonly rtol: number; readonly atol?: number };
  readonly target: Target;
  readonly onProgress?: (progress: GradientProgress) => void;
  readonly signal?: AbortSignalLike;
  readonly deadline?: Deadline;
}

/** A task with the vjp backend that was chosen for it. */
export interface GradientTask extends UnplannedTask {
  readonly backend: VjpBackend;
}

/** What an adjoint method gives. Derivatives that were not asked for are absent. */
export interface FlatGradient {
  /** The loss. */
  readonly value: number;
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
  readonly t0?: number;
  readonly t1?: number;
  /** By the times of the loss, in the user's order. */
  readonly at?: Float64Array;
  /** The sizes of the state's components along the solution. */
  readonly sizes: ComponentSizes;
  /** Events that did not take place along it though their conditions got to the other side. */
  readonly missed: readonly MissedEvent[];
  /** What is to be said of these derivatives. */
  readonly warnings?: readonly string[];
  /** The name of the solver that ran, as its trajectory reports it. */
  readonly solver: string;
  /** `memory` is the largest number of bytes kept of the forward solution at a time, by methods that go back over it. */
  readonly stats: { readonly forward: Statistics; readonly backward?: Statistics; readonly memory?: number };
  /** The seconds of the forward solve, and of what goes back over it. */
  readonly seconds: { readonly solve: number; readonly gradient: number };
}
