/** Fits a right-hand side to smoothed derivatives, before it is solved. */
import { componentNames } from "../../src/arrays/layout.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";
import { pack, unpack, type Shaped } from "../../src/arrays/pack.ts";
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { anything, callable, count } from "../../src/core/options/kinds.ts";
import { requireProblem, type OdeProblem } from "../../src/problem/problem.ts";
import { BadData } from "../data/errors.ts";
import { withOwn } from "../objective/experiment.ts";
import { BadStart } from "../objective/errors.ts";
import { anOptimiser, minimise, optimiserFor, type FitProgress } from "../optimisers/minimise.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import { BadParameter } from "../parameters/errors.ts";
import { allParameters, FreeParameters, freeParameters, type Parameters } from "../parameters/free.ts";
import type { Collocation } from "./collocate.ts";
import { DerivativeMisfit, type Sampled } from "./derivative-misfit.ts";

/** What `fitDerivatives` takes. */
export interface FitDerivativesOptions {
  /** The components of p that are fitted, as in `fit` but without priors; by default all. */
  readonly parameters?: Parameters;
  /** As in `fit`. */
  readonly optimiser?: Optimiser;
  /** 200 by default: a start needs no more, and what is noise in the derivatives is not to be learned. */
  readonly maxIterations?: number;
  readonly onProgress?: (progress: FitProgress) => void;
}

/** What `fitDerivatives` returns. */
export interface DerivativeFit<P> {
  /** In the shape of the problem's: a start for `fit`, `remake(problem, { p })`. */
  readonly p: Shaped<P>;
  /** Half the sum of squares, of each component in units of its derivative's root mean square. */
  readonly value: number;
  readonly iterations: number;
  /** Why it ended. */
  readonly ended: string;
}

const checks: Checks<FitDerivativesOptions> = {
  parameters: anything,
  optimiser: anOptimiser,
  maxIterations: count,
  onProgress: callable,
};

/**
 * The parameters under which the right-hand side at smoothed data is nearest to their derivatives: a start for `fit`, found without a
 * solve, and so without the minima that solutions far from the data have.
 *
 * @param problem - The model, all of whose components are observed.
 * @param data - What `collocate` gave, or a list of that of several experiments.
 * @param options - What is fitted, and by which optimiser.
 * @returns The parameters, and how they were found.
 * @throws UnknownOption, BadOption, BadParameter, BadStart, CannotBatch.
 * @throws BadData where a component of the state has no values, or the problem is stated by a residual or a mass matrix.
 * @example
 * const { p } = await fitDerivatives(ude, collocate(data));
 * const fitted = await fit(remake(ude, { p }), data);
 */
export async function fitDerivatives<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Collocation | readonly Collocation[],
  options: FitDerivativesOptions = {},
): Promise<DerivativeFit<P>> {
  checkOptions(options, checks, "fitDerivatives");
  requireProblem(problem, "fitDerivatives");
  const { layout } = problem;
  if (layout.u.kind === "extended" || problem.massMatrix !== undefined) {
    const form = problem.massMatrix === undefined ? "a residual" : "a mass matrix";
    throw new BadData(`fitDerivatives takes problems stated by du = rhs, and this one is stated by ${form}: take fit.`);
  }
  const { parameters = allParameters(layout.p), maxIterations = 200, onProgress } = options;
  const flat = pack(layout.p, problem.p, "p");
  const list = freeParameters("p", parameters, layout.p, flat);
  if (list.length === 0) throw new BadParameter("fitDerivatives: nothing is free. Name some of p in `parameters`.");
  const known = list.find(({ prior }) => prior);
  if (known) {
    throw new BadParameter(
      `fitDerivatives: ${known.name} has a prior, but smoothed derivatives have no standard deviation that it could be weighed against. ` +
        "Leave it out here, and give it to fit.",
    );
  }
  const free = new FreeParameters(list);
  const all = (Array.isArray(data) ? data : [data]) as readonly Collocation[];
  if (all.length === 0) throw new BadData("fitDerivatives: there are no data. Give collocate(observations), or a list of them.");
  const misfit = new DerivativeMisfit(
    problem as OdeProblem,
    all.map((one) => sampled(problem as OdeProblem, one)),
    free,
  );
  const { optimiser = optimiserFor(list.length).optimiser } = options;
  const first = await optimiser.begin(misfit, free.start);
  if (first.value === Infinity)
    throw new BadStart("The right-hand side is not finite at the data. Start elsewhere: parameters: { name: { start } }.");
  const { state, iterations, ended } = await minimise(misfit, first, { optimiser, maxIterations, onProgress });
  const { p } = free.put(free.valuesAt(state.x), { u0: new Float64Array(0), p: flat });
  return { p: unpack<P>(layout.p, p), value: state.value, iterations, ended };
}

function sampled(problem: OdeProblem, data: Collocation): Sampled {
  if (!isObject(data) || !("du" in data)) throw new BadData("fitDerivatives: the data were not made by collocate(observations).");
  const { layout } = problem;
  const { times, u, du } = data;
  const names = componentNames(layout.u, "u");
  const missing = names.filter((name) => !Object.hasOwn(u, name));
  const unknown = Object.keys(u).filter((name) => !names.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new BadData(
      `fitDerivatives: there are values of ${Object.keys(u).join(", ")}, but the state is ${names.join(", ")}, each of which it takes.`,
    );
  }
  const n = names.length;
  const rows = (of: Readonly<Record<string, Float64Array>>): Float64Array =>
    Float64Array.from({ length: n * times.length }, (_, i) => of[names[i % n]][Math.floor(i / n)]);
  const p = pack(layout.p, withOwn(layout.p, problem.p, data.p, "collocation.p"), "collocation.p");
  return { t: times, u: ndarray(rows(u), [times.length, n]), du: rows(du), p };
}
