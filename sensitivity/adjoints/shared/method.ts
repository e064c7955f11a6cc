/** What every adjoint method is: its traits as data, an estimate of its cost, and how it runs. */
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import type { Estimate, TaskFacts } from "./estimate.ts";

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

/** A forward solve that losses from outside can be taken back over, any number of times. */
export interface SolveWithPullback {
  /** With the states at the times of the task's loss. */
  readonly trajectory: Trajectory;
  readonly solver: string;
  /** The derivatives of a loss whose derivatives by the saved states are these, n each. */
  readonly pullBack: (cotangents: Float64Array) => Pick<FlatGradient, "p" | "u0" | "t0">;
}

export interface AdjointMethod {
  readonly name: string;
  readonly traits: MethodTraits;
  /** What it would cost. */
  readonly estimate: (facts: TaskFacts) => Estimate;
  readonly gradient: (task: GradientTask) => FlatGradient;
  /** For losses from outside; the task's loss has only times. */
  readonly solveWithPullback: (task: GradientTask) => SolveWithPullback;
}
