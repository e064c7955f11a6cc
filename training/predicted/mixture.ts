/** Bands of draws of the posterior: quantiles of what they predict, and of the mixture of the noise about each. */
import { normalBelow } from "../../src/core/normal.ts";
import { quantileOf } from "../../src/core/quantile.ts";
import { noises, type NoiseName } from "../data/noise.ts";
import type { Band } from "./bands.ts";

/** Predictions of one draw, one for each time, and the standard deviation of the noise in it. */
export interface DrawnPredictions {
  readonly values: Float64Array;
  /** Undefined: there is no noise that is known. */
  readonly sigma: number | undefined;
}

export function bandOf(draws: readonly DrawnPredictions[], noise: NoiseName | undefined, level: number): Band {
  const parts = [(1 - level) / 2, (1 + level) / 2];
  const times = Array.from(draws[0].values, (_, i) => i);
  const at = (part: number): Float64Array =>
    Float64Array.from(times, (i) => quantileOf(Float64Array.from(draws, ({ values }) => values[i]).sort(), part));
  const [lower, value, upper] = [at(parts[0]), at(0.5), at(parts[1])];
  if (noise === undefined || draws[0].sigma === undefined) return { value, lower, upper };
  const { isRelative, deviation } = noises[noise];
  const mixed = (part: number): Float64Array =>
    Float64Array.from(times, (i) => {
      const parts = draws.map(({ values, sigma }) => ({
        mean: isRelative ? Math.log(values[i]) : values[i],
        deviation: deviation(values[i], sigma!),
      }));
      const found = mixtureQuantile(parts, part);
      return isRelative ? Math.exp(found) : found;
    });
  return { value, lower, upper, observed: { lower: mixed(parts[0]), upper: mixed(parts[1]) } };
}

/** Of a mixture of normal distributions, by bisection. */
function mixtureQuantile(parts: readonly { readonly mean: number; readonly deviation: number }[], part: number): number {
  let low = Math.min(...parts.map(({ mean, deviation }) => mean - 9 * deviation));
  let high = Math.max(...parts.map(({ mean, deviation }) => mean + 9 * deviation));
  for (let i = 0; i < 60 && high - low > 1e-12 * Math.max(Math.abs(low), Math.abs(high)); i++) {
    const middle = (low + high) / 2;
    const below = parts.reduce((sum, { mean, deviation }) => sum + normalBelow((middle - mean) / deviation), 0);
    if (below < part * parts.length) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
