/** Parts of data that are kept back, to see how far a fit learns what only the others say. */
import { counted } from "../../src/core/in-words.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { fraction, oneOf, whole } from "../../src/core/options/kinds.ts";
import { mixed, shuffled, uniforms } from "../../src/core/random.ts";
import { seriesWhere, type Observations } from "../data/observations.ts";
import { requireObservations } from "../objective/experiment.ts";
import { BadTrainingOption } from "../optimisers/errors.ts";

/** What `holdOut` takes. */
export interface HoldOutOptions {
  /** Which part is held out, between 0 and 1. 0.2 by default. */
  readonly part?: number;
  /** Of what: of the times of all experiments, each with all that was observed then, or of whole experiments. "times" by default. */
  readonly by?: "times" | "experiments";
  /** A whole number: the same one holds out the same part. 1 by default. */
  readonly seed?: number;
}

const checks: Checks<HoldOutOptions> = { part: fraction, by: oneOf("times", "experiments"), seed: whole };

/** Data in two parts. */
export interface HeldOut {
  /** To be fitted. */
  readonly data: readonly Observations[];
  readonly heldOut: readonly Observations[];
}

/**
 * Parts data at random in those to be fitted, and those that are held out.
 *
 * @param data - Observations, or a list of those of several experiments.
 * @param options - Which part, of what, and the seed.
 * @returns Both parts, as `fit` and `train` take them.
 * @throws UnknownOption, BadOption; BadData for what `observations` did not make; BadTrainingOption where the part is none, or all.
 * @example
 * const { data, heldOut } = holdOut(measured, { part: 0.25 });
 * const fitted = await fit(problem, data, { heldOut });
 */
export function holdOut(data: Observations | readonly Observations[], options: HoldOutOptions = {}): HeldOut {
  checkOptions(options, checks, "holdOut");
  const { part = 0.2, by = "times", seed = 1 } = options;
  const all = Array.isArray(data) ? (data as readonly Observations[]) : [data as Observations];
  all.forEach((one, k) => requireObservations(one, `holdOut: observations[${k}]`));
  const units = all.flatMap((one, k) => (by === "times" ? timesOf(one).map((time) => keyOf(k, time)) : [`${k}`]));
  const count = Math.round(part * units.length);
  if (count === 0 || count === units.length) {
    throw new BadTrainingOption(
      `holdOut: of ${counted(units.length, by.slice(0, -1))} a part of ${part} is ${count === 0 ? "none" : "all"}. Give another \`part\`` +
        `${by === "experiments" ? ', or by: "times".' : ", or more data."}`,
    );
  }
  const order = shuffled(units.length, uniforms(mixed(seed, 0)));
  const out = new Set(order.slice(0, count).map((i) => units[i]));
  const half = (isOut: boolean): Observations[] =>
    all.flatMap((one, k) =>
      by === "times" ? partOf(one, (time) => out.has(keyOf(k, time)) === isOut) : out.has(`${k}`) === isOut ? [one] : [],
    );
  return { data: half(false), heldOut: half(true) };
}

function keyOf(experiment: number, time: number): string {
  return `${experiment} ${time}`;
}

/** The indices of the times at which something was observed. */
function timesOf({ series }: Observations): number[] {
  return [...new Set(series.flatMap(({ at }) => [...at]))];
}

/** What is at some times, if anything is. Its list of times stays, as observables are given the index in it. */
function partOf(one: Observations, isKept: (time: number) => boolean): Observations[] {
  const series = one.series.map((own) => seriesWhere(own, isKept)).filter(({ at }) => at.length > 0);
  return series.length > 0 ? [{ ...one, series }] : [];
}
