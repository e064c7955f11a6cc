/** What implicit families know of their steps' linear systems. They bring it along, so that pages with explicit methods load none of it. */
import { memo } from "../../src/core/memo.ts";
import { samePattern, type SparsityPattern } from "../../src/analysis/sparsity.ts";
import { splitIntoBlocks } from "../linear/block-lu.ts";
import { linearSolverFor } from "../linear/linear-solver.ts";
import { sizeOfFactors, type Jacobian } from "./factorized-system.ts";

export interface LinearSystems {
  /** How those with this pattern are solved. */
  readonly kindFor: (pattern: SparsityPattern) => string;
  /** Nanoseconds of a factorization and of a solve, from the operations of the elimination. */
  readonly costsOf: (jacobian: Jacobian) => { readonly factor: number; readonly solve: number };
  /** Numbers in the factors of `own`, where it is the diagonal block of the other one; otherwise 0. Splitting patterns takes longer than some steps. */
  readonly sizeOfBlock: (jacobian: Jacobian, own: Jacobian) => number;
}

export const linearSystems: LinearSystems = {
  kindFor: (pattern) => linearSolverFor(pattern).kind,
  costsOf: ({ pattern, blocks, mass }) => linearSolverFor(pattern, blocks, mass).costs,
  sizeOfBlock: memo(({ pattern, blocks }: Jacobian, own: Jacobian): number => {
    const isBlock = blocks && samePattern(splitIntoBlocks(pattern, blocks).diagonal, own.pattern);
    return isBlock ? sizeOfFactors(own) : 0;
  }),
};
