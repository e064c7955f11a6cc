/** What is to be differentiated, and what comes of it: laid out flat, for everything that the public verbs hand a task to. */
import type { Method } from "../../solvers/step/method.ts";
import type { ComponentSizes } from "../../solvers/step-loop/component-sizes.ts";
import type { Statistics } from "../../solvers/step-loop/statistics.ts";
import type { StepOptions } from "../../solvers/step-options.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { Deadline } from "../../src/core/options/time-limit.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { VjpBackend } from "../vjp/backend.ts";
import type { GradientProgress } from "./progress.ts";

/** What is to be differentiated, before it is decided how. */
export interface UnplannedTask {
  readonly problem: OdeProblem;
  readonly code: ProblemCode;
  readonly loss: LossPrograms;
  readonly wrt: { readonly p: boolean; readonly u0: boolean; readonly t0: boolean; readonly t1: boolean };
  /** Flat. */
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly solver: Method | undefined;
  readonly rtol: number;
  /** One for all components, or flat. */
  readonly atol: number | Float64Array;
  readonly maxSteps?: number;
  /** The longest holds for both ways, the first one for the forward solve. */
  readonly steps: StepOptions;
  /** Bytes that methods which go back over the forward steps may keep of them. */
  readonly memoryBudget: number;
  /** Of the way back; its solver is by default the method that reached the end, its absolute tolerance by the sizes of what is solved for. */
  readonly backward: { readonly solver?: Method; readonly rtol: number; readonly atol?: number };
  readonly target: Target;
  readonly onProgress?: (progress: GradientProgress) => void;
  readonly signal?: AbortSignal;
  readonly deadline?: Deadline;
}

export interface GradientTask extends UnplannedTask {
  readonly backend: VjpBackend;
}

export interface FlatGradient {
  readonly value: number;
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
  readonly t0?: number;
  readonly t1?: number;
  /** Of the state's components, on the way. */
  readonly sizes: ComponentSizes;
  /** Name of the solver that ran, as its trajectory reports it. */
  readonly solver: string;
  /** `memory`: bytes kept of the forward solution, at most at a time; of methods that go back over it. */
  readonly stats: { readonly forward: Statistics; readonly backward?: Statistics; readonly memory?: number };
  /** Of the forward solve and of the way back. */
  readonly seconds: { readonly solve: number; readonly gradient: number };
}
