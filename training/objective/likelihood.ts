/** The likelihood of observations, as a sum of squares. */
import { noises, type Noise, type NoiseAt } from "../data/noise.ts";
import type { ObservedSeries } from "./experiment.ts";

/** One observation beside its prediction. */
export interface Residual extends NoiseAt {
  readonly observed: number;
  readonly predicted: number;
}

export interface Likelihood {
  /** The negative logarithm, but for constants. Its derivative is that of half the residuals' square. */
  readonly value: number;
  /** Of each series that was given, in its order. */
  readonly residuals: readonly (readonly Residual[])[];
  /** The standard deviations by name: what is fitted, else the one that is given for all values. */
  readonly sigma: Readonly<Record<string, number>>;
}

/**
 * Of predictions of series, of all experiments. A standard deviation that is fitted is the one of the largest likelihood, the root of the
 * mean square of the residuals of that name; with that put in, the likelihood is one of the parameters alone (Y. Bard, Nonlinear
 * Parameter Estimation, 1974, section 4.9). `given` are standard deviations to take in place of those.
 */
export function likelihood(
  all: readonly { readonly series: ObservedSeries; readonly predicted: readonly number[] }[],
  given: Readonly<Record<string, number>> = {},
): Likelihood {
  const fitted = new Map<string, { square: number; count: number; size: number }>();
  for (const { series, predicted } of all) {
    if (series.sigma !== "fitted") continue;
    const total = fitted.get(series.name) ?? { square: 0, count: 0, size: 0 };
    for (const { residual, observed } of residualsOf(series, predicted, 1)) {
      total.square += residual ** 2;
      total.size = Math.max(total.size, Math.abs(observed));
      total.count++;
    }
    fitted.set(series.name, total);
  }
  const own: Record<string, number> = {};
  let value = 0;
  for (const [name, { square, count, size }] of fitted) {
    // Of data that the model meets exactly, what rounding leaves.
    own[name] = given[name] ?? Math.max(Math.sqrt(square / count), 1e-14 * size, Number.MIN_VALUE);
    value += count * Math.log(own[name]);
  }
  const known: Record<string, number> = {};
  const residuals = all.map(({ series, predicted }) => {
    const sigma = series.sigma === "fitted" ? own[series.name] : series.sigma;
    const rows = residualsOf(series, predicted, sigma);
    for (const { residual } of rows) value += residual ** 2 / 2;
    if (noises[series.noise].takesSigma && typeof sigma === "number") known[series.name] = sigma;
    return rows;
  });
  return { value, residuals, sigma: { ...known, ...own } };
}

function residualsOf(
  { noise: name, values }: ObservedSeries,
  predicted: readonly number[],
  sigma: number | Float64Array,
): Residual[] {
  const noise: Noise = noises[name];
  return predicted.map((g, i) => {
    const own = typeof sigma === "number" ? sigma : sigma[i];
    return { observed: values[i], predicted: g, ...noise.at(values[i], g, own) };
  });
}
