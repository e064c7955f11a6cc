/** What `fitMany` found. */
import type { Shaped } from "../../src/arrays/pack.ts";
import type { FitResidual } from "../objective/fit-residual.ts";
import { counted } from "../../src/core/in-words.ts";

/** What is shared, or the typical value of what each individual has of its own. */
export interface PopulationParameter {
  readonly name: string;
  readonly of: "p" | "u0";
  readonly kind: "shared" | "individual";
  /** Of what is individual, that of an individual in the middle: the median. */
  readonly value: number;
  /** By the Fisher information, the standard deviations taken as known; NaN where the data do not determine it. */
  readonly standardError: number;
  /** Of what is individual: the standard deviation between individuals, on the parameter's scale (of its logarithm on "log"). */
  readonly spread?: number;
  /** Likewise: 1 less the standard deviation of the individuals' modes over `spread`. Near 1, data say little of each. */
  readonly shrinkage?: number;
}

/** The most likely values of an individual, by its data and what is typical. */
export interface FittedIndividual<U, P> {
  readonly p: Shaped<P>;
  readonly u0: Shaped<U>;
  /** Of what is individual, in the order of `parameters`. */
  readonly values: Float64Array;
}

/** What `fitMany` returns. */
export class PopulationFit<U = unknown, P = unknown> {
  /** Shared ones first. */
  readonly parameters: readonly PopulationParameter[];
  readonly individuals: readonly FittedIndividual<U, P>[];
  /** The negative logarithm of the likelihood with the individuals integrated out, but for constants, as it is approximated. */
  readonly value: number;
  /** The standard deviation of the noise by name, given or fitted. */
  readonly sigma: Readonly<Record<string, number>>;
  /** `experiment` is the individual. */
  readonly residuals: readonly FitResidual[];
  readonly converged: boolean;
  /** Of standard deviations, with modes and the linear model anew. */
  readonly iterations: number;
  /** How often an individual was solved with derivatives. */
  readonly evaluations: number;
  /** What is not an error but must be known. */
  readonly warnings: readonly string[];

  constructor(found: Omit<PopulationFit<U, P>, "typical" | "spreads" | "toString">) {
    this.parameters = found.parameters;
    this.individuals = found.individuals;
    this.value = found.value;
    this.sigma = found.sigma;
    this.residuals = found.residuals;
    this.converged = found.converged;
    this.iterations = found.iterations;
    this.evaluations = found.evaluations;
    this.warnings = found.warnings;
  }

  /** Values of `parameters` by name. */
  get typical(): Record<string, number> {
    return Object.fromEntries(this.parameters.map(({ name, value }) => [name, value]));
  }

  /** Standard deviations between individuals by name. */
  get spreads(): Record<string, number> {
    return Object.fromEntries(this.parameters.flatMap(({ name, spread }) => (spread === undefined ? [] : [[name, spread]])));
  }

  toString(): string {
    const rows = this.parameters.map(({ name, of, value, standardError, spread, shrinkage }) => [
      of === "p" ? name : `${name} (initial)`,
      value.toPrecision(6),
      Number.isNaN(standardError) ? "not determined" : `± ${standardError.toPrecision(2)}`,
      spread === undefined ? "shared" : `spread ${spread.toPrecision(3)}, shrinkage ${(100 * shrinkage!).toFixed(0)} %`,
    ]);
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
    return [
      ...rows.map(([name, value, error, rest]) =>
        [name.padEnd(widths[0]), value.padStart(widths[1]), error.padEnd(widths[2]), rest].join("  "),
      ),
      ...Object.entries(this.sigma).map(([name, sigma]) => `sigma of ${name}: ${sigma.toPrecision(4)}`),
      [
        counted(this.individuals.length, "individual"),
        counted(this.residuals.length, "observation"),
        counted(this.iterations, "iteration"),
      ].join(", "),
      ...this.warnings,
    ].join("\n");
  }
}
