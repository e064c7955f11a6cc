/** Which experiments, and which parts of them, a step of training takes: the same of a seed and the step's number. */
import { mixed, shuffled, uniforms } from "../../src/core/random.ts";
import type { Experiment } from "../objective/experiment.ts";
import { Windows } from "./windows.ts";

export interface BatchOptions {
  /** How many experiments. */
  readonly size: number;
  /** How many times in a row of each; absent: all. */
  readonly window?: number;
  readonly seed: number;
}

export class Batches {
  private readonly windows: readonly Windows[] | undefined;

  constructor(
    private readonly experiments: readonly Experiment[],
    private readonly options: BatchOptions,
  ) {
    const { window } = options;
    this.windows = window === undefined ? undefined : experiments.map((one, k) => new Windows(one, window, `observations[${k}]`));
  }

  /** Every experiment comes once before any comes again. */
  of(step: number): Experiment[] {
    const { experiments, windows } = this;
    const { size, seed } = this.options;
    const n = experiments.length;
    const uniform = uniforms(mixed(seed, step));
    return Array.from({ length: size }, (_, i) => {
      const place = step * size + i;
      const k = this.orderOf(Math.floor(place / n))[place % n];
      return windows ? windows[k].at(uniform()) : experiments[k];
    });
  }

  /** The order of all experiments in an epoch. */
  private orderOf(epoch: number): number[] {
    return shuffled(this.experiments.length, uniforms(mixed(this.options.seed, -1 - epoch)));
  }
}
