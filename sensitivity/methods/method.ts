/** What every adjoint method gets and gives. */
import type { Target } from "../../src/compile/compile.ts";
import type { ProblemCode } from "../../src/code.ts";
import type { OdeProblem } from "../../src/problem.ts";
import type { Method } from "../../solvers/method.ts";
import type { Statistics } from "../../solvers/trajectory.ts";
import type { LossPrograms } from "../loss.ts";
import type { VjpBackend } from "../vjp/backend.ts";

export interface GradientTask {
  readonly problem: OdeProblem;
  readonly code: ProblemCode;
  readonly loss: LossPrograms;
  readonly wrt: { readonly p: boolean; readonly u0: boolean };
  /** Flat. */
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly solver: Method | undefined;
  readonly backend: VjpBackend;
  readonly rtol: number;
  readonly atol: number;
  readonly maxSteps?: number;
  readonly target: Target;
}

export interface FlatGradient {
  readonly value: number;
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
  /** Name of the solver that ran, as its trajectory reports it. */
  readonly solver: string;
  readonly stats: { readonly forward: Statistics; readonly backward?: Statistics };
  /** Of the forward solve and of the way back. */
  readonly seconds: { readonly solve: number; readonly gradient: number };
}
