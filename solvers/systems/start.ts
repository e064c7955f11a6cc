/** The flat state at which a solve begins. */
import { packFinite, requireFinite } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

/**
 * What is given, or else the problem's initial state at these parameters. With derivatives behind it, where the state has some: those that the
 * problem begins with. Throws as `pack` does, and NonFinite.
 */
export function startOf(
  { layout, code, u0 }: Pick<OdeProblem, "layout" | "code" | "u0">,
  given: unknown,
  p: Float64Array,
): Float64Array {
  const { u0: initial } = code.operators;
  if (given === undefined && initial) {
    const state = new Float64Array(layout.u.size);
    initial.evaluate(state, [p]);
    requireFinite(layout.u, state, "u0");
    return state;
  }
  const state = packFinite(layout.u, given === undefined ? u0 : given, "u0");
  if (layout.u.kind === "extended") state.set(code.from.u0.subarray(layout.u.own.size), layout.u.own.size);
  return state;
}
