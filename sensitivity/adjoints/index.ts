/** The table of adjoint methods. */
import { continuousAdjoints, continuousMethod } from "./continuous/methods.ts";
import { discreteMethod } from "./discrete/method.ts";
import { forwardMethod } from "./forward/method.ts";
import type { AdjointMethod } from "./shared/method.ts";

const table = {
  gauss: continuousMethod(continuousAdjoints.gauss),
  quadrature: continuousMethod(continuousAdjoints.quadrature),
  interpolating: continuousMethod(continuousAdjoints.interpolating),
  backsolve: continuousMethod(continuousAdjoints.backsolve),
  discrete: discreteMethod,
  dual: forwardMethod("dual", "all"),
  forwardSensitivity: forwardMethod("forwardSensitivity", "states"),
} as const satisfies Readonly<Record<string, AdjointMethod>>;

/**
 * The name under which a gradient of a steady state goes. It differentiates no solve, so it is none of the methods that are weighed against
 * each other, and takes losses that none of them takes.
 */
export const STEADY_ADJOINT = "steadyState";

type Methods = typeof table;

/** What there is, by name: an interface, to which tests add. */
export interface AdjointMethods extends Methods {}

export type AdjointName = keyof AdjointMethods & string;

/** With that of steady states. */
export type AnyAdjointName = keyof (AdjointMethods & Record<typeof STEADY_ADJOINT, AdjointMethod>) & string;

/** The methods by their names. */
export const adjointMethods: Readonly<Record<AdjointName, AdjointMethod>> = table;
