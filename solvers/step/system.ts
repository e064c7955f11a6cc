/** What is integrated, flat: u' = rhs(u, p, t), or M u' = rhs(u, p, t), with n states and np parameters. */
import type { External, Program } from "../../src/ir/ir.ts";
import type { Norm, StepControl } from "./controller.ts";
import type { MassMatrix } from "../../src/problem/mass-matrix.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";

/** Consecutive components whose errors are judged together. */
export interface ErrorPart {
  readonly from: number;
  readonly to: number;
  /** Of their error in that of the step. Parts that are not listed are not judged. */
  readonly weight: number;
  /** The relative tolerance from which on the weight is 1; below it, it is in proportion, but `weight` at least. */
  readonly strictFrom?: number;
  /**
   * They are derivatives of as many components, which begin here. Nobody states their size, so their absolute tolerances grow with
   * the largest they have been, and are no less than what rounding makes of a state of that size.
   */
  readonly derivativesOf?: number;
}

/** What a system's right-hand side, whose decisions are held by a table, says of them: see src/analysis/switching/branches.ts. */
export interface HeldBranches {
  readonly n: number;
  readonly table: Float64Array;
  readonly isPole: readonly boolean[];
  readonly margins: Program;
  readonly outcomes: Program;
  /** (output margins, input u, input p, scalar t, input u_dot, input t_dot, output margins_dot) */
  readonly slopes: Program;
  /** Is what the right-hand side gives the derivative of the state? Not so with a mass matrix. */
  readonly hasVelocity: boolean;
}

/**
 * Programs are compiled with the step. Externals (functions of the host) read and write the arena they were made for, so a
 * system with one is prepared with that arena.
 */
export interface System {
  readonly n: number;
  readonly np: number;
  /** Names of the components, for messages. */
  readonly names?: readonly string[];
  /** (output du[n], input u[n], input p[np], scalar t) */
  readonly rhs: Program | External;
  /** Absent: explicit methods only. `values` is (output values[nnz] in CSC order, input u[n], input p[np], scalar t). */
  readonly jacobian?: {
    readonly pattern: SparsityPattern;
    readonly values: Program | External;
    /** M's entries in the order of the pattern, which has them all; absent: the identity, whatever the pattern. */
    readonly mass?: Float64Array;
    /** The Jacobian is the transpose of the matrix that pattern and values give: linear solves use `solveTransposed` (adjoint systems). */
    readonly transposed?: boolean;
    /** Where it is block lower triangular with equal diagonal blocks: the components of each block, in ascending order. */
    readonly blocks?: readonly Int32Array[];
  };
  /** Those of the Jacobian, and of that of a part of the right-hand side. */
  readonly blocks?: readonly Int32Array[];
  /** M of M u' = rhs, constant, for implicit methods; absent: the identity. */
  readonly mass?: MassMatrix;
  /** A step's error is the largest of its parts'. Default: that of all components together. */
  readonly parts?: readonly ErrorPart[];
  /** What the scaled errors of a part amount to. Default: their root mean square. */
  readonly norm?: Norm;
  /** Indices of components that no step may leave negative. */
  readonly positive?: readonly number[];
  /** The system whose tangents are among the states: first steps and stiffness are judged on it. Default: this one. */
  readonly primal?: Pick<System, "n" | "np" | "rhs">;
  /** May the right-hand side jump with the state where no step is made to end? */
  readonly jumpsUnseen?: boolean;
  /** (output outcome[1], input u, input p, scalar t): changes where the right-hand side jumps or has a kink (see switchesOf). */
  readonly switches?: Program;
  /** Of a right-hand side whose decisions on the state are held. */
  readonly branches?: HeldBranches;
  /** The function that was read (output, input u, input p, scalar t), of the first states and parameters, to be compared along solves. */
  readonly watched?: Program;
  /** (output z[n], input r[n], input u[n], input p[np], t, d): z = P⁻¹ r for a P that is near d I − ∂f/∂u. Absent: the identity. */
  readonly preconditioner?: Program;
  /** ∂f/∂t: (output ft[n], input u[n], input p[np], scalar t). Absent: zero. */
  readonly timeDerivative?: Program | External;
}

/** The system as steps under such a control see it; what it has by getters is made when it is asked for. */
export function judgedBy(system: System, { norm, positive }: StepControl = {}): System {
  if (norm === undefined && positive === undefined) return system;
  return Object.create(system, { norm: { value: norm }, positive: { value: positive } }) as System;
}
