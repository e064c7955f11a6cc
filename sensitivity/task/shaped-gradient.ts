/** Derivatives in the user's shapes. */
import type { Layout } from "../../src/arrays/layout.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import type { FlatGradient } from "./task.ts";

/** Derivatives by p and u0 in their shapes, by the ends of the time span and by the times of the loss. What was not asked for is absent. */
export interface ShapedGradient<U, P> {
  readonly p?: Shaped<P>;
  readonly u0?: Shaped<U>;
  readonly t0?: number;
  readonly t1?: number;
  /** By each of the times `at` of the loss, in their order: on the side before it where an event or a switch is there. */
  readonly at?: Float64Array;
}

/** Gives flat derivatives the user's shapes. */
export function shapedGradient<U, P>(
  layout: { readonly u: Layout; readonly p: Layout },
  { p, u0, t0, t1, at }: Pick<FlatGradient, "p" | "u0" | "t0" | "t1" | "at">,
): ShapedGradient<U, P> {
  return {
    ...(p && { p: unpack<P>(layout.p, p) }),
    ...(u0 && { u0: unpack<U>(layout.u, u0) }),
    ...(t0 !== undefined && { t0 }),
    ...(t1 !== undefined && { t1 }),
    ...(at && { at }),
  };
}
