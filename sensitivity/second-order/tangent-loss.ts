/**
 * Losses of a problem's tangent (see tangent-code.ts). Of a loss L its slope along the tangent, whose gradient by (u0, p) is the Hessian
 * times the direction, and by the direction the gradient; and half of its curvature, vᵀ (∂²L/∂u²) v / 2 with the parameters likewise, which
 * is quadratic in the direction (v0, q): its gradient by that is the Gauss-Newton matrix times the direction (N. N. Schraudolph, "Fast
 * curvature matrix-vector products for second-order gradient descent", Neural Computation 14 (2002) 1723–1738).
 */
import type { Layout } from "../../src/arrays/layout.ts";
import { memo } from "../../src/core/memo.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import { placesInSeries } from "../losses/series.ts";
import { tangentInputs } from "./tangent-code.ts";

/** Which second derivatives: of the loss through the solve, or of the loss alone, along what the solve is to first order. */
export type Curvature = "full" | "gaussNewton";

/** Of parts that were read, over states that are laid out so. */
export function tangentLoss(
  { times, indices, sum, integral, final, all }: LossPrograms,
  curvature: Curvature,
  layout: Layout,
): LossPrograms {
  const along = (part: LossPart | undefined): LossPart | undefined => part && partOf(alongTangent(part.value, curvature));
  const ofAll = all && partOf(overSeries(alongTangent(all.value, curvature), layout, times.length));
  return { times, indices, sum: along(sum), integral: along(integral), final: along(final), all: ofAll };
}

const partOf = memo((value: Program): LossPart => ({ value, gradient: derivativesOf(value).vjp(["u", "p"]) }));

function alongTangent(value: Program, curvature: Curvature): Program {
  return curvature === "full" ? slopeOf(value) : halfCurvatureOf(value);
}

/**
 * Of a program of the series of states, and behind it that of their tangents, one of the states with their tangents at the times: of each
 * the state, and behind it the tangent.
 */
const overSeries = memo((along: Program, layout: Layout, count: number): Program => {
  const b = new Builder(`${along.name}_of_all`);
  const places = placesInSeries(
    layout,
    Int32Array.from({ length: count }, (_, k) => k),
    2 * layout.size,
  );
  const states = b.arrayParameter("u", 2 * layout.size * count, "input");
  const [, ofP] = along.parameters;
  const p = b.arrayParameter("p", ofP.kind === "array" ? ofP.array.size : 0, "input");
  const series = b.localArray("series", 2 * places.length);
  const from = b.constantArray("places", places);
  b.for(b.i32(0), b.i32(places.length), 1, [], (i) => {
    const place = b.load(from, i);
    b.store(series, i, b.load(states, place));
    b.store(
      series,
      b.operation("i32.add", i, b.i32(places.length)),
      b.load(states, b.operation("i32.add", place, b.i32(layout.size))),
    );
    return [];
  });
  return eliminate(b.finish(inline(b, along, [whole(b, series), whole(b, p)])));
});

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}

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
  const inputs = slope.parameters.map((parameter) => {
    if (parameter.kind === "array") return whole(b, b.arrayParameter(parameter.array.name, parameter.array.size, "input"));
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
    return whole(b, direction);
  });
  const curvature = b.localArray("curvature", 1);
  inline(b, derivativesOf(slope).jvp(["u", "p"]), [...inputs, ...directions, whole(b, curvature)]);
  return eliminate(b.finish(b.operation("mul", b.f64(0.5), b.load(curvature, b.i32(0)))));
}
