/** What of a fit is said of each observation. */

/** An observation beside its prediction at the best fit. */
export interface FitResidual {
  /** Which of the list of observations it is from. */
  readonly experiment: number;
  readonly name: string;
  readonly t: number;
  readonly observed: number;
  readonly predicted: number;
  /** In standard deviations; where the noise is not normal, the deviance residual. */
  readonly residual: number;
}
