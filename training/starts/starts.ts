/** What fits from many starts found. */
import type { Fit } from "../judge/fit-result.ts";
import type { StartRange } from "./ranges.ts";
import { counted } from "../../src/core/in-words.ts";

/** A fit from one start. */
export interface StartedFit {
  /** 0 is where `fit` starts; the others are from the Latin hypercube. */
  readonly index: number;
  /** Values in the order of `best.parameters`. */
  readonly start: Float64Array;
  /** Where it ended, likewise; absent where it failed. */
  readonly parameters?: Float64Array;
  /** The lowest that the optimiser met; Infinity where it failed. */
  readonly value: number;
  readonly converged: boolean;
  /** Why it ended, or failed. */
  readonly ended: string;
  readonly iterations: number;
  readonly evaluations: number;
}

/** What `multiStart` returns. */
export class Starts<U = unknown, P = unknown> {
  /** That of the lowest value. */
  readonly best: Fit<U, P>;
  /** Of each start, that of the lowest value first, failed ones last. */
  readonly starts: readonly StartedFit[];
  /** How many ended at the minimum of the best: within 0.01 of its value, or with the same parameters to three digits. */
  readonly atBest: number;
  /** Where starts were taken from, in the order of `best.parameters`. */
  readonly ranges: readonly StartRange[];

  constructor(found: Omit<Starts<U, P>, "atBest" | "toString">) {
    this.best = found.best;
    this.starts = found.starts;
    this.ranges = found.ranges;
    this.atBest = found.starts.filter((one) => isSameMinimum(one, found.starts[0])).length;
  }

  toString(): string {
    const failed = this.starts.filter(({ parameters }) => !parameters);
    const rows = this.ranges.map(({ name, of, from, lower, upper }) => {
      const shown = `${name}${of === "u0" ? " (initial)" : ""}`;
      if (from === "prior") return `${shown} from its prior`;
      return `${shown} from ${lower.toPrecision(3)} to ${upper.toPrecision(3)}${from === "start" ? ", the decades around its start" : ""}`;
    });
    return [
      String(this.best),
      `${counted(this.starts.length, "start")}: ${this.atBest} ended at this minimum, ${this.starts.length - this.atBest - failed.length} elsewhere, ${failed.length} failed`,
      `values: ${this.starts.map(({ value }) => (value === Infinity ? "failed" : value.toPrecision(6))).join(", ")}`,
      ...(rows.length > 0 ? [`starts: ${rows.join("; ")}`] : []),
      ...(failed.length > 0 ? [`the first failure: ${failed[0].ended}`] : []),
    ].join("\n");
  }
}

/** In negative logarithms of the likelihood, what no data tell apart. */
const SAME_VALUE = 0.01;
/** Of a parameter. */
const SAME_PARAMETER = 1e-3;

/** By the value, where directions are not determined, or by the parameters, where data that are met exactly make it endlessly low. */
function isSameMinimum({ value, parameters }: StartedFit, best: StartedFit): boolean {
  if (!parameters) return false;
  if (value - best.value <= SAME_VALUE) return true;
  return parameters.every((x, j) => Math.abs(x - best.parameters![j]) <= SAME_PARAMETER * Math.abs(best.parameters![j]));
}
