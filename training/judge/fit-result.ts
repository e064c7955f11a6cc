/** What a fit found, and how well the data determine it. */
import type { Shaped } from "../../src/arrays/pack.ts";
import type { FitResidual } from "../objective/fit-residual.ts";
import type { SeriesNoise } from "../objective/series-noise.ts";
import { counted } from "../../src/core/in-words.ts";

/** What each fitted parameter is. */
export interface FittedParameter {
  readonly name: string;
  /** Is it one of p, or of the initial state? */
  readonly of: "p" | "u0";
  readonly value: number;
  /** By the Fisher information; NaN where the data do not determine it. */
  readonly standardError: number;
  /** Which of its bounds it is at, where it is at one: its standard error then says nothing. */
  readonly atBound?: "lower" | "upper";
}

/** What `fit` returns. */
export class Fit<U = unknown, P = unknown> {
  /** The parameters of the best fit, in the shape of the problem's: those fitted, and the others as they were. */
  readonly p: Shaped<P>;
  /** The initial state likewise. */
  readonly u0: Shaped<U>;
  /** What was fitted, in the order given. */
  readonly parameters: readonly FittedParameter[];
  /** Correlations of the estimates, row-major in the order of `parameters`; NaN where a direction is not determined. */
  readonly correlation: Float64Array;
  /** The negative logarithm of the likelihood, but for terms that no parameter moves. */
  readonly value: number;
  /** The standard deviation of the noise by name, given or fitted; none for names whose values have one each. */
  readonly sigma: Readonly<Record<string, number>>;
  /** The noise by name, for names whose values all have the same. */
  readonly noise: Readonly<Record<string, SeriesNoise>>;
  /** Observations less parameters at no bound where all standard deviations were fitted; Infinity where some are given. */
  readonly degreesOfFreedom: number;
  readonly residuals: readonly FitResidual[];
  /** The misfit of held-out data, for each observation, where there are any. */
  readonly heldOut?: number;
  /** Did it come to a minimum? */
  readonly converged: boolean;
  /** The optimiser, why it was chosen, why it ended, after how many iterations, and how experiments were solved: one by one, or many together. */
  readonly course: {
    readonly optimiser: string;
    readonly why: string;
    readonly ended: string;
    readonly iterations: number;
    readonly solves: string;
  };
  /** How often all experiments were solved with derivatives. */
  readonly evaluations: number;
  /** What is not an error but must be known: directions that the data do not see, bounds that were reached. */
  readonly warnings: readonly string[];

  constructor(found: Omit<Fit<U, P>, "standardErrors" | "toString">) {
    this.p = found.p;
    this.u0 = found.u0;
    this.parameters = found.parameters;
    this.correlation = found.correlation;
    this.value = found.value;
    this.sigma = found.sigma;
    this.noise = found.noise;
    this.degreesOfFreedom = found.degreesOfFreedom;
    this.residuals = found.residuals;
    if (found.heldOut !== undefined) this.heldOut = found.heldOut;
    this.converged = found.converged;
    this.course = found.course;
    this.evaluations = found.evaluations;
    this.warnings = found.warnings;
  }

  /** Standard errors by name. */
  get standardErrors(): Record<string, number> {
    return Object.fromEntries(this.parameters.map(({ name, standardError }) => [name, standardError]));
  }

  toString(): string {
    const rows = this.parameters.map(({ name, of, value, standardError, atBound }) => [
      of === "p" ? name : `${name} (initial)`,
      value.toPrecision(6),
      atBound ? `at its ${atBound} bound` : Number.isNaN(standardError) ? "not determined" : `± ${standardError.toPrecision(2)}`,
    ]);
    const width = (column: number): number => Math.max(...rows.map((row) => row[column].length));
    const [first, second] = [width(0), width(1)];
    const { optimiser, why, ended, iterations } = this.course;
    return [
      ...rows.map(([name, value, error]) => `${name.padEnd(first)}  ${value.padStart(second)}  ${error}`),
      ...(this.heldOut === undefined ? [] : [`misfit of held-out data: ${this.heldOut.toPrecision(4)} for each observation`]),
      ...Object.entries(this.sigma).map(([name, sigma]) => `sigma of ${name}: ${sigma.toPrecision(4)}`),
      `${counted(this.residuals.length, "observation")}, ${counted(iterations, "iteration")} of ${optimiser} (${why}): ${ended}`,
      ...this.warnings,
    ].join("\n");
  }
}
