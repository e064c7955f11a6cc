/** What `profile` found. */
import type { PathEnd } from "./path.ts";

/** The lowest misfit for a value of a parameter. */
export interface ProfilePoint {
  /** The parameter's. */
  readonly at: number;
  /** The misfit, as `value` of the fit. */
  readonly value: number;
  /** Of all parameters, in the order of `fit.parameters`. */
  readonly parameters: Float64Array;
}

/** The profile likelihood of one parameter. */
export interface Profile {
  readonly name: string;
  readonly of: "p" | "u0";
  /** Of the best fit. */
  readonly best: number;
  /**
   * The confidence interval; infinite where the profile stays below the threshold as far as was looked, and 0 as the lower end on the scale
   * "log".
   */
  readonly lower: number;
  readonly upper: number;
  /**
   * Why each side ended: "threshold", the misfit came to it; "bound", the parameter to its bound; "open", neither as far as was looked;
   * "failed", the model cannot be solved farther out, and the interval ends there.
   */
  readonly ends: { readonly lower: PathEnd; readonly upper: PathEnd };
  /** "structurally" not: the misfit does not change; "practically" not: not enough on one side at least. */
  readonly notIdentifiable?: "structurally" | "practically";
  /** Ascending in the parameter, the best fit among them. */
  readonly points: readonly ProfilePoint[];
}

/** What `profile` returns. */
export class Profiles {
  readonly level: number;
  /** The misfit at the ends of intervals: that of the best fit and half the quantile of chi-square with one degree of freedom. */
  readonly threshold: number;
  /** In the order of `fit.parameters`. */
  readonly profiles: readonly Profile[];
  /** How often all experiments were solved with derivatives. */
  readonly evaluations: number;
  /** What is not an error but must be known: what is not identifiable, and minima below the best fit. */
  readonly warnings: readonly string[];

  constructor(found: Omit<Profiles, "intervals" | "toString">) {
    this.level = found.level;
    this.threshold = found.threshold;
    this.profiles = found.profiles;
    this.evaluations = found.evaluations;
    this.warnings = found.warnings;
  }

  /** The confidence intervals by name. */
  get intervals(): Record<string, readonly [number, number]> {
    return Object.fromEntries(this.profiles.map(({ name, lower, upper }) => [name, [lower, upper]]));
  }

  toString(): string {
    const rows = this.profiles.map(({ name, of, best, lower, upper }) => [
      of === "p" ? name : `${name} (initial)`,
      best.toPrecision(6),
      `[${lower.toPrecision(5)}, ${upper.toPrecision(5)}]`,
    ]);
    const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
    return [
      `${100 * this.level} % intervals by profile likelihood`,
      ...rows.map(([name, best, interval]) => `${name.padEnd(widths[0])}  ${best.padStart(widths[1])}  ${interval}`),
      ...this.warnings,
    ].join("\n");
  }
}
