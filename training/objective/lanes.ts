/**
 * Many short experiments of one model are solved together, in lanes of a batch: alone, what is about a solve takes longer than its steps.
 * Some are solved alone first, by which it is known what method they take, and how many steps.
 */
import { BatchTooLarge, BadBatch } from "../../src/devices/errors.ts";
import { CannotBatch, ReadError } from "../../src/core/errors.ts";
import { methodNamed, methods } from "../../solvers/methods/index.ts";
import { isExplicit } from "../../solvers/families/explicit/family.ts";
import type { ExplicitMethod } from "../../solvers/families/explicit/tableau.ts";
import { inBatch, type SavedBatch, type SavedBatchOptions } from "../../sensitivity/batch/saved-batch.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { Experiment } from "./experiment.ts";
import type { SolveSettings } from "./solves.ts";
import type { Point } from "./predictions.ts";

/** For fewer a kernel takes longer to compile than it saves. */
const FEWEST = 32;
/** So many are solved alone first. */
const SAMPLES = 8;
/** Of the times that an experiment has, so many times as many may be saved of all. */
const MOST_TIMES = 3;
/** Numbers saved of all experiments. */
const MOST_SAVED = 2 ** 24;
/** Tries of steps in a lane, of those that the longest took alone: one that needs more is solved alone, by a method of its choice. */
const MORE_STEPS = 10;
const LEAST_STEPS = 20;

/** A solve alone. */
export interface SolvedAlone {
  readonly solver: string;
  readonly steps: number;
}

/** What is solved together, and how. */
interface Together {
  readonly method: ExplicitMethod;
  /** Of all of them. */
  readonly times: Float64Array;
  /** Of each experiment the places of its times among those. */
  readonly places: ReadonlyMap<Experiment, Int32Array>;
  readonly tspan: readonly [number, number];
  readonly maxSteps: number;
}

/** A batch, and where in it an experiment is. */
export interface LanesAtWork {
  readonly batch: SavedBatch;
  /** Where the states of an experiment at its times lie among all that are saved, n numbers each; absent: it is solved alone. */
  readonly of: (experiment: Experiment) => Lane | undefined;
}

export interface Lane {
  readonly m: number;
  readonly offsets: Int32Array;
}

export class Lanes {
  /** In words. */
  how = "one by one";
  private readonly seen: SolvedAlone[] = [];
  private together: Together | undefined;
  /** Those of one span of time, until it is decided about them. */
  private candidates: readonly Experiment[];

  /** `experiments` are all that there are; of a part of them is solved what is asked for. */
  constructor(
    experiments: readonly Experiment[],
    private readonly free: FreeParameters,
    private readonly settings: SolveSettings,
  ) {
    this.candidates = mostAlike(experiments);
    if (this.candidates.length >= FEWEST) return;
    if (experiments.length >= FEWEST) this.alone(`fewer than ${FEWEST} have the same span of time and a given initial state`);
    this.candidates = [];
  }

  /** Which of these experiments are to be solved alone, to see what they take, before any is solved. */
  samplesOf(experiments: readonly Experiment[]): Experiment[] {
    if (this.candidates.length === 0) return [];
    const candidates = new Set(this.candidates);
    const some = experiments.filter((one) => candidates.has(one));
    const count = Math.min(SAMPLES, some.length);
    return Array.from({ length: count }, (_, k) => some[Math.floor(((k + 0.5) * some.length) / count)]);
  }

  /** How one was solved alone. */
  saw(solved: SolvedAlone): void {
    if (this.candidates.length > 0) this.seen.push(solved);
  }

