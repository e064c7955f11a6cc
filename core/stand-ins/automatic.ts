/** In place of the choice of a method. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Whole from "../../solvers/solve/automatic.ts";

export const integrateAuto: typeof Whole.integrateAuto = () => {
  throw new NotInCore("The choice of a method", "Name one: solver: tsit5()");
};

export const defaultSolver: typeof Whole.defaultSolver = () => undefined;
