/** Failed integrations as errors. */
import {
  NonFiniteDerivative,
  SingularMatrix,
  SolveAborted,
  StepUnderflow,
  TooManySteps,
  type SolveFailed,
} from "../src/errors.ts";
import type { Result } from "./trajectory.ts";

/** The error that says how an integration ended; `solution` is what there is of it, `names` those of the components. */
export function failureOf(result: Result, solver: string, names: readonly string[], solution: unknown): SolveFailed {
  const where = `${solver} stopped at t = ${result.t} (step ${result.h})`;
  switch (result.kind) {
    case "nonFiniteDerivative":
      return new NonFiniteDerivative(where, names[result.component ?? 0] ?? `${result.component}`, solution);
    case "tooManySteps":
      return new TooManySteps(where, solution);
    case "singularMatrix":
      return new SingularMatrix(where, solution);
    case "aborted":
      return new SolveAborted(where, solution);
    default:
      return new StepUnderflow(where, solution);
  }
}
