/** What is integrated, flat: u' = rhs(u, p, t) with n states and np parameters. */
import type { External, Program } from "../src/program/ir.ts";
import type { SparsityPattern } from "../src/program/inspect/sparsity.ts";

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
    /** The Jacobian is the transpose of the matrix that pattern and values give: linear solves use `solveTransposed` (adjoint systems). */
    readonly transposed?: boolean;
    /** Where it is block lower triangular with equal diagonal blocks: the components of each block, in ascending order. */
    readonly blocks?: readonly Int32Array[];
  };
  /** ∂f/∂t: (output ft[n], input u[n], input p[np], scalar t). Absent: zero. */
  readonly timeDerivative?: Program | External;
}
