/** Profile likelihoods of fitted parameters. */
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { callable, fraction, listOf, text } from "../src/core/options/kinds.ts";
import { nearest } from "../src/core/options/names.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import type { Observations } from "./data/observations.ts";
import type { Fit } from "./judge/fit-result.ts";
import { reachOf } from "./judge/fitted-spread.ts";
import { placeOfFit } from "./judge/place-of-fit.ts";
import { modelChecks, modelOf, type ModelOptions } from "./objective/model.ts";
import { BadParameter } from "./parameters/errors.ts";
import type { FreeParameter, FreeParameters } from "./parameters/free.ts";
import { scales } from "./parameters/scale.ts";
import { ProfilePath, type Path, type PathOptions, type Place } from "./profiles/path.ts";
import { Profiles, type Profile } from "./profiles/profiles.ts";

/** How far profiles have come. */
export interface ProfileProgress {
  /** The parameters that are done. */
  readonly done: number;
  readonly of: number;
}

/** What `profile` takes; what `fit` was given of these has to be the same. */
export interface ProfileOptions extends ModelOptions {
  /** Names of the fitted parameters whose profiles are wanted; by default all. */
  readonly profiled?: readonly string[];
  /** Of the confidence intervals. 0.95 by default. */
  readonly level?: number;
  /** Called after each parameter. */
  readonly onProgress?: (progress: ProfileProgress) => void;
}

const checks: Checks<ProfileOptions> = { ...modelChecks, profiled: listOf(text), level: fraction, onProgress: callable };

/** As far as this many times the best value or the start, whichever is farther, is looked. */
const FAR = 1000;
/** On the scale "logit", this near to a bound is at it. */
const AT_BOUND = 1e-6;
/** The first step where there is no standard error, on the scale of the fit. */
const NO_ERROR = 0.05;
/** The first step, in standard errors. */
const FIRST = 0.5;
/** A profile whose misfit rises by less, in negative logarithms of the likelihood, is flat. */
const FLAT = 1e-3;
/** A misfit that is lower than that of the best fit by this much is another minimum. */
const LOWER = 1e-2;

/**
 * Profile likelihoods: for values of a parameter from the best fit outwards, the others are fitted anew, until the misfit has risen by half
 * the quantile of chi-square. The intervals follow the misfit where it is no parabola, and have no upper or lower end where data give none.
 *
 * A standard deviation that is fitted is fitted anew with the others. Where all are, the misfit rises as far as Student's distribution says.
 *
 * @param problem - The model.
 * @param data - What it was fitted to.
 * @param best - What `fit` returned, or `best` of `multiStart`.
 * @param options - What `fit` was given of the model: parameters, initial, tolerances; which profiles, and the level of the intervals.
 * @returns The profiles with their intervals, and what is not identifiable.
 * @throws UnknownOption, BadOption, BadData; BadParameter where the fit is one of other parameters or data, or has no parameter of a name
 * in `profiled`.
 * @example
 * const { intervals } = await profile(lotkaVolterra, measured, fitted, { profiled: ["a"] });
 */
export async function profile<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  best: Fit<U, P>,
  options: ProfileOptions = {},
): Promise<Profiles> {
  checkOptions(options, checks, "profile");
  const { profiled, level = 0.95, onProgress, ...model } = options;
  const { misfit, free } = modelOf("profile", problem as OdeProblem, data, model);
  const { x, value } = await placeOfFit("profile", misfit, free, best);
  const wanted = indicesOf(profiled, free);
  const limit = limitOf(level, best);
  const found: { readonly profile: Profile; readonly lowest: Place }[] = [];
  for (const j of wanted) {
    const slope = free.slopesAt(free.valuesAt(x))[j];
    const error = best.parameters[j].standardError / Math.abs(slope);
    const step = Number.isFinite(error) && error > 0 ? FIRST * error : NO_ERROR * unitOf(free.list[j], x[j]);
    const center: Place = { x, value, root: 0 };
    const side = (direction: 1 | -1): PathOptions => {
      // At a bound the fit says nothing of how far it is to where the misfit has risen.
      const reach = best.parameters[j].atBound ? Infinity : 2 * step;
      const far = farFrom(free.list[j], { best: x[j], start: free.start[j] }, direction, reach);
      return { j, direction, limit, far, step: Math.min(step, Math.abs(far.x - x[j]) / 4) };
    };
    const [down, up] = [
      await new ProfilePath(misfit, center, side(-1)).follow(),
      await new ProfilePath(misfit, center, side(1)).follow(),
    ];
    const places = [...down.places, center, ...up.places].toSorted((a, b) => a.x[j] - b.x[j]);
    found.push({ profile: profileOf(free, j, x[j], places, [down, up]), lowest: lowestOf(places) });
    onProgress?.({ done: found.length, of: wanted.length });
  }
  const profiles = found.map((one) => one.profile);
  return new Profiles({
    level,
    threshold: value + limit ** 2 / 2,
    profiles,
    evaluations: misfit.attempts.count,
    warnings: [...lowerMinimum(free, value, found), ...profiles.flatMap(warningOf)],
  });
}

