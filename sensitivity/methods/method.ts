/** What every adjoint method gets and gives. */
import type { ComponentSizes } from "../../solvers/step-loop/component-sizes.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Deadline } from "../../src/core/options/time-limit.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Method } from "../../solvers/families/method.ts";
import type { StepOptions } from "../../solvers/step-options.ts";
import type { Statistics } from "../../solvers/step-loop/trajectory.ts";
import type { LossPrograms } from "../loss.ts";
import type { GradientProgress } from "../progress.ts";
import type { VjpBackend } from "../vjp/backend.ts";
import type { Estimate, TaskFacts } from "./estimate.ts";
import type { ForwardPass } from "./pass.ts";

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

/** What a method can do, as data for the choice and for the user. */
export interface MethodTraits {
  /** Way back over the solution, or derivatives carried along with it. */
  readonly mode: "reverse" | "forward";
  /** Implicit solvers may be used. */
  readonly stiff: boolean;
  /** What is kept of the forward solution: all of it, a bounded number of states, what the memory budget allows, or none. */
  readonly memory: "dense" | "checkpoints" | "budget" | "none";
  /** The error of what the derivative is made of is controlled, besides that of the states; otherwise it is never chosen by default. */
  readonly controlsDerivatives: boolean;
  /** Derives the right-hand side's program; otherwise a vjp backend that only calls the function will do. */
  readonly needsText: boolean;
  /** Where the text cannot be read the function's tape will do, row by row of its Jacobian: not by default. */
  readonly takesTape?: boolean;
  /** Uses the vjp backend. */
  readonly usesVjp: boolean;
  /** Why it is left to those who ask for it. Absent: it may be chosen. */
  readonly caution?: string;
}

export interface AdjointMethod {
  readonly name: string;
  readonly traits: MethodTraits;
  /** What it would cost. */
  readonly estimate: (facts: TaskFacts) => Estimate;
  readonly run: (task: GradientTask) => FlatGradient;
  /** The forward half, for losses from outside; the task's loss has only times. */
  readonly pass: (task: GradientTask) => ForwardPass;
}
