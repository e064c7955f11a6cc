/** The check that no gradient with NaN or an infinity in it leaves the library. */
import { componentPath, type Layout } from "../../src/arrays/layout.ts";
import { firstNotFinite } from "../../src/core/array-values.ts";
import { DerivativeNotFinite } from "./errors.ts";
import type { FlatGradient, GradientTask } from "./task.ts";

/**
 * Returns the gradient.
 *
 * @throws {@link DerivativeNotFinite}, which names the component, where it is not finite.
 */
export function requireFiniteGradient<T extends Pick<FlatGradient, "p" | "u0" | "t0" | "t1" | "at">>(
  { problem: { layout } }: Pick<GradientTask, "problem">,
  gradient: T,
): T {
  requireFiniteValues(gradient.p, (i) => componentOf("p", layout.p, i));
  requireFiniteValues(gradient.u0, (i) => componentOf("u0", layout.u, i));
  requireFiniteValues([gradient.t0 ?? 0], () => "t0");
  requireFiniteValues([gradient.t1 ?? 0], () => "t1");
  requireFiniteValues(gradient.at, (i) => `at[${i}]`);
  return gradient;
}

function requireFiniteValues(values: ArrayLike<number> | undefined, nameOf: (i: number) => string): void {
  const at = values ? firstNotFinite(values) : -1;
  if (!values || at < 0) return;
  throw new DerivativeNotFinite(`the derivative with respect to ${nameOf(at)} is ${values[at]}`);
}

/** The name of a component, such as "p.a" or "u0[3]". */
export function componentOf(what: "p" | "u0", layout: Layout, i: number): string {
  return componentPath(layout, i, what);
}
