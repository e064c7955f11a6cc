/** Failed integrations as errors. */
import type { ProblemCode } from "../../src/problem/code.ts";
import {
  ConvergenceFailure,
  EndlessEvents,
  NonFiniteDerivative,
  NonFiniteJacobian,
  OutOfTime,
  SingularMatrix,
  SlidingMode,
  SolveAborted,
  StepUnderflow,
  TooManySteps,
  type SolveFailed,
} from "./errors.ts";
import { showPlace } from "../../src/core/errors.ts";
import { diagnose } from "../../src/analysis/diagnosis.ts";
import { undefinedProperty } from "../../src/problem/undefined-property.ts";
import { written } from "../events/switches.ts";
import { branchesIn, executionOf } from "../systems/problem-system.ts";
import { causeOfNonFinite, causeOfTooManySteps, causeOfUnderflow, notFiniteAt, sceneOf } from "./post-mortem.ts";
import type { Result, Trajectory } from "../step-loop/trajectory.ts";

/** The error that says how an integration of a problem, with parameters p, ended; `solution` is what there is of it. */
export function failureOf(
  code: ProblemCode,
  p: Float64Array,
  trajectory: Trajectory,
  solver: string,
  solution: unknown = trajectory,
): SolveFailed {
  const { result, final } = trajectory;
  const scene = sceneOf(code, p, trajectory);
  // A step to a switch ends a few roundings before it.
  const { minStep } = trajectory.request!;
  const limit = minStep === undefined ? "" : `, and none shorter than minStep, ${minStep}`;
  const where = `${solver} stopped at t = ${Number(result.t.toPrecision(14))} (step ${result.h}${limit})`;
  switch (result.kind) {
    case "nonFiniteDerivative": {
      const found = notFiniteAt(scene);
      const component = scene.nameOf(found?.component ?? result.component ?? 0);
      const place = found && diagnosisAt(code, { u: found.u, p, t: found.t }, []);
      return new NonFiniteDerivative(where, component, place, causeOfNonFinite(scene), solution);
    }
    case "nonFiniteJacobian": {
      const { component, by, t } = result;
      const [wrt, name] = by === undefined ? ["t", "t"] : ["u", scene.nameOf(by)];
      const place = diagnosisAt(code, { u: final, p, t }, [wrt]);
      return new NonFiniteJacobian(where, `∂(d${scene.nameOf(component!)}/dt)/∂${name}`, place, solution);
    }
    case "tooManySteps":
      return new TooManySteps(where, causeOfTooManySteps(scene), solution);
    case "convergenceFailure":
      return new ConvergenceFailure(where, solution);
    case "singularMatrix":
      return new SingularMatrix(where, solution);
    case "endlessEvents":
      return new EndlessEvents(
        where,
        result.event === undefined ? switchAt(code, result) : code.events[result.event].name,
        solution,
      );
    case "slidingMode":
      return new SlidingMode(where, switchAt(code, result), solution);
    case "aborted":
      return new SolveAborted(where, solution);
    case "outOfTime":
      return new OutOfTime(where, fractionOf(trajectory), solution);
    default:
      return new StepUnderflow(where, causeOfUnderflow(scene), solution);
  }
}

/** The decision of the right-hand side that was met last, as it stands in the text. */
function switchAt(code: ProblemCode, { decision }: Result): string {
  const { function: name, line, text } = written(branchesIn(code)!.held[decision!], code.name);
  return `${name}, line ${line}: \`${text}\``;
}

interface Inputs {
  readonly [name: string]: Float64Array | number;
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
}

/** Of the way to t1, that an integration has come. */
function fractionOf({ request, result, times }: Trajectory): number {
  const t1 = request!.t1;
  return (result.t - times[0]) / (t1 - times[0]);
}

/** Where the right-hand side, or its derivative by `wrt`, goes wrong; of one that runs by itself, what it reads that is not there. */
function diagnosisAt(code: ProblemCode, inputs: Inputs, wrt: readonly string[]): string | undefined {
  if (!executionOf(code).compiled) return undefinedProperty(code, inputs.u, inputs.p, inputs.t);
  const [diagnostic] = diagnose(code.rhsProgram(), inputs, wrt);
  return diagnostic && showPlace(diagnostic.place, diagnostic.what);
}
