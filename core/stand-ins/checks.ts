/** In place of the check of whole gradients, that of `check: true`. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as ByDifferences from "../../sensitivity/check/by-differences.ts";
import type * as ThroughSolve from "../../sensitivity/check/through-solve.ts";

function refuse(): never {
  throw new NotInCore("The check of a whole gradient", "Leave `check` out: derivatives of functions are checked all the same");
}

export const requireCheckable: typeof ThroughSolve.requireCheckable = refuse;
export const checkThroughSolve: typeof ThroughSolve.checkThroughSolve = refuse;
export const checkByDifferences: typeof ByDifferences.checkByDifferences = refuse;
