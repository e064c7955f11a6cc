/** In place of mass matrices, and of the algebraic equations that singular ones are. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Matrix from "../../src/problem/mass-matrix.ts";
import type * as FirstStep from "../../solvers/step-loop/massive-initial-step.ts";
import type * as Equations from "../../solvers/systems/algebraic-equations.ts";
import type * as Derivatives from "../../solvers/systems/consistent-derivatives.ts";

function refuse(): never {
  throw new NotInCore("massMatrix", "State the equations as u' = f(u, p, t)");
}

export const massMatrixOf: typeof Matrix.massMatrixOf = refuse;
export const massiveInitialStep: typeof FirstStep.massiveInitialStep = refuse;
export const sameMatrix: typeof Matrix.sameMatrix = refuse;
export const withIdentity: typeof Matrix.withIdentity = refuse;
export const algebraicEquationsOf: typeof Equations.algebraicEquationsOf = () => undefined;
export const consistentDerivativesOf: typeof Derivatives.consistentDerivativesOf = () => undefined;
