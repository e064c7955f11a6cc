/** The flat state at which a solve begins. */
import { packFinite } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

/** With derivatives behind it, where the state has some: those that the problem begins with. Throws as `pack` does, and NonFinite. */
export function startOf({ layout, code }: Pick<OdeProblem, "layout" | "code">, u0: unknown): Float64Array {
  const state = packFinite(layout.u, u0, "u0");
  if (layout.u.kind === "extended") state.set(code.from.u0.subarray(layout.u.own.size), layout.u.own.size);
  return state;
}
