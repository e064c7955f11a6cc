/** Multiple shooting: fits the model piece by piece, and the pieces to each other. */
import { ownLayouts } from "../../src/arrays/layout.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { callable, count, positiveFinite } from "../../src/core/options/kinds.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Observations } from "../data/observations.ts";
import { BadData } from "../data/errors.ts";
import { experimentsOf } from "../objective/experiment.ts";
import { badStart, freeOf, modelChecks, type ModelOptions } from "../objective/model.ts";
import { anOptimiser, minimise, optimiserFor, type FitProgress, type Minimum } from "../optimisers/minimise.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import { segmentsOf, startsOf } from "./segments.ts";
import { ShootingMisfit } from "./shooting-misfit.ts";
import { sizesOf } from "./sizes.ts";

/** What `multipleShooting` takes. */
export interface MultipleShootingOptions extends ModelOptions {
  /** Into how many parts each experiment is cut. 5 by default. */
  readonly segments?: number;
  /** One over the gap between parts that counts as one standard deviation, relative to the size of the component. 100 by default. */
  readonly continuity?: number;
  /** As in `fit`. */
  readonly optimiser?: Optimiser;
  /** 200 by default. */
  readonly maxIterations?: number;
  readonly onProgress?: (progress: FitProgress) => void;
}

/** What `multipleShooting` returns. */
export interface ShootingFit<U, P> {
  /** In the shape of the problem's: a start for `fit`, `remake(problem, { p, u0 })`. */
  readonly p: Shaped<P>;
  readonly u0: Shaped<U>;
  /** The misfit, with the gaps. */
  readonly value: number;
  /** The largest gap that is left between two parts, relative to the size of its component. */
  readonly gap: number;
  readonly iterations: number;
  /** Why it ended. */
  readonly ended: string;
}

const checks: Checks<MultipleShootingOptions> = {
  ...modelChecks,
  segments: count,
  continuity: positiveFinite,
  optimiser: anOptimiser,
  maxIterations: count,
  onProgress: callable,
};

/**
 * Gaps count little at first and then more, a penalty that grows (J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., framework 17.1):
 * where they count much from the start, parts hold each other far from the data. These are parts of `continuity`.
 */
const SOFTER = [0.01, 0.1];

/**
 * A fit in which each experiment is cut into parts that start at states of their own, fitted with all else, while gaps between the parts
 * count as errors (H. G. Bock, Recent advances in parameter identification techniques for O.D.E., 1983; gaps as a penalty, as in E. Turan,
 * J. Jäschke, Multiple shooting for training neural differential equations on time series, 2021). Long oscillating data have many minima for
 * solutions from one start; short parts stay near their data. Gaps count little at first, in three stages of a third of the iterations each at most.
 *
 * @param problem - The model; its p and u0 are where the fit starts.
 * @param data - The observations, or a list of those of several experiments.
 * @param options - What is fitted, the parts, and how the model is solved.
 * @returns Parameters and initial state, as a start for `fit`, and how large the gaps still are.
 * @throws UnknownOption, BadOption, BadParameter, BadData and BadStart, as `fit`.
 * @example
 * const { p } = await multipleShooting(oscillator, data, { segments: 10 });
 * const fitted = await fit(remake(oscillator, { p }), data);
 */
export async function multipleShooting<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: MultipleShootingOptions = {},
): Promise<ShootingFit<U, P>> {
  checkOptions(options, checks, "multipleShooting");
  const { segments: parts = 5, continuity = 100, maxIterations = 200, onProgress, parameters, initial, ...rest } = options;
  const { solver, rtol, atol, maxSteps, signal } = rest;
  const settings = { solver, rtol, atol, maxSteps, signal };
  const experiments = experimentsOf("multipleShooting", problem as OdeProblem, data);
  if (experiments.some(({ start }) => start)) {
    throw new BadData(
      "multipleShooting: u0 is a function of p, and parts start at states of their own, the first at a u0 that is given. Give u0 as numbers: " +
        "remake(problem, { u0: … }), and then `fit` with the function.",
    );
  }
  const free = freeOf("multipleShooting", experiments, { parameters, initial });
  const layout = ownLayouts(problem.layout);
  const segments = segmentsOf(experiments, parts, free.list.length, layout.u.size);
  const sizes = sizesOf(experiments, free, settings);
  const start = Float64Array.from([...free.start, ...startsOf(segments, sizes)]);
  const { optimiser = optimiserFor(start.length).optimiser } = options;
  let x: Float64Array = start;
  let taken = 0;
  const stage = async (part: number, most: number): Promise<{ misfit: ShootingMisfit; minimum: Minimum }> => {
    const misfit = new ShootingMisfit(segments, free, { sizes, continuity: part * continuity }, start.length, settings);
    const first = await optimiser.begin(misfit, x);
    if (first.value === Infinity) throw badStart(misfit.attempts.failure);
    const minimum = await minimise(misfit, first, { optimiser, maxIterations: most, onProgress, taken });
    return { misfit, minimum };
  };
  const before = parts > 1 ? SOFTER : [];
  for (const [k, part] of before.entries()) {
    const { minimum } = await stage(part, Math.ceil((maxIterations * (k + 1)) / (before.length + 1)));
    x = minimum.state.x;
    taken = minimum.iterations;
  }
  const { misfit, minimum } = await stage(1, maxIterations);
  const { state, iterations, ended } = minimum;
  const { u0, p } = free.put(free.valuesAt(state.x), experiments[0]);
  return {
    p: unpack<P>(layout.p, p),
    u0: unpack<U>(layout.u, u0),
    value: state.value,
    gap: misfit.largestGap(state.x) / continuity,
    iterations,
    ended,
  };
}
