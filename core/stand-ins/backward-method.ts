/** In place of the choice of the method that goes backward. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Whole from "../../sensitivity/adjoints/continuous/backward-method.ts";

/** That of the forward solve, or the one that is named. */
export const backwardMethod: typeof Whole.backwardMethod = ({ backward: { solver } }, forward) => {
  if (solver) return solver;
  const { family, dt, linearSolver } = forward;
  if (family.alternates || (dt === undefined && (family.iterates || linearSolver)))
    throw new NotInCore("The choice of a method to go backward by", "Name one: backward: { solver: rodas5P() }");
  return forward;
};

export const backwardWarnings: typeof Whole.backwardWarnings = ({ backward: { solver } }) =>
  solver?.family.iterates && solver.dt === undefined
    ? [`The backward solve is by ${solver.name}, whose error estimate may not see what decays within its steps. Take rodas5P.`]
    : [];
