/** Rosenbrock methods: linearly implicit, with a matrix that is factorized once a step. */
import { predictive } from "../../step/controller.ts";
import { linearSystems } from "../../step/linear-systems.ts";
import type { Family, Method } from "../../step/method.ts";
import { rosenbrockAdjoint } from "./adjoint.ts";
import { rosenbrockStep } from "./step.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "./tableau.ts";

export const rosenbrock: Family<RosenbrockTableau> = {
  name: "rosenbrock",
  implicit: true,
  linearSystems,
  takesMass: true,
  step: rosenbrockStep,
  controller: ({ tableau }) => predictive(tableau.errorOrder),
  stability: () => undefined,
  adjoint: rosenbrockAdjoint,
};

/** For what is made for their steps alone, as the gradients of batches are. */
export function isRosenbrock(method: Method): method is RosenbrockMethod {
  return method.family === rosenbrock;
}
