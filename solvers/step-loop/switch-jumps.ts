/** What jumps where decisions turn. */
import type { IntegrationRequest } from "./request.ts";

/** A component of the derivative that differs by more than this part of its size jumps. */
const JUMP = 1e-9;
/** And moves the state over the span by more than this part of its size, or of its absolute tolerance. */
const NEGLIGIBLE = 2 ** -40;

/**
 * Does a component of the derivative jump, compared with its size on both sides and where the step before began, and with what moves the state
 * over the span, or what is taken for its error?
 */
export function jumpsOf(
  u: Float64Array,
  start: Float64Array,
  { t0, t1 }: Pick<IntegrationRequest, "t0" | "t1">,
  atol: Float64Array,
): (before: Float64Array, after: Float64Array) => boolean {
  const least = u.map((x, i) => (NEGLIGIBLE * Math.max(Math.abs(x), atol[i])) / Math.abs(t1 - t0));
  return (before, after) =>
    before.some((x, i) => {
      const size = Math.max(Math.abs(x), Math.abs(after[i]), Math.abs(start[i]));
      return Math.abs(after[i] - x) > Math.max(JUMP * size, least[i]);
    });
}

/** Does the state jump, as algebraic components do? */
export function isMoved(before: Float64Array, behind: Float64Array): boolean {
  return before.some((x, i) => Math.abs(behind[i] - x) > JUMP * Math.max(Math.abs(x), Math.abs(behind[i])));
}
