/** What the adjoint steps of a problem are made from. */
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { isProgram } from "../../../src/ir/ir.ts";
import { addingTo } from "../../../src/passes/accumulating.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { AdjointParts, CotangentProducts } from "../../../solvers/step/adjoint.ts";

/** `made`: the system and the programs of its steps; `wrtP`: whether the gradient with respect to the parameters is wanted. */
export function adjointParts(
  code: ProblemCode,
  made: Pick<AdjointParts, "system" | "programs">,
  vjp: CotangentProducts,
  wrtP: boolean,
): AdjointParts {
  const both = wrtP ? vjp.wrtBoth : undefined;
  const addingVjp = both && isProgram(both) ? addingTo(both, "p_bar") : undefined;
  const vjpOfTangent = (): ReturnType<AdjointParts["vjpOfTangent"]> =>
    derivativesOf(derivativesOf(code.rhsProgram()).jvp(["u", "t"])).vjp(wrtP ? ["u", "p"] : ["u"]);
  return { ...made, vjp, addingVjp, wrtP, vjpOfTangent };
}
