/** Programs that compute a part of a loss and add its gradient to cotangents. */
import { recordWeights } from "../../../solvers/step-loop/interpolant.ts";
import { isWrittenOut, StepBuilder } from "../../../solvers/step/builder.ts";
import { inline } from "../../../src/ir/clone.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import { rootsOf, varied } from "../../../src/analysis/activity.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import type { LossPart } from "../../losses/part.ts";

/**
 * The program (input u, input p, the part's own scalars, scale, theta, inout bar, inout gradient), which returns scale times the loss at u.
 *
 * `bar` is the cotangent of what u was interpolated from, which has `blocks` vectors of n: one is u itself; more are a record at theta (see
 * solvers/step/dense-form.ts).
 */
export function lossAdjoint({ value, gradient: derivative }: LossPart, n: number, np: number, blocks: number): Program {
  const b = new StepBuilder(`${value.name}_adjoint`, { n }, isWrittenOut(n, derivative, 1));
  const whole = (array: ArrayArgument["array"]): ArrayArgument => ({ array, offset: b.i32(0) });
  const inputs: (ArrayArgument | Value)[] = value.parameters.map((parameter) =>
    parameter.kind === "array"
      ? whole(b.arrayParameter(parameter.array.name, parameter.array.size, "input"))
      : b.scalarParameter(parameter.name, parameter.value.type, parameter.value.min, parameter.value.max),
  );
  const scale = b.scalarParameter("scale");
  const theta = b.scalarParameter("theta");
  const bar = b.arrayParameter("bar", blocks * n, "inout");
  const gradient = b.arrayParameter("gradient", np, "inout");
  const uBar = b.vector("u_bar");
  const pBar = { array: b.localArray("p_bar", np), offset: 0 };
  const result = inline(b, value, inputs)!;
  inline(b, derivative, [...inputs, scale, b.slice(uBar), b.slice(pBar)]);
  const weights = blocks === 1 ? [b.f64(1)] : recordWeights(b, theta, blocks);
  b.each((at) => {
    const x = b.get(at(uBar));
    weights.forEach((weight, q) => {
      const { array, offset } = at({ array: bar, offset: q * n });
      b.accumulate(array, offset, b.times(x, weight));
    });
  });
  const varying = varied(value, rootsOf(value, ["p"])).values;
  if (value.result && varying.has(value.result)) b.addTo({ array: gradient, offset: 0 }, pBar, np);
  return eliminate(b.finish(b.operation("mul", scale, result)));
}
