/** Parameters that ran to an end of their scale, which is at no finite number of it. */
import { columnNorms } from "../optimisers/linear-model.ts";
import type { LeastSquares } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";
import { scales } from "../parameters/scale.ts";

/** In standard deviations of all data: by less a step of 1 on the scale, as from x to e x, moves what is predicted. */
const STILL = 1e-3;
/** By more than this a parameter on the scale ran from its start. */
const RAN = 5;

/** A sentence for each. */
export function endsOfScales(free: FreeParameters, x: Float64Array, { jacobian }: LeastSquares): string[] {
  const norms = columnNorms(jacobian, x.length);
  return free.list.flatMap(({ name, scale, lower, upper }, j) => {
    const ran = x[j] - free.start[j];
    const isInside = x[j] > free.lower[j] && x[j] < free.upper[j];
    if (scale === scales.linear || !isInside || norms[j] > STILL || Math.abs(ran) < RAN) return [];
    const end = ran > 0 ? upper : Math.max(lower, scale === scales.log ? 0 : lower);
    return [
      `${name} ran to the ${ran > 0 ? "upper" : "lower"} end of its scale, towards ${end}: nearer to it, the misfit is the same, and its standard error ` +
        `says nothing. On the scale "linear" with bounds it can be at ${end === Infinity ? "a bound" : end}.`,
    ];
  });
}
