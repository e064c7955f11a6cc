/** In place of the methods that are chosen among. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Whole from "../../solvers/solve/candidates.ts";

export const candidatesAt: typeof Whole.candidatesAt = () => {
  throw new NotInCore("The choice of a method", "Name one: solver: tsit5()");
};