/**
 * The root of twice what the misfit rises by. Where standard deviations are fitted anew, that is n/2 ln(1 + t²/(n − k)) for a linear model,
 * t standard errors away, as it is the logarithm of the ratio of the sums of squares.
 */
function limitOf(level: number, { degreesOfFreedom, residuals }: Fit): number {
  if (degreesOfFreedom === 0 || degreesOfFreedom === Infinity) return reachOf(level, Infinity);
  return Math.sqrt(residuals.length * Math.log1p(reachOf(level, degreesOfFreedom) ** 2 / degreesOfFreedom));
}

/** Throws {@link BadParameter}. */
function indicesOf(names: readonly string[] | undefined, { list }: FreeParameters): number[] {
  const all = [...list.keys()];
  if (names === undefined) return all;
  for (const name of names) {
    if (list.some((one) => one.name === name)) continue;
    const known = list.map((one) => one.name);
    const near = nearest(name, known);
    throw new BadParameter(
      `profile: there is no fitted parameter "${name}". ${near === undefined ? `There are ${known.join(", ")}.` : `Is "${near}" meant?`}`,
    );
  }
  return all.filter((j) => names.includes(list[j].name));
}

/** On the scale "linear" its own size, on the others 1. */
function unitOf({ scale }: FreeParameter, x: number): number {
  return scale === scales.linear ? Math.abs(x) || 1 : 1;
}

/** `best` and `start` are on the scale; the start tells how large a parameter is whose best value is next to nothing. */
function farFrom(
  { scale, lower, upper }: FreeParameter,
  { best, start }: { readonly best: number; readonly start: number },
  direction: 1 | -1,
  reach: number,
): PathOptions["far"] {
  if (scale === scales.logit) {
    const near = AT_BOUND * (upper - lower);
    return { x: scale.toFree(direction < 0 ? lower + near : upper - near, lower, upper), isBound: true };
  }
  const bound = scale.toFree(direction < 0 ? lower : upper, lower, upper);
  const far =
    scale === scales.log
      ? direction * (Math.max(direction * best, direction * start) + Math.log(FAR))
      : best + direction * FAR * Math.max(Math.abs(best), Math.abs(start), reach);
  // A bound of -Infinity has no logarithm.
  const isBound = direction * (far - bound) >= 0;
  return { x: isBound ? bound : far, isBound };
}

function profileOf(
  free: FreeParameters,
  j: number,
  center: number,
  places: readonly Place[],
  [down, up]: readonly Path[],
): Profile {
  const { name, of, lower, upper, scale } = free.list[j];
  const valueAt = (x: number): number => scale.fromFree(x, lower, upper);
  const endOf = ({ end, last }: Path, bound: number): number => (end === "open" || end === "bound" ? bound : valueAt(last));
  const sides = [down, up];
  const isFlat = sides.every(({ end }) => end !== "threshold") && places.every(({ root }) => root ** 2 / 2 < FLAT);
  const isOpen = sides.some(({ end }) => end === "open");
  const not = isFlat ? "structurally" : isOpen ? "practically" : undefined;
  return {
    name,
    of,
    best: valueAt(center),
    lower: endOf(down, scale === scales.log ? Math.max(lower, 0) : lower),
    upper: endOf(up, upper),
    ends: { lower: down.end, upper: up.end },
    ...(not && { notIdentifiable: not }),
    points: places.map(({ x, value }) => ({ at: valueAt(x[j]), value, parameters: free.valuesAt(x) })),
  };
}

function warningOf({ name, notIdentifiable, ends, lower, upper, points }: Profile): string[] {
  const range = `from ${points[0].at.toPrecision(3)} to ${points.at(-1)!.at.toPrecision(3)}`;
  if (notIdentifiable === "structurally") {
    return [`${name} is not identifiable, structurally: the misfit is the same ${range}, where the others are fitted anew.`];
  }
  const open = ends.lower === "open" ? (ends.upper === "open" ? "an end" : "a lower end") : "an upper end";
  const failed = [...(ends.lower === "failed" ? [lower] : []), ...(ends.upper === "failed" ? [upper] : [])];
  return [
    ...(notIdentifiable ? [`${name} is practically not identifiable: its interval has not ${open} ${range}.`] : []),
    ...failed.map(
      (at) => `${name}: the model cannot be solved beyond ${at.toPrecision(4)}, where its interval ends short of the threshold.`,
    ),
  ];
}

function lowerMinimum(free: FreeParameters, value: number, found: readonly { readonly lowest: Place }[]): string[] {
  const lowest = lowestOf(found.map((one) => one.lowest));
  if (lowest.value >= value - LOWER) return [];
  const at = [...free.valuesAt(lowest.x)].map((x, j) => `${free.list[j].name} ${x.toPrecision(6)}`).join(", ");
  return [
    `The fit is not at the lowest minimum: the misfit is lower by ${(value - lowest.value).toPrecision(3)} at ${at}. Fit from there.`,
  ];
}

function lowestOf(places: readonly Place[]): Place {
  return places.reduce((a, b) => (b.value < a.value ? b : a));
}
