/** Parts of experiments: of some times in a row, which begin at the state that was observed there. */
import { componentNames } from "../../src/arrays/layout.ts";
import { BadData } from "../data/errors.ts";
import { requireStillParameters, seriesWithin, type Experiment } from "../objective/experiment.ts";

/** An experiment, with the states at its times as they were observed. */
export class Windows {
  /** The indices of the times at which a window may begin. */
  private readonly starts: readonly number[];
  private readonly states: readonly Float64Array[];

  /** `length` is the number of times of a window. Throws {@link BadData}. */
  constructor(
    private readonly experiment: Experiment,
    private readonly length: number,
    what: string,
  ) {
    const { problem, layout, times, series } = experiment;
    requireStillParameters(problem, `${what}: windows`);
    const names = componentNames(layout.u, "u");
    this.states = Array.from(times, () => new Float64Array(names.length).fill(NaN));
    for (const { name, component, at, values } of series) {
      if (component === undefined) {
        throw new BadData(
          `${what}: windows begin at what was observed of the state, and "${name}" is a function of it. Leave out \`window\`.`,
        );
      }
      at.forEach((time, i) => (this.states[time][component] = values[i]));
    }
    if (times.length < length) throw new BadData(`${what} has ${times.length} times, fewer than a window of ${length}.`);
    this.starts = Array.from({ length: times.length - length + 1 }, (_, i) => i).filter(
      (i) => !this.states[i].some(Number.isNaN),
    );
    if (this.starts.length > 0) return;
    const missing = names.filter((_, c) => !series.some(({ component }) => component === c));
    throw new BadData(
      `${what}: a window begins at a time at which all of the state was observed, and there is none` +
        `${missing.length > 0 ? `: ${missing.join(", ")} never is` : ""}. Leave out \`window\`.`,
    );
  }

  /** One of them, by a number in [0, 1). */
  at(uniform: number): Experiment {
    return this.from(this.starts[Math.floor(uniform * this.starts.length)]);
  }

  private from(start: number): Experiment {
    const { experiment, length } = this;
    const times = experiment.times.slice(start, start + length);
    // What was observed at the start is the state there, and says nothing.
    const series = experiment.series
      .map((one) => seriesWithin(one, start + 1, start + length, start))
      .filter(({ at }) => at.length > 0);
    const tspan = [times[0], times[length - 1]] as const;
    return { ...experiment, problem: { ...experiment.problem, tspan }, times, series, u0: this.states[start], start: undefined };
  }
}
