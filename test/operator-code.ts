/** Code of problems whose right-hand side is an operator of another class. */
import { ProblemCode } from "../src/problem/code.ts";
import type { Operator, OperatorOptions } from "../src/problem/operator.ts";
import type { OdeProblem } from "../src/problem/problem.ts";

type OperatorClass<T extends Operator> = new (...args: ConstructorParameters<typeof Operator>) => T;

/** With what its right-hand side is made of. */
export function codeBy<T extends Operator>(
  { code }: Pick<OdeProblem, "code">,
  Made: OperatorClass<T>,
  changes: Partial<OperatorOptions> = {},
): { readonly code: ProblemCode; readonly rhs: T } {
  const { signature, fn, name, spaces, constants, inPlace } = code.operators.rhs;
  const points = () => code.operators.rhs.points();
  const rhs = new Made(signature, { fn, name, spaces, constants, inPlace, points, data: "arrays", ...changes });
  return { code: new ProblemCode({ rhs }, code.derivatives, code.from, code.events), rhs };
}
