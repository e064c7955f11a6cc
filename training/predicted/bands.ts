/** What `predict` returns. */

/** Of one component or observable, one number for each time. */
export interface Band {
  /** Of a fit the prediction at the best parameters, of draws their median. */
  readonly value: Float64Array;
  /** Where the prediction itself lies, as the parameters are uncertain. NaN where the data do not determine it. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Where an observation lies: with the noise of the data of this name. Absent where there were none, or values with a sigma each. */
  readonly observed?: { readonly lower: Float64Array; readonly upper: Float64Array };
}

/** Predictions with their bands. */
export class Predictions {
  readonly t: Float64Array;
  readonly level: number;
  /** By the names of components and observables. */
  readonly bands: Readonly<Record<string, Band>>;
  /** What is not an error but must be known: parameters that are at bounds or not determined, and draws that cannot be solved for. */
  readonly warnings: readonly string[];

  constructor(found: Omit<Predictions, "toString">) {
    this.t = found.t;
    this.level = found.level;
    this.bands = found.bands;
    this.warnings = found.warnings;
  }

  toString(): string {
    const shown = (x: number): string => x.toPrecision(5);
    const rows = Object.entries(this.bands).flatMap(([name, { value, lower, upper, observed }]) => [
      `${name}: t, value, [lower, upper]${observed ? ", [lower, upper] of observations" : ""}`,
      ...Array.from(this.t, (t, i) => {
        const ofObserved = observed ? `  [${shown(observed.lower[i])}, ${shown(observed.upper[i])}]` : "";
        return `  ${t}  ${shown(value[i])}  [${shown(lower[i])}, ${shown(upper[i])}]${ofObserved}`;
      }),
    ]);
    return [`${100 * this.level} % bands`, ...rows, ...this.warnings].join("\n");
  }
}
