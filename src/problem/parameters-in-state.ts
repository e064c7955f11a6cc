/** Problems with events that change parameters, over a state that holds those. */
import { componentNames } from "../arrays/layout.ts";
import { ReadError } from "../core/errors.ts";
import { memo } from "../core/memo.ts";
import { WriteToInput } from "../read/syntax/errors.ts";
import { ProblemCode, type EventOperators } from "./code.ts";
import { BadEvents } from "./errors.ts";
import { withIdentity } from "./mass-matrix.ts";
import type { Operator } from "./operator.ts";
import type { OdeProblem } from "./specification.ts";
import { operatorOverState } from "./over-state.ts";
import { changedParameters, withParameters, writtenIn, type ChangedParameters } from "./changed-parameters.ts";

/**
 * The problem over a state that holds the parameters that its events change; the same one where they change none that shows in their
 * text. A function that cannot be read fails where it changes one.
 *
 * @throws {@link BadEvents} for a problem with derivatives of its own, a right-hand side in parts, or a residual, which know nothing of such
 * a state.
 */
export function withParametersInState(problem: OdeProblem): OdeProblem {
  const code = overState(problem.code);
  return code ? { ...problem, code, layout: code.layout } : problem;
}

const overState = memo((code: ProblemCode): ProblemCode | undefined => {
  const changing = code.events.map(({ apply }) => changingOf(apply));
  const indices = new Set(changing.flatMap((operator) => (operator ? writtenIn(operator.program()) : [])));
  if (indices.size === 0) return undefined;
  const { layout, operators, from, mass } = code;
  const changed = changedParameters(
    layout,
    [...indices].sort((a, b) => a - b),
  );
  requireOneProgram(code, changed);
  for (const operator of changing) if (operator) code.alsoHolds(operator);
  const over = (operator: Operator | undefined, itself?: Operator): Operator | undefined =>
    operator && operatorOverState(operator, changed, itself);
  const events = code.events.map(({ name, times, when, apply }, k): EventOperators => ({
    name,
    // Of the parameters at the start.
    times,
    when: over(when),
    apply: over(apply, changing[k]),
  }));
  return new ProblemCode(
    { rhs: operatorOverState(operators.rhs, changed), u0: operators.u0, preconditioner: over(operators.preconditioner) },
    undefined,
    { ...from, u0: withParameters(changed, from.u0, from.p) },
    events,
    mass && withIdentity(mass, changed.indices.length),
    undefined,
    changed,
  );
});

/** Throws {@link BadEvents}. */
function requireOneProgram(code: ProblemCode, { indices }: ChangedParameters): void {
  const found = obstacleOf(code);
  if (!found) return;
  const { name, layout } = code;
  const { what, remedy } = found;
  throw new BadEvents(
    `${name}: an event changes the parameter ${componentNames(layout.p, "p")[indices[0]]}, which ${what}. ${remedy}, or make the parameter a ` +
      "component of u whose derivative is 0.",
  );
}

function obstacleOf({ operators, derivatives = {}, isResidual }: ProblemCode): { what: string; remedy: string } | undefined {
  if (Object.values(derivatives).some((derivative) => derivative !== undefined)) {
    return { what: "the problem's own `derivatives` know nothing of", remedy: "Leave those out" };
  }
  if (operators.rhs.isSplit) return { what: "a right-hand side in parts does not take up", remedy: "State it as one function" };
  return isResidual ? { what: "a residual does not take up", remedy: "State the problem with a mass matrix" } : undefined;
}

/** The function of an event that writes to its parameters, as one that changes them. */
function changingOf(apply: Operator | undefined): Operator | undefined {
  try {
    apply?.program();
    return undefined;
  } catch (error) {
    if (!(error instanceof WriteToInput)) return undefined;
  }
  const changing = apply!.changingParameters();
  try {
    changing.program();
    return changing;
  } catch (error) {
    if (error instanceof ReadError) return undefined;
    throw error;
  }
}
