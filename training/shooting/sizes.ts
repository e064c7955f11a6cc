/** How large the components of a state are: what starts of segments, and gaps between them, are counted in. */
import { unpack } from "../../src/arrays/pack.ts";
import { norm } from "../../src/core/norm.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { Experiment } from "../objective/experiment.ts";
import type { SolveSettings } from "../objective/solves.ts";
import type { FreeParameters } from "../parameters/free.ts";

/**
 * The root mean square of what was observed of each component; of one that was not, the median of the solution at the start of the fit,
 * which a solution that grows without bound at its end does not move; 1 where both are 0.
 */
export function sizesOf(experiments: readonly Experiment[], free: FreeParameters, settings: SolveSettings): Float64Array {
  const observed = experiments[0].u0.map((_, c) => {
    return rootMeanSquare(
      experiments.flatMap(({ series }) => series.flatMap((one) => (one.component === c ? [...one.values] : []))),
    );
  });
  if (observed.every((size) => size > 0)) return observed;
  const states = experiments.flatMap((experiment) => statesAtStart(experiment, free, settings));
  return observed.map((size, c) => size || medianSize(states.map((u) => u[c])) || 1);
}

/** As far as the solution goes. */
function statesAtStart(experiment: Experiment, free: FreeParameters, settings: SolveSettings): readonly Float64Array[] {
  const { problem, layout, times } = experiment;
  const { u0, p } = free.put(free.valuesAt(free.start), experiment);
  const at = { u0: unpack(layout.u, u0), p: unpack(layout.p, p), saveat: times };
  return [u0, ...solve(problem, { ...settings, ...at, throwOnFailure: false }).states];
}

function rootMeanSquare(values: readonly number[]): number {
  return norm(Float64Array.from(values)) / Math.sqrt(values.length || 1);
}

/** Of what is not 0; 0 where all are. */
function medianSize(values: readonly number[]): number {
  const sizes = Float64Array.from(values, Math.abs).filter((size) => size > 0 && size < Infinity);
  return sizes.sort()[sizes.length >> 1] ?? 0;
}