  /** Works with the batch of those of these experiments that are solved together; undefined where none are. */
  async use<T>(
    experiments: readonly Experiment[],
    points: readonly Point[],
    work: (lanes: LanesAtWork) => Promise<T>,
  ): Promise<T | undefined> {
    this.decide();
    const { together } = this;
    const members = together ? [...experiments.keys()].filter((k) => together.places.has(experiments[k])) : [];
    if (!together || members.length === 0) return undefined;
    const n = points[members[0]].u0.length;
    const lanes = new Map(
      members.map((k, m): [Experiment, Lane] => {
        const places = together.places.get(experiments[k])!;
        return [experiments[k], { m, offsets: places.map((place) => (m * together.times.length + place) * n) }];
      }),
    );
    const own = members.map((k) => points[k]);
    try {
      return await inBatch(experiments[members[0]].problem, this.requestOf(together, own), (batch) =>
        work({ batch, of: (experiment) => lanes.get(experiment) }),
      );
    } catch (error) {
      // What cannot be read runs by itself, alone.
      if (![CannotBatch, BadBatch, BatchTooLarge, ReadError].some((kind) => error instanceof kind)) throw error;
      this.alone((error as Error).message.split("\n")[0]);
      return undefined;
    }
  }

  private alone(why: string): void {
    this.together = undefined;
    this.how = `one by one: ${why}`;
  }

  private decide(): void {
    const { candidates, seen } = this;
    if (candidates.length === 0 || seen.length === 0) return;
    this.candidates = [];
    const found = togetherOf(candidates, this.free, this.settings, seen);
    if (typeof found === "string") return this.alone(found);
    this.together = found;
    this.how = `${candidates.length} experiments together, in lanes of ${found.method.name}`;
  }

  private requestOf({ method, times, tspan, maxSteps }: Together, points: readonly Point[]): SavedBatchOptions {
    const { rtol, atol, signal } = this.settings;
    const rows = (of: "u0" | "p"): Float64Array => {
      const width = points[0][of].length;
      const all = new Float64Array(points.length * width);
      points.forEach((point, m) => all.set(point[of], m * width));
      return all;
    };
    return { u0: rows("u0"), p: rows("p"), tspan, times, solver: method, rtol, atol, maxSteps, signal };
  }
}

/** Or why they are solved alone. */
function togetherOf(
  members: readonly Experiment[],
  free: FreeParameters,
  { solver, maxSteps = Infinity }: SolveSettings,
  seen: readonly SolvedAlone[],
): Together | string {
  const [{ solver: name }] = seen;
  const method = solver ?? (Object.hasOwn(methods, name) ? methodNamed(name) : undefined);
  if (!method || !isExplicit(method) || method.dt)
    return `lanes are for explicit methods with steps under control, and it is ${name} here`;
  const other = seen.find((one) => one.solver !== name);
  if (other) return `some take ${name}, others ${other.solver}`;
  const times = [...new Set(members.flatMap((one) => [...one.times]))].sort((a, b) => a - b);
  const own = members.reduce((sum, one) => sum + one.times.length, 0) / members.length;
  if (times.length > MOST_TIMES * own) return `they have ${times.length} times, each ${own.toPrecision(2)} of them`;
  const saved = members.length * times.length * members[0].u0.length * (1 + Math.min(8, free.list.length));
  if (saved > MOST_SAVED) return `there would be ${saved} numbers to save at once`;
  const most = Math.max(LEAST_STEPS, ...seen.map(({ steps }) => steps));
  const placeOf = new Map([...times].map((time, k) => [time, k]));
  return {
    method,
    times: Float64Array.from(times),
    places: new Map(members.map((one) => [one, Int32Array.from(one.times, (time) => placeOf.get(time)!)])),
    tspan: members[0].problem.tspan,
    maxSteps: Math.min(maxSteps, MORE_STEPS * most),
  };
}

/** The most experiments of one span of time whose initial states are given. */
function mostAlike(experiments: readonly Experiment[]): Experiment[] {
  const groups = new Map<string, Experiment[]>();
  for (const one of experiments) {
    if (one.start) continue;
    const key = one.problem.tspan.join();
    const group = groups.get(key) ?? [];
    group.push(one);
    groups.set(key, group);
  }
  return [...groups.values()].reduce((most, group) => (group.length > most.length ? group : most), []);
}
