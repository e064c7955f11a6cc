/**
 * Bands about a fit by the delta method: a prediction moves with the parameters as its derivatives say, and they are normal about the best fit
 * with the covariance of the Fisher information (G. A. F. Seber, C. J. Wild, Nonlinear Regression, 1989, section 5.1).
 */
import { noises } from "../data/noise.ts";
import type { Fit } from "../judge/fit-result.ts";
import type { Linearized } from "../objective/misfit.ts";
import type { SeriesNoise } from "../objective/series-noise.ts";
import type { Band } from "./bands.ts";

/** Of parameters by their values, row-major; one that is at a bound is taken as known. */
export function covarianceOf({ parameters, correlation }: Fit): Float64Array {
  const k = parameters.length;
  return correlation.map((value, at) => {
    const [a, b] = [parameters[Math.floor(at / k)], parameters[at % k]];
    return a.atBound || b.atBound ? 0 : value * a.standardError * b.standardError;
  });
}

/** What is known of the noise. */
interface Uncertain {
  readonly noise: SeriesNoise | undefined;
  /** The factor of the noise's variance, which the parameters were fitted with. */
  readonly spread: number;
  /** In standard errors, to either side. */
  readonly reach: number;
}

export function bandAbout(
  { predictions, jacobian }: Pick<Linearized, "predictions" | "jacobian">,
  covariance: Float64Array,
  { noise, spread, reach }: Uncertain,
): Band {
  const value = Float64Array.from(predictions, (one) => one.value);
  const k = Math.sqrt(covariance.length);
  const variance = value.map((_, i) => variancesAlong(jacobian.subarray(i * k, (i + 1) * k), covariance));
  if (!noise) return { value, ...ends(value, variance, false, reach) };
  const { isRelative, deviation } = noises[noise.noise];
  const onScale = isRelative ? variance.map((square, i) => square / value[i] ** 2) : variance;
  const withNoise = onScale.map((square, i) => square + spread * deviation(value[i], noise.sigma) ** 2);
  return { value, ...ends(value, onScale, isRelative, reach), observed: ends(value, withNoise, isRelative, reach) };
}

function variancesAlong(row: Float64Array, covariance: Float64Array): number {
  let sum = 0;
  row.forEach((a, i) => {
    if (a === 0) return;
    row.forEach((b, j) => {
      if (b !== 0) sum += a * b * covariance[i * row.length + j];
    });
  });
  // Of what cancels, rounding may leave less than nothing.
  return Math.max(0, sum);
}

function ends(value: Float64Array, variance: Float64Array, isRelative: boolean, reach: number): Pick<Band, "lower" | "upper"> {
  const end = (sign: 1 | -1): Float64Array =>
    value.map((x, i) => {
      const off = sign * reach * Math.sqrt(variance[i]);
      return isRelative ? x * Math.exp(off) : x + off;
    });
  return { lower: end(-1), upper: end(1) };
}
