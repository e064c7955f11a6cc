/** The noise of what was observed, by name. */
import { noises, type NoiseName } from "../data/noise.ts";
import type { Experiment } from "./experiment.ts";

/** Of all values of a name. */
export interface SeriesNoise {
  readonly noise: NoiseName;
  /** Given, or fitted; NaN where the noise takes none. */
  readonly sigma: number;
}

/** Of the names whose values all have the same, with the standard deviations that were found where they are fitted. */
export function noiseByName(
  experiments: readonly Experiment[],
  found: Readonly<Record<string, number>>,
): Readonly<Record<string, SeriesNoise>> {
  const all = experiments.flatMap(({ series }) => series);
  return Object.fromEntries(
    [...new Set(all.map(({ name }) => name))].flatMap((name) => {
      const [{ noise, sigma }, ...others] = all.filter((one) => one.name === name);
      if (typeof sigma === "object" || others.some((one) => one.noise !== noise || one.sigma !== sigma)) return [];
      const own = sigma === "fitted" ? found[name] : noises[noise].takesSigma ? sigma : NaN;
      return [[name, { noise, sigma: own }]];
    }),
  );
}
