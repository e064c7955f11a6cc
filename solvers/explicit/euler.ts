import { MissingStepSize } from "../../src/errors.ts";
import type { ExplicitMethod } from "../method.ts";

/**
 * The explicit Euler method, order 1, with steps of fixed length `dt` (in units of t). Dense output: cubic Hermite.
 * Throws {@link MissingStepSize} without `dt`.
 */
export function euler(options: { readonly dt: number }): ExplicitMethod {
  return { name: "euler", family: "explicit", order: 1, tableau: { stages: [], b: [1] }, dt: fixedStep("euler", options) };
}

export function fixedStep(name: string, options: { readonly dt: number } | undefined): number {
  const dt = Math.abs(options?.dt ?? NaN);
  if (!(dt > 0 && dt < Infinity)) throw new MissingStepSize(name, options?.dt);
  return dt;
}
