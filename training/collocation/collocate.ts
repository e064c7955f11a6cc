/** Smooths data, for a fit of the right-hand side to their derivatives before it is solved. */
import { BadOption } from "../../src/core/errors.ts";
import { checkOptions, isObject, type Check, type Checks } from "../../src/core/options/check.ts";
import { oneOf, shown } from "../../src/core/options/kinds.ts";
import { BadData } from "../data/errors.ts";
import type { Observations, Series } from "../data/observations.ts";
import { kernels, narrowestBandwidth, NEEDED, smooth, type KernelName, type Measured, type Smoothed } from "./smoother.ts";

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

const finiteWidth: Check = (value, what) => {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw new BadOption(
    `${what} is ${shown(value)}, but must be a positive number of units of time. Leave it out, and data choose it.`,
  );
};

const checks: Checks<CollocateOptions> = { kernel: oneOf(...Object.keys(kernels)), bandwidth: finiteWidth };

/**
 * Smoothed data and their derivatives, by local quadratic regression: what `fitDerivatives` fits a right-hand side to without solving
 * (H. Liang, H. Wu, Parameter estimation for differential equation models using a framework of measurement error in regression models,
 * J. Am. Stat. Assoc. 103, 2008; E. Roesch, C. Rackauckas, M. P. H. Stumpf, Collocation based training of neural ordinary differential
 * equations, Stat. Appl. Genet. Mol. Biol. 20, 2021).
 *
 * @param data - Observations of components of the state, in any order, each at times of its own, several times the same too.
 * @param options - The kernel, and its bandwidth in units of time.
 * @returns Values and derivatives by name, at the times of the data, as far as all names have values before and behind.
 * @throws UnknownOption, BadOption.
 * @throws BadData where a name has fewer than four different times, or a bandwidth takes in too few of them.
 * @example
 * const { u, du } = collocate(observations({ t, values: { prey, predator } }));
 */
export function collocate(data: Observations, options: CollocateOptions = {}): Collocation {
  checkOptions(options, checks, "collocate");
  if (!isObject(data) || !("series" in data))
    throw new BadData("collocate: the data were not made by observations({ t, values }).");
  const { kernel = "epanechnikov", bandwidth } = options;
  const measured = data.series.map((one) => [one.name, ascending(data.times, one)] as const);
  if (measured.length === 0) throw new BadData("collocate: there are no observations.");
  // Beyond the first and the last value of a name nothing says what it is.
  const first = Math.max(...measured.map(([, { t }]) => t[0]));
  const last = Math.min(...measured.map(([, { t }]) => t[t.length - 1]));
  const times = data.times.filter((time) => time >= first && time <= last);
  if (times.length === 0)
    throw new BadData("collocate: there is no time at which all names have been, and go on being, observed.");
  for (const [name, one] of bandwidth === undefined ? [] : measured) {
    const narrowest = narrowestBandwidth(one, times);
    if (bandwidth! >= narrowest) continue;
    throw new BadData(
      `collocate: within a bandwidth of ${bandwidth} there are fewer than ${NEEDED} times of "${name}". Give ${narrowest} or more.`,
    );
  }
  const all = measured.map(([name, one]) => [name, smooth(one, times, kernel, bandwidth)] as const);
  const by = <T>(of: (one: Smoothed) => T): Record<string, T> =>
    Object.fromEntries(all.map(([name, smoothed]) => [name, of(smoothed)]));
  return {
    times,
    u: by(({ values }) => values),
    du: by(({ derivatives }) => derivatives),
    bandwidth: by((one) => one.bandwidth),
    p: data.p,
  };
}

/** Throws {@link BadData}. */
function ascending(times: Float64Array, { name, of, at, values }: Series): Measured {
  if (of)
    throw new BadData(
      `collocate: "${name}" is a function of the state, and not one of its components, whose derivative is fitted.`,
    );
  const different = new Set(at).size;
  if (different < NEEDED) {
    throw new BadData(`collocate: a derivative of data takes at least ${NEEDED} times; of "${name}" there are ${different}.`);
  }
  const order = [...at.keys()].sort((a, b) => at[a] - at[b]);
  return { t: Float64Array.from(order, (i) => times[at[i]]), y: Float64Array.from(order, (i) => values[i]) };
}
