/** Explicit Runge–Kutta methods. */
import { proportionalIntegral } from "../../step/controller.ts";
import type { Family, Method } from "../../step/method.ts";
import { explicitAdjoint } from "./adjoint.ts";
import { realStabilityBoundary } from "./stability.ts";
import { explicitStep } from "./step.ts";
import type { ExplicitMethod, ExplicitTableau } from "./tableau.ts";

export const explicit: Family<ExplicitTableau> = {
  name: "explicit",
  implicit: false,
  step: explicitStep,
  controller: ({ order, tableau }) => proportionalIntegral(tableau.errorOrder ?? order),
  stability: realStabilityBoundary,
  adjoint: explicitAdjoint,
};

/** For what is written for their stages alone, as batches are. */
export function isExplicit(method: Method): method is ExplicitMethod {
  return method.family === explicit;
}
