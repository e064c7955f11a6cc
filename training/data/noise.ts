/** Of an observation at a prediction. */
export interface NoiseAt {
  /** The deviance residual. */
  readonly residual: number;
  /** What least squares goes by in its place: times the slope it is the derivative of half the deviance residual's square by the prediction. */
  readonly working: number;
  /** Its square is the information on the prediction: of counts the expected one, by which steps are those of Fisher's scoring (2.5). */
  readonly slope: number;
}

/**
 * What is between an observation and its prediction, one row each. A row gives the deviance residual r: half its square is the negative
 * logarithm of the likelihood, up to a term without the prediction (P. McCullagh, J. A. Nelder, Generalized Linear Models, 1989,
 * section 2.4). So every fit is one of least squares, whatever its noise.
 */
export interface Noise {
  /** Does it take a standard deviation? */
  readonly takesSigma: boolean;
  /** May the standard deviation be fitted with the parameters? */
  readonly fitsSigma: boolean;
  /** What an observation must be; absent: any finite number. */
  readonly requires?: { readonly of: (y: number) => boolean; readonly words: string };
  /** Of an observation y at a prediction g. NaN: the prediction is none that can be. */
  readonly at: (y: number, g: number, sigma: number) => NoiseAt;
  /** Is it one of logarithms? */
  readonly isRelative: boolean;
  /** The standard deviation of observations about a prediction g, or of their logarithms: what bands are wide by. */
  readonly deviation: (g: number, sigma: number) => number;
}

/** Huber's threshold in standard deviations: 95 % efficient where the noise is normal (P. J. Huber, Robust Statistics, 1981, 4.4). */
export const HUBER = 1.345;
/** Counts expected to be fewer have the information of this many: a prediction of 0 has no end of it. */
export const FEWEST = 1e-10;

/** Of a residual that least squares goes by itself. */
function itself(residual: number, slope: number): NoiseAt {
  return { residual, working: residual, slope };
}

const rows = {
  /** y = g + sigma e. */
  normal: {
    takesSigma: true,
    fitsSigma: true,
    at: (y, g, sigma) => itself((y - g) / sigma, -1 / sigma),
    isRelative: false,
    deviation: (_, sigma) => sigma,
  },
  /** ln y = ln g + sigma e: sigma is a relative error. */
  lognormal: {
    takesSigma: true,
    fitsSigma: true,
    requires: { of: (y) => y > 0, words: "positive" },
    at: (y, g, sigma) => itself((Math.log(y) - Math.log(g)) / sigma, -1 / (g * sigma)),
    isRelative: true,
    deviation: (_, sigma) => sigma,
  },
  /** Counts whose mean is the prediction. */
  poisson: {
    takesSigma: false,
    fitsSigma: false,
    requires: { of: (y) => Number.isInteger(y) && y >= 0, words: "a whole number, 0 or more" },
    at(y, g) {
      if (g < 0) return itself(NaN, NaN);
      const deviance = 2 * ((y > 0 ? y * Math.log(y / g) : 0) - (y - g));
      const residual = Math.sign(y - g) * Math.sqrt(Math.max(0, deviance));
      const deviation = Math.sqrt(Math.max(g, FEWEST));
      return { residual, working: ((y > 0 ? y / g : 0) - 1) * deviation, slope: -1 / deviation };
    },
    isRelative: false,
    deviation: (g) => Math.sqrt(g),
  },
  /** Normal near the prediction; what is far pulls with a constant force. */
  huber: {
    takesSigma: true,
    fitsSigma: false,
    at(y, g, sigma) {
      const z = (y - g) / sigma;
      if (Math.abs(z) <= HUBER) return itself(z, -1 / sigma);
      const residual = Math.sign(z) * Math.sqrt(HUBER * (2 * Math.abs(z) - HUBER));
      return itself(residual, -HUBER / (Math.abs(residual) * sigma));
    },
    isRelative: false,
    deviation: (_, sigma) => sigma,
  },
} as const satisfies Readonly<Record<string, Noise>>;

export type NoiseName = keyof typeof rows;
export const noises: Readonly<Record<NoiseName, Noise>> = rows;
