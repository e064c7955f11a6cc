/** Failed integrations as errors. */
import { componentNames } from "../src/arrays/layout.ts";
import type { ProblemCode } from "../src/code.ts";
import {
  NonFiniteDerivative,
  NonFiniteJacobian,
  showPlace,
  SingularMatrix,
  SolveAborted,
  StepUnderflow,
  TooManySteps,
  type SolveFailed,
} from "../src/errors.ts";
import { findTroubles } from "../src/program/inspect/trouble.ts";
import { executionOf } from "./problem-system.ts";
import type { Trajectory } from "./trajectory.ts";

/** The error that says how an integration of a problem, with parameters p, ended; `solution` is what there is of it. */
export function failureOf(
  code: ProblemCode,
  p: Float64Array,
  trajectory: Trajectory,
  solver: string,
  solution: unknown = trajectory,
): SolveFailed {
  const { result } = trajectory;
  const where = `${solver} stopped at t = ${result.t} (step ${result.h})`;
  switch (result.kind) {
    case "nonFiniteDerivative": {
      const component = componentNames(code.layout.u, "u")[result.component ?? 0];
      return new NonFiniteDerivative(where, component, placeOfTrouble(code, p, trajectory), solution);
    }
    case "nonFiniteJacobian": {
      const names = componentNames(code.layout.u, "u");
      const entry = `∂(d${names[result.component!]}/dt)/∂${result.by === undefined ? "t" : names[result.by]}`;
      return new NonFiniteJacobian(
        where,
        entry,
        placeOfTrouble(code, p, trajectory, result.by === undefined ? "t" : "u"),
        solution,
      );
    }
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

/** Where the right-hand side goes wrong, at the last state or an Euler step on, or its derivative by `wrt` at the last state. */
function placeOfTrouble(
  code: ProblemCode,
  p: Float64Array,
  { final, result: { t, h } }: Trajectory,
  wrt?: "u" | "t",
): string | undefined {
  if (!executionOf(code).compiled) return undefined;
  const program = code.rhsProgram();
  const slope = new Float64Array(final.length);
  code.plain(slope, final, p, t);
  const next = final.map((u, i) => u + h * slope[i]);
  const here = findTroubles(program, { u: final, p, t }, wrt ? [wrt] : []);
  const troubles = wrt ? here : [...here, ...findTroubles(program, { u: next, p, t: t + h }, [])];
  return troubles.length > 0 ? showPlace(troubles[0].place, troubles[0].what) : undefined;
}
