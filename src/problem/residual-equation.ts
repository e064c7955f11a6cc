/** Residuals as equations that are solved: a right-hand side with a mass matrix, of the state with derivatives behind it. */
import { derivativeForm } from "./derivative-form.ts";
import { Operator, type AsEquation } from "./operator.ts";
import { operators } from "./operators.ts";
import type { Inputs } from "./plain-operator.ts";
import { pointsFrom } from "./points.ts";
import { derivativesIn, massOfDerivatives, ResidualOperator } from "./residual-operator.ts";
import { inputsOf } from "./stated.ts";

/** `derivative`: that of the state with which it is begun to look for the one that solves the equations at the start. */
export function residualEquation(derivative: Float64Array): AsEquation {
  return (given, at) => {
    const points = (): Inputs[] => pointsFrom(at).map(({ u, p, t }) => [derivative, u, p, t]);
    const residual = new Operator(operators.residual, { ...given, points });
    const form = derivativeForm(residual.program(), at, derivative);
    const from = { ...at, u0: Float64Array.from([...at.u0, ...derivativesIn(form, derivative)]) };
    const rhs = new ResidualOperator(residual, form, () => inputsOf(pointsFrom(from)), residualEquation);
    return { rhs, mass: massOfDerivatives(at.u0.length, form), from };
  };
}
