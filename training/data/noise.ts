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
  /** Of an observation y at a prediction g, with its derivative by g. NaN: the prediction is none that can be. */
  readonly residual: (y: number, g: number, sigma: number) => { readonly residual: number; readonly slope: number };
  /** Is it one of logarithms? */
  readonly isRelative: boolean;
  /** The standard deviation of observations about a prediction g, or of their logarithms: what bands are wide by. */
  readonly deviation: (g: number, sigma: number) => number;
}

/** Huber's threshold in standard deviations: 95 % efficient where the noise is normal (P. J. Huber, Robust Statistics, 1981, 4.4). */
const HUBER = 1.345;
/** A deviance residual smaller than this is linear to rounding. */
const LINEAR = 1e-6;

const rows = {
  /** y = g + sigma e. */
  normal: {
    takesSigma: true,
    fitsSigma: true,
    residual: (y, g, sigma) => ({ residual: (y - g) / sigma, slope: -1 / sigma }),
    isRelative: false,
    deviation: (_, sigma) => sigma,
  },
  /** ln y = ln g + sigma e: sigma is a relative error. */
  lognormal: {
    takesSigma: true,
    fitsSigma: true,
    requires: { of: (y) => y > 0, words: "positive" },
    residual: (y, g, sigma) => ({ residual: (Math.log(y) - Math.log(g)) / sigma, slope: -1 / (g * sigma) }),
    isRelative: true,
    deviation: (_, sigma) => sigma,
  },
  /** Counts whose mean is the prediction. */
  poisson: {
    takesSigma: false,
    fitsSigma: false,
    requires: { of: (y) => Number.isInteger(y) && y >= 0, words: "a whole number, 0 or more" },
    residual(y, g) {
      const deviance = 2 * ((y > 0 ? y * Math.log(y / g) : 0) - (y - g));
      const residual = Math.sign(y - g) * Math.sqrt(Math.max(0, deviance));
      return { residual, slope: Math.abs(residual) > LINEAR ? (1 - y / g) / residual : -1 / Math.sqrt(g) };
    },
    isRelative: false,
    deviation: (g) => Math.sqrt(g),
  },
  /** Normal near the prediction; what is far pulls with a constant force. */
  huber: {
    takesSigma: true,
    fitsSigma: false,
    residual(y, g, sigma) {
      const z = (y - g) / sigma;
      if (Math.abs(z) <= HUBER) return { residual: z, slope: -1 / sigma };
      const residual = Math.sign(z) * Math.sqrt(HUBER * (2 * Math.abs(z) - HUBER));
      return { residual, slope: -HUBER / (Math.abs(residual) * sigma) };
    },
    isRelative: false,
    deviation: (_, sigma) => sigma,
  },
} as const satisfies Readonly<Record<string, Noise>>;

export type NoiseName = keyof typeof rows;
export const noises: Readonly<Record<NoiseName, Noise>> = rows;
