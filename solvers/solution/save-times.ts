/** The times of `saveat`, checked. */
import { BadSaveTimes } from "./errors.ts";
import type { Check } from "../../src/core/options/check.ts";
import { requireRoom } from "../../src/core/memory.ts";
import { requireNumbers } from "../../src/core/options/lists.ts";

/** One of both. Throws {@link BadSaveTimes}. */
export const times: Check = (value, what) => {
  if (typeof value !== "number") return requireNumbers(value, what, BadSaveTimes);
  if (!(Number.isFinite(value) && value !== 0)) {
    throw new BadSaveTimes(`${what} is ${value}, but must be a distance of times, or an array of times.`);
  }
};

/**
 * A number is the distance of an even grid that begins at t0 and ends with t1 (the last piece may be shorter); an array is
 * taken as it is. `n`: numbers of each state. Throws {@link BadSaveTimes}, and TooMuchMemory.
 */
export function saveTimes(saveat: number | ArrayLike<number>, t0: number, t1: number, n: number): ArrayLike<number> {
  if (typeof saveat === "number") return grid(saveat, t0, t1, n);
  requireNumbers(saveat, "saveat", BadSaveTimes);
  requireRoom(`saveat: ${saveat.length} times of ${n} numbers`, saveat.length, n, (most) => `Give ${most} times at most.`);
  return checked(saveat, t0, t1);
}

function grid(distance: number, t0: number, t1: number, n: number): Float64Array {
  const pieces = Math.abs((t1 - t0) / distance);
  const what = `saveat is ${distance}, which within [${t0}, ${t1}] is ${Math.ceil(pieces) + 1} times of ${n} numbers`;
  const least = (most: number): string => (Math.abs(t1 - t0) / Math.max(1, most - 2)).toPrecision(3);
  requireRoom(
    what,
    pieces + 1,
    n,
    (most) => `Give a distance of ${least(most)} or more, or the ${most} times at most that you need.`,
  );
  // A remainder of rounding makes no piece of its own.
  const count = Math.max(1, Math.ceil(pieces * (1 - 1e-12)));
  const step = Math.sign(t1 - t0) * Math.abs(distance);
  return Float64Array.from({ length: count + 1 }, (_, i) => (i === count ? t1 : t0 + i * step));
}

function checked(times: ArrayLike<number>, t0: number, t1: number): ArrayLike<number> {
  const direction = Math.sign(t1 - t0);
  for (let i = 0; i < times.length; i++) {
    const t = times[i];
    if (!(direction * (t - t0) >= 0 && direction * (t1 - t) >= 0)) {
      throw new BadSaveTimes(`saveat[${i}] is ${t}, outside the time span [${t0}, ${t1}]. Leave it out, or extend tspan.`);
    }
    if (i > 0 && direction * (t - times[i - 1]) < 0) {
      throw new BadSaveTimes(
        `saveat[${i}] is ${t}, after ${times[i - 1]}: the times must be in the direction of tspan, [${t0}, ${t1}]. Sort them.`,
      );
    }
  }
  return times;
}
