/** A loss that is not yet known: only its times. */
import { saveTimes } from "../../solvers/solution/save-times.ts";
import type { LossPrograms } from "./loss.ts";

/** Throws BadSaveTimes. */
export function savedLoss([t0, t1]: readonly [number, number], saveat: number | ArrayLike<number>, n: number): LossPrograms {
  const times = Float64Array.from(saveTimes(saveat, t0, t1, n));
  return { times, indices: Int32Array.from(times.keys()) };
}
