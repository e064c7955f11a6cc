/** Problems whose compiled form does something else than the function, as if it had been read wrongly. */
import { Operator } from "../src/problem/operator.ts";
import { odeProblem, type OdeProblem, type OdeProblemSpec } from "../src/problem/problem.ts";
import { Reading } from "../src/read/readings.ts";
import { codeBy } from "./operator-code.ts";

let made = 0;

/** Its program is that of `readAs`. What is found out of one is not known of another. */
export function misreadProblem<U, P, C>(
  spec: OdeProblemSpec<U, P, C>,
  readAs: OdeProblemSpec<U, P, C>["rhs"],
): OdeProblem<U, P, C> {
  const name = `misread${made++}`;
  const problem = odeProblem<U, P, C>({ ...spec, name });
  const program = odeProblem<U, P, C>({ ...spec, name, rhs: readAs }).code.rhsProgram();
  class Misread extends Operator {
    override read(): Reading {
      const entry = { users: 0, filled: 0 } as ConstructorParameters<typeof Reading>[2];
      return new Reading(program, [], entry, undefined);
    }
  }
  return { ...problem, code: codeBy(problem, Misread).code };
}
