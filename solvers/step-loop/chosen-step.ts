/** The length of a step where a method begins, from the derivatives there. */
import type { System } from "../step/system.ts";
import type { Code } from "./prepare.ts";
import type { IntegrationRequest } from "./request.ts";
import type { Statistics } from "./statistics.ts";

/** Of the time span; no solution begins with a transient that is shorter still. */
const LEAST_STEP = 2 ** -149;
/** Of t; the step loop takes steps of half this length. */
const MOVING_STEP = 2 ** -50;
/** Of the shortest step allowed, what is too short. */
const BELOW = 1 - 2 ** -40;

/** What switches to and fro in less than such a part of the span may be missed. */
export const PARTS_OF_SPAN = 128;

export function partOf({ t0, t1 }: Pick<IntegrationRequest, "t0" | "t1">): number {
  return Math.abs(t1 - t0) / PARTS_OF_SPAN;
}

/** Steps that would have to be shorter end the integration. */
export function leastStep({ t0, t1, minStep = 0 }: IntegrationRequest): number {
  return Math.max(0.5 * LEAST_STEP * Math.abs(t1 - t0), BELOW * minStep);
}

/** Of the time span, a first step that may be so short for the sake of stability. */
const SHORT = 1e-7;

export function isShort({ t0, t1 }: IntegrationRequest, h: number): boolean {
  return Math.abs(h) < SHORT * Math.abs(t1 - t0);
}

/** From t, where the state and its derivative are in the first slot; signed. */
export function chosenStep(
  { here, there, address, initialStep }: Code,
  request: IntegrationRequest,
  t: number,
  statistics: Statistics,
): number {
  statistics.rhsCalls++;
  const { t0, t1, rtol, minStep = 0 } = request;
  const span = t1 - t;
  const step = initialStep(here.u, here.f, there.u, there.f, address.p, address.atol, t, span, rtol);
  // No shorter than a step can be.
  const moving = Math.max(LEAST_STEP * Math.abs(t1 - t0), MOVING_STEP * Math.abs(t));
  const least = Math.min(Math.abs(span), Math.max(moving, minStep));
  return Math.sign(span) * Math.max(Math.abs(step), least);
}

/** What jumps with the state and is not held is stepped over, not seen, by a long step where nothing else changes. */
export function longestStep(request: IntegrationRequest, { jumpsUnseen }: System): number {
  return request.maxStep ?? (jumpsUnseen ? partOf(request) : Infinity);
}
