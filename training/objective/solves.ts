/** The solves that a misfit is made of: of each experiment alone, or of many together. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { pack, unpack } from "../../src/arrays/pack.ts";
import { solveWithPullback } from "../../sensitivity/pullback.ts";
import { sensitivities } from "../../sensitivity/sensitivities.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { AbsoluteTolerance } from "../../solvers/step-loop/tolerances.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { Experiment } from "./experiment.ts";
import { Lanes, type Lane, type LanesAtWork } from "./lanes.ts";
import type { Point } from "./predictions.ts";

/** How the model is solved in a fit. */
export interface SolveSettings {
  readonly solver?: Method;
  readonly rtol?: number;
  readonly atol?: AbsoluteTolerance<unknown>;
  readonly maxSteps?: number;
  readonly signal?: AbortSignalLike;
}

/** The states of an experiment at its times, n each. */
export type States = readonly Float64Array[];

/** With its derivatives. */
export interface SolvedExperiment {
  readonly states: States;
  /** Of the c-th component at the s-th time by the j-th of the parameters that are free. */
  readonly derivative: (j: number, s: number, c: number) => number;
}

/** The derivatives of a sum of cotangents times states; absent where nothing of that kind is free. */
export type PulledBack = Readonly<Partial<Record<"p" | "u0", Float64Array>>>;

type BarsOf = (states: readonly States[]) => readonly States[] | undefined;

/** A solve alone, with what takes cotangents of its states back. */
interface Pullable {
  readonly states: States;
  readonly pullback: (bars: States) => PulledBack;
}

interface AtPoint {
  readonly saveat: Float64Array;
  readonly u0: unknown;
  readonly p: unknown;
}

export class Solves {
  readonly lanes: Lanes;

  /** `experiments` are all that there are; what is solved may be a part of them. */
  constructor(
    experiments: readonly Experiment[],
    private readonly free: FreeParameters,
    private readonly settings: SolveSettings,
  ) {
    this.lanes = new Lanes(experiments, free, settings);
  }

  /** Without derivatives, alone. */
  states(experiment: Experiment, point: Point): States {
    return solve(experiment.problem, this.optionsAt(experiment, point)).states;
  }

  /** With those by what is free, alone. */
  along(experiment: Experiment, point: Point): SolvedExperiment {
    const options = { ...this.optionsAt(experiment, point), wrt: this.free.spaces };
    const { flat, solution } = sensitivities(experiment.problem, options);
    this.lanes.saw({ solver: solution.solver, steps: solution.stats.steps });
    const columns = { p: point.p.length, u0: point.u0.length };
    const { list } = this.free;
    return {
      states: solution.states,
      derivative: (j, s, c) => flat[list[j].of]![s][c * columns[list[j].of] + list[j].index],
    };
  }

  /** Of experiments, at the point of each. */
  async alongAll(experiments: readonly Experiment[], points: readonly Point[]): Promise<SolvedExperiment[]> {
    for (const one of this.lanes.samplesOf(experiments)) this.along(one, points[experiments.indexOf(one)]);
    const alone = (k: number): SolvedExperiment => this.along(experiments[k], points[k]);
    const together = await this.lanes.use(experiments, points, async ({ batch, of }) => {
      const { states, slopes, succeeded } = await batch.slopes(this.free.list);
      return experiments.map((experiment, k): SolvedExperiment => {
        const lane = of(experiment);
        if (!lane || !succeeded[lane.m]) return alone(k);
        const { offsets } = lane;
        return { states: statesAt(states, lane, points[k]), derivative: (j, s, c) => slopes[j][offsets[s] + c] };
      });
    });
    return together ?? experiments.map((_, k) => alone(k));
  }

  /** Of experiments, at the point of each; `barsOf` gives the cotangents of their states, or nothing where none are needed. */
  async pulledBack(experiments: readonly Experiment[], points: readonly Point[], barsOf: BarsOf): Promise<PulledBack[]> {
    for (const one of this.lanes.samplesOf(experiments)) this.alone(one, points[experiments.indexOf(one)]);
    const alone = (k: number): Pullable => this.alone(experiments[k], points[k]);
    const together = await this.lanes.use(experiments, points, (lanes) => pulledIn(lanes, experiments, points, barsOf, alone));
    if (together) return together;
    const solved = experiments.map((_, k) => alone(k));
    const bars = barsOf(solved.map(({ states }) => states));
    return bars ? solved.map(({ pullback }, k) => pullback(bars[k])) : [];
  }

  private alone(experiment: Experiment, point: Point): Pullable {
    const { layout, problem } = experiment;
    const options = { ...this.optionsAt(experiment, point), wrt: this.free.spaces };
    const { solution, pullback } = solveWithPullback(problem, options);
    this.lanes.saw({ solver: solution.solver, steps: solution.stats.steps });
    return {
      states: solution.states,
      pullback: (bars) => {
        const { p, u0 } = pullback(bars.map((bar) => unpack(layout.u, bar)));
        return { p: p && pack(layout.p, p, "p"), u0: u0 && pack(layout.u, u0, "u0") };
      },
    };
  }

  /** Where u0 is a function of p it is left to that, through which derivatives by p are then too. */
  private optionsAt({ layout, times, start }: Experiment, { u0, p }: Point): SolveSettings & AtPoint {
    return { ...this.settings, saveat: times, u0: start ? undefined : unpack(layout.u, u0), p: unpack(layout.p, p) };
  }
}

function statesAt(states: Float64Array, { offsets }: Lane, { u0 }: Point): States {
  return Array.from(offsets, (at) => states.subarray(at, at + u0.length));
}

/** Of those in a batch together, of the others alone. */
async function pulledIn(
  { batch, of }: LanesAtWork,
  experiments: readonly Experiment[],
  points: readonly Point[],
  barsOf: BarsOf,
  alone: (k: number) => Pullable,
): Promise<PulledBack[]> {
  const { states, succeeded } = await batch.states();
  const solved = experiments.map((experiment, k): Pullable | { readonly states: States; readonly lane: Lane } => {
    const lane = of(experiment);
    return lane && succeeded[lane.m] ? { lane, states: statesAt(states, lane, points[k]) } : alone(k);
  });
  const bars = barsOf(solved.map((one) => one.states));
  if (!bars) return [];
  const cotangents = new Float64Array(states.length);
  solved.forEach((one, k) => {
    if ("lane" in one) bars[k].forEach((bar, s) => cotangents.set(bar, one.lane.offsets[s]));
  });
  const pulled = await batch.pullBack(cotangents);
  return solved.map((one, k) => {
    if (!("lane" in one)) return one.pullback(bars[k]);
    const { m } = one.lane;
    if (!pulled.succeeded[m]) return alone(k).pullback(bars[k]);
    const row = (all: Float64Array, width: number): Float64Array => all.subarray(m * width, (m + 1) * width);
    return { p: row(pulled.p, points[k].p.length), u0: row(pulled.u0, points[k].u0.length) };
  });
}
