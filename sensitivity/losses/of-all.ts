/** Losses of the states at all their times: the value, and its derivatives by each of these states and by the parameters. */
import { compiledAlone } from "../../src/problem/comparison.ts";
import { requireAllAgreement } from "./agreement.ts";
import { lossNotFinite } from "./not-finite.ts";
import type { LossOfProblem } from "./compiled.ts";
import { placesInSeries } from "./series.ts";

export interface OfAll {
  readonly value: number;
  /** By the states at the loss's times in the order of the solve, `stride` numbers each. */
  readonly cotangents: Float64Array;
  readonly byP: Float64Array;
}

/** Of saved states, `stride` numbers each. Throws NonFiniteLoss, and as {@link requireAllAgreement} does. */
export function lossOfAll(task: LossOfProblem, states: Float64Array, stride: number): OfAll {
  const { loss, p, target, code } = task;
  const { value: program, gradient } = loss.all!;
  const places = placesInSeries(code.changed?.layout.u ?? code.layout.u, loss.indices, stride);
  const series = Float64Array.from(places, (place) => states[place]);
  requireAllAgreement(task, series);
  const value = compiledAlone(program, target).run([series, p], []).result;
  if (!Number.isFinite(value)) throw lossNotFinite(program, { u: series, p }, value, "of all times");
  // Parameters: u, p, result_bar, u_bar, p_bar.
  const [, , bySeries, byP] = compiledAlone(gradient, target).run([series, p], [1]).arrays;
  const cotangents = new Float64Array(loss.times.length * stride);
  places.forEach((place, i) => (cotangents[place] = bySeries[i]));
  return { value, cotangents, byP: byP.slice() };
}
