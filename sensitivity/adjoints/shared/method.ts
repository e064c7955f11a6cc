/** The interface of adjoint methods: their traits as data, an estimate of their cost, and how they run. */
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import type { FlatGradient, GradientTask } from "../../task/task.ts";
import type { Estimate, TaskFacts } from "./estimate.ts";

/** What a method can do, as data for the planner and for the user. */
export interface MethodTraits {
  /** Reverse mode goes back over the solution; forward mode carries derivatives along with it. */
  readonly mode: "reverse" | "forward";
  /** Whether implicit solvers may be used. */
  readonly stiff: boolean;
  /** What is kept of the forward solution: all of it, a bounded number of states, what the memory budget allows, or none. */
  readonly memory: "dense" | "checkpoints" | "budget" | "none";
  /**
   * Whether the error of what the derivative is made of is controlled, besides that of the states. A method that does not do so is never
   * chosen by default.
   */
  readonly controlsDerivatives: boolean;
  /** Whether it derives the right-hand side's program. If not, a vjp backend that only calls the function will do. */
  readonly needsText: boolean;
  /** Whether the tape of a function that cannot be read will do, row by row of its Jacobian. Such a method is not chosen by default. */
  readonly takesTape?: boolean;
  /** Whether it uses the vjp backend. */
  readonly usesVjp: boolean;
  /** Whether it differentiates M u' = f, where a problem has a mass matrix. By default not. */
  readonly takesMass?: boolean;
  /** Whether it takes a loss's integral over steps of one length from their dense output; the others carry it along beside the state. */
  readonly integratesOverSteps?: true;
  /** Whether it solves the adjoint equations backward, which the others do not. */
  readonly solvesBackward?: true;
  /** Why it is used only where it is asked for; absent of a method that may be chosen. */
  readonly caution?: string;
}

/** A forward solve that losses from outside can be taken back over, any number of times. */
export interface SolveWithPullback {
  /** The solution, saved at the times of the task's loss. */
  readonly trajectory: Trajectory;
  /** The name of the solver that ran. */
  readonly solver: string;
  /** The derivatives of a loss whose derivatives by the saved states are these, n each. */
  readonly pullBack: (cotangents: Float64Array) => Pick<FlatGradient, "p" | "u0" | "t0">;
}

/** A row of the table of adjoint methods. */
export interface AdjointMethod {
  readonly name: string;
  readonly traits: MethodTraits;
  /** Estimates what a gradient would cost. */
  readonly estimate: (facts: TaskFacts) => Estimate;
  /** Computes the loss and its gradient. */
  readonly gradient: (task: GradientTask) => FlatGradient;
  /** Solves for losses that are computed elsewhere; the task's loss has only times. */
  readonly solveWithPullback: (task: GradientTask) => SolveWithPullback;
}
