/** Problems whose compiled form does something else than the function, as if it had been read wrongly. */
import { ProblemCode } from "../src/problem/code.ts";
import { odeProblem, type OdeProblem, type OdeProblemSpec } from "../src/problem/problem.ts";
import { Reading } from "../src/read/readings.ts";
import type { Program } from "../src/ir/ir.ts";

class MisreadCode extends ProblemCode {
  constructor(
    { code, name }: OdeProblem,
    private readonly program: Program,
  ) {
    super(code.functions, code.layout, code.constants, code.inPlace, name);
  }

  protected override readRhs(): Reading {
    const entry = { users: 0, filled: 0 } as ConstructorParameters<typeof Reading>[2];
    return new Reading(this.program, [], entry, undefined);
  }
}

let made = 0;

/** Its program is that of `readAs`. What is found out of one is not known of another. */
export function misreadProblem<U, P, C>(
  spec: OdeProblemSpec<U, P, C>,
  readAs: OdeProblemSpec<U, P, C>["rhs"],
): OdeProblem<U, P, C> {
  const name = `misread${made++}`;
  const problem = odeProblem<U, P, C>({ ...spec, name });
  const other = odeProblem<U, P, C>({ ...spec, name, rhs: readAs });
  return { ...problem, code: new MisreadCode(problem as OdeProblem, other.code.rhsProgram()) };
}
