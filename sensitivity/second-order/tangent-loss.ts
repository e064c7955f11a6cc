/**
 * Losses of a problem's tangent (see tangent-code.ts). Of a loss L its slope along the tangent, whose gradient by (u0, p) is the Hessian
 * times the direction, and by the direction the gradient; and half of its curvature, vᵀ (∂²L/∂u²) v / 2 with the parameters likewise, which
 * is quadratic in the direction (v0, q): its gradient by that is the Gauss-Newton matrix times the direction (N. N. Schraudolph, "Fast
 * curvature matrix-vector products for second-order gradient descent", Neural Computation 14 (2002) 1723–1738).
 */
import { memo } from "../../src/core/memo.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import { tangentInputs } from "./tangent-code.ts";

/** Which second derivatives: of the loss through the solve, or of the loss alone, along what the solve is to first order. */
export type Curvature = "full" | "gaussNewton";

/** Of parts that were read. */
export function tangentLoss({ times, indices, sum, integral, final }: LossPrograms, curvature: Curvature): LossPrograms {
  const along = (part: LossPart | undefined): LossPart | undefined => part && tangentPart(part.value, curvature);
  return { times, indices, sum: along(sum), integral: along(integral), final: along(final) };
}

const tangentPart = memo((value: Program, curvature: Curvature): LossPart => {
  const along = curvature === "full" ? slopeOf(value) : halfCurvatureOf(value);
  return { value: along, gradient: derivativesOf(along).vjp(["u", "p"]) };
});

/** (∂L/∂u) v + (∂L/∂p) q, of (u, v) and (p, q). */
const slopeOf = memo((value: Program): Program => {
  const b = new Builder(`${value.name}_slope`);
  const { inputs, directions } = tangentInputs(b, value);
  const slope = b.localArray("slope", 1);
  // Parameters: u, p, the scalars, u_dot, p_dot, result_dot.
  inline(b, derivativesOf(value).jvp(["u", "p"]), [...inputs, ...directions, { array: slope, offset: b.i32(0) }]);
  return eliminate(b.finish(b.load(slope, b.i32(0))));
});

/** Half of the slope's own slope along (v, 0) and (q, 0). */
function halfCurvatureOf(value: Program): Program {
  const slope = slopeOf(value);
  const b = new Builder(`${value.name}_curvature`);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const inputs = slope.parameters.map((parameter) => {
    if (parameter.kind === "array") return whole(b.arrayParameter(parameter.array.name, parameter.array.size, "input"));
    const { type, min, max } = parameter.value;
    return b.scalarParameter(parameter.name, type, min, max);
  });
  const [u, p] = inputs as ArrayArgument[];
  const directions = [u, p].map(({ array }): ArrayArgument => {
    const direction = b.localArray(`${array.name}_direction`, array.size);
    const half = array.size / 2;
    b.fill(direction, b.f64(0));
    b.for(b.i32(0), b.i32(half), 1, [], (i) => {
      b.store(direction, i, b.load(array, b.operation("i32.add", i, b.i32(half))));
      return [];
    });
    return whole(direction);
  });
  const curvature = b.localArray("curvature", 1);
  inline(b, derivativesOf(slope).jvp(["u", "p"]), [...inputs, ...directions, whole(curvature)]);
  return eliminate(b.finish(b.operation("mul", b.f64(0.5), b.load(curvature, b.i32(0)))));
}
