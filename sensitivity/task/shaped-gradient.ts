/** Derivatives in the user's shapes. */
import type { Layout } from "../../src/arrays/layout.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import type { FlatGradient } from "./task.ts";

/** Derivatives by p and u0 in their shapes, and by the ends of the time span. What was not asked for is absent. */
export interface ShapedGradient<U, P> {
  readonly p?: Shaped<P>;
  readonly u0?: Shaped<U>;
  readonly t0?: number;
  readonly t1?: number;
}

/** Gives flat derivatives the user's shapes. */
export function shapedGradient<U, P>(
  layout: { readonly u: Layout; readonly p: Layout },
  { p, u0, t0, t1 }: Pick<FlatGradient, "p" | "u0" | "t0" | "t1">,
): ShapedGradient<U, P> {
  return {
    ...(p && { p: unpack<P>(layout.p, p) }),
    ...(u0 && { u0: unpack<U>(layout.u, u0) }),
    ...(t0 !== undefined && { t0 }),
    ...(t1 !== undefined && { t1 }),
  };
}
