/** Smooths data, for a fit of the right-hand side to their derivatives before it is solved. */
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { oneOf, positive } from "../../src/core/options/kinds.ts";
import { BadData } from "../data/errors.ts";
import type { Observations } from "../data/observations.ts";
import { kernels, narrowestBandwidth, smooth, type KernelName } from "./smoother.ts";

/** What `collocate` takes. */
export interface CollocateOptions {
  /** How much data count at a distance. "epanechnikov" by default. */
  readonly kernel?: KernelName;
  /** How far data count, in units of time. By default the one that predicts data best that are left out, for each name. */
  readonly bandwidth?: number;
}

/** Smoothed values and derivatives by time, of the components of the state by name. */
export interface Collocation {
  readonly times: Float64Array;
  readonly u: Readonly<Record<string, Float64Array>>;
  readonly du: Readonly<Record<string, Float64Array>>;
  /** What each name was smoothed with. */
  readonly bandwidth: Readonly<Record<string, number>>;
  readonly p?: unknown;
}

const checks: Checks<CollocateOptions> = { kernel: oneOf(...Object.keys(kernels)), bandwidth: positive };

/**
 * Smoothed data and their derivatives, by local quadratic regression: what `fitDerivatives` fits a right-hand side to without solving
 * (H. Liang, H. Wu, Parameter estimation for differential equation models using a framework of measurement error in regression models,
 * J. Am. Stat. Assoc. 103, 2008; E. Roesch, C. Rackauckas, M. P. H. Stumpf, Collocation based training of neural ordinary differential
 * equations, Stat. Appl. Genet. Mol. Biol. 20, 2021).
 *
 * @param data - Observations of components of the state, all at the same times.
 * @param options - The kernel, and its bandwidth in units of time.
 * @returns Values and derivatives at the times of the data, by name.
 * @throws UnknownOption, BadOption.
 * @throws BadData where there are fewer than four times, names have different ones, or a bandwidth takes in too few of them.
 * @example
 * const { u, du } = collocate(observations({ t, values: { prey, predator } }));
 */
export function collocate(data: Observations, options: CollocateOptions = {}): Collocation {
  checkOptions(options, checks, "collocate");
  if (!isObject(data) || !("series" in data))
    throw new BadData("collocate: the data were not made by observations({ t, values }).");
  const { kernel = "epanechnikov", bandwidth } = options;
  const { times, series, p } = data;
  if (times.length < 4) throw new BadData(`collocate: a derivative of data takes at least 4 times; there are ${times.length}.`);
  const narrowest = narrowestBandwidth(times);
  if (bandwidth !== undefined && bandwidth < narrowest) {
    throw new BadData(`collocate: within a bandwidth of ${bandwidth} there are fewer than 4 times. Give ${narrowest} or more.`);
  }
  const all = series.map(({ name, of, at, values }) => {
    if (of)
      throw new BadData(
        `collocate: "${name}" is a function of the state, and not one of its components, whose derivative is fitted.`,
      );
    if (at.length !== times.length || at.some((index, i) => index !== i)) {
      throw new BadData(
        `collocate: "${name}" has ${at.length} values, but there are ${times.length} times. Each needs one at each, in order.`,
      );
    }
    return [name, smooth(times, values, kernel, bandwidth)] as const;
  });
  const by = <T>(of: (one: (typeof all)[number][1]) => T): Record<string, T> =>
    Object.fromEntries(all.map(([name, smoothed]) => [name, of(smoothed)]));
  return {
    times,
    u: by(({ values }) => values),
    du: by(({ derivatives }) => derivatives),
    bandwidth: by((one) => one.bandwidth),
    p,
  };
}
