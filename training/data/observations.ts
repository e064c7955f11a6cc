/** Observations: what was measured of a model, when, and how well. */
import { BadData } from "./errors.ts";
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { anything, shown } from "../../src/core/options/kinds.ts";
import { requireList } from "../../src/core/options/lists.ts";
import { timeSpan } from "../../src/core/options/time-span.ts";
import { noises, type NoiseName } from "./noise.ts";

/** Something that is observed: of the state, the parameters and the time; i is the index of the time among all of this experiment. */
export type Observable<U, P, C> = (u: U, p: P, t: number, i: number, constants: C) => number;

/** State and parameters by name, where nothing says more of their type. */
export type Named = Readonly<Record<string, number>>;

/** One number for all, or one for each name. */
type ByName<T> = T | Readonly<Record<string, T>>;

/** Of all values of a name, or of each; there may be none where the value is missing. */
type Sigma = number | "fitted" | ArrayLike<number | null | undefined>;

/** What `observations` takes. */
export interface ObservationsSpec<U = Named, P = Named, C = unknown> {
  /** The times of all values, or of those of each name; in any order, also several times the same. */
  readonly t: ByName<ArrayLike<number>>;
  /** What was observed, by the name of a component of the state or of an observable in `of`. null, undefined and NaN are missing. */
  readonly values: Readonly<Record<string, ArrayLike<number | null | undefined>>>;
  /** Observables that are functions of the state, by name. */
  readonly of?: Readonly<Record<string, Observable<U, P, C>>>;
  /** The last argument of the observables. */
  readonly constants?: C;
  /** The noise, of all or by name. "normal" by default. */
  readonly noise?: ByName<NoiseName>;
  /**
   * The standard deviation, in units of the values (relative, where the noise is "lognormal"), of all or by name; by name also a list, one
   * for each value. "fitted", one for each name, by default.
   */
  readonly sigma?: ByName<Sigma>;
  /** The initial state of this experiment, or some of the components at its top; by default the problem's. */
  readonly u0?: Named extends U ? object : Partial<NoInfer<U>>;
  /** What parameters are in this experiment, as covariates and doses are: some of the components at the top of p. */
  readonly p?: Named extends P ? object : Partial<NoInfer<P>>;
  /** The time span of this experiment; by default that of the problem, as far as the last time. */
  readonly tspan?: readonly [number, number];
}

/** The values of one name. */
export interface Series {
  readonly name: string;
  /** Absent: a component of the state. */
  readonly of?: Observable<never, never, never>;
  readonly noise: NoiseName;
  /** One for all, or of each value. */
  readonly sigma: number | "fitted" | Float64Array;
  /** Of each value that is there: the index of its time, and its place in the list that was given. */
  readonly at: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

/** What of a series is at some times, by their indices. */
export function seriesWhere<S extends Series>(series: S, isKept: (time: number) => boolean): S {
  const { at, rows, values, sigma } = series;
  const kept = [...at.keys()].filter((i) => isKept(at[i]));
  return {
    ...series,
    at: Int32Array.from(kept, (i) => at[i]),
    rows: Int32Array.from(kept, (i) => rows[i]),
    values: Float64Array.from(kept, (i) => values[i]),
    sigma: typeof sigma === "object" ? Float64Array.from(kept, (i) => sigma[i]) : sigma,
  };
}

/** Observations of one experiment, in order; see {@link observations}. */
export interface Observations {
  /** All times at which something was observed, each once, ascending. */
  readonly times: Float64Array;
  readonly series: readonly Series[];
  readonly constants?: unknown;
  readonly u0?: unknown;
  readonly p?: unknown;
  readonly tspan?: readonly [number, number];
}

const checks: Checks<ObservationsSpec<unknown, unknown>> = {
  t: anything,
  values: anything,
  of: anything,
  constants: anything,
  noise: anything,
  sigma: anything,
  u0: anything,
  p: anything,
  tspan: timeSpan,
};

/**
 * States what was observed in one experiment.
 *
 * @param spec - Times and values by name; observables, noise and conditions where they differ from the defaults.
 * @returns The observations, for `fit`; several experiments are a list of them.
 * @throws UnknownOption for keys that it does not know.
 * @throws BadData where there is no value at all, a name has no times, lengths differ, or a value is not a number or none that its noise
 * can have.
 * @example
 * observations({ t: [0, 1, 2], values: { prey: [1, 2.1, 4.2], predator: [1, null, 0.7] }, sigma: 0.1 });
 */
export function observations<U = Named, P = Named, C = unknown>(spec: ObservationsSpec<U, P, C>): Observations {
  checkOptions(spec, checks, "observations");
  const { t, values, of = {}, constants, u0, p, tspan } = spec;
  if (!isObject(values) || t === undefined) {
    throw new BadData("observations: give `t`, the times, and `values` by name: { t: [0, 1], values: { prey: [1, 2] } }.");
  }
  requireObservables("observations", of);
  for (const name of Object.keys(of)) {
    if (!Object.hasOwn(values, name)) throw new BadData(`observations: \`of\` has "${name}", of which there are no values.`);
  }
  const read = Object.entries(values).map(([name, list]) => {
    const timesOf = byName(t, name, "t");
    requireList(timesOf, isObject(t) ? `t.${name}` : "t", BadData);
    return { name, ...present(name, timesOf as ArrayLike<unknown>, list) };
  });
  for (const [what, given] of Object.entries({ t, noise: spec.noise, sigma: spec.sigma })) {
    const unknown = isObject(given) ? Object.keys(given).find((name) => !Object.hasOwn(values, name)) : undefined;
    if (unknown !== undefined) throw new BadData(`observations: \`${what}\` has "${unknown}", of which there are no values.`);
  }
  const all = Float64Array.from(read.flatMap((series) => series.times)).sort();
  const times = all.filter((time, i) => i === 0 || time !== all[i - 1]);
  if (times.length === 0)
    throw new BadData("observations: there is no value at all: the lists are empty, or all values are missing.");
  const series = read.map(({ name, times: own, rows, numbers }): Series => {
    const noise = noiseOf(spec, name);
    requirePossible(name, noise, numbers, rows);
    return {
      name,
      ...(Object.hasOwn(of, name) && { of: of[name] as Observable<never, never, never> }),
      noise,
      sigma: sigmaOf(spec, name, noise, rows),
      at: Int32Array.from(own, (time) => indexOf(time, times)),
      rows: Int32Array.from(rows),
      values: Float64Array.from(numbers),
    };
  });
  return { times, series: series.filter(({ values: own }) => own.length > 0), constants, u0, p, tspan };
}

/** Of one of ascending times. */
function indexOf(time: number, times: Float64Array): number {
  let [first, last] = [0, times.length - 1];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (times[middle] < time) first = middle + 1;
    else last = middle;
  }
  return first;
}

function isList(value: unknown): boolean {
  return typeof value === "object" && value !== null && "length" in value;
}

/** Throws {@link BadData} where they are no functions by name. */
export function requireObservables(verb: string, of: unknown): void {
  if (isObject(of) && Object.values(of).every((one) => typeof one === "function")) return;
  throw new BadData(`${verb}: \`of\` is ${shown(of)}, but must be functions by name: { total: (u) => u.prey + u.predator }.`);
}

/** What is given for a name: by itself, or in a record of names. */
function byName<T>(given: T | Readonly<Record<string, T>>, name: string, what: string): T {
  if (!isObject(given)) return given as T;
  const record = given as Readonly<Record<string, T>>;
  if (Object.hasOwn(record, name)) return record[name];
  throw new BadData(`observations: ${what} is given by name, but has no "${name}".`);
}

interface Present {
  readonly times: number[];
  readonly rows: number[];
  readonly numbers: number[];
}

/** The values that are not missing. */
function present(name: string, times: ArrayLike<unknown>, list: unknown): Present {
  requireList(list, `values.${name}`, BadData);
  if (list.length !== times.length) {
    throw new BadData(
      `observations: values.${name} has ${list.length} values at ${times.length} times. Give null for what is missing, or times ` +
        "of their own by name: t: { … }.",
    );
  }
  const found: Present = { times: [], rows: [], numbers: [] };
  for (let i = 0; i < list.length; i++) {
    const [time, value] = [times[i], list[i]];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    if (!Number.isFinite(value))
      throw new BadData(
        `observations: values.${name}[${i}] is ${shown(value)}, but must be a number, or null where it is missing.`,
      );
    if (!Number.isFinite(time))
      throw new BadData(`observations: the time of values.${name}[${i}] is ${shown(time)}, but must be a finite number.`);
    found.times.push(time as number);
    found.rows.push(i);
    found.numbers.push(value as number);
  }
  return found;
}

function noiseOf({ noise = "normal" }: Pick<ObservationsSpec, "noise">, name: string): NoiseName {
  const found = isObject(noise) && !Object.hasOwn(noise, name) ? "normal" : byName<NoiseName>(noise, name, "noise");
  if (Object.hasOwn(noises, found)) return found;
  throw new BadData(`observations: noise of "${name}" is ${shown(found)}. It may be ${Object.keys(noises).join(", ")}.`);
}

function sigmaOf(
  spec: Pick<ObservationsSpec, "sigma" | "values">,
  name: string,
  noise: NoiseName,
  rows: readonly number[],
): Series["sigma"] {
  const { sigma } = spec;
  if (!noises[noise].takesSigma) {
    if (sigma !== undefined && !isObject(sigma))
      throw new BadData(`observations: noise "${noise}" of "${name}" has no sigma; leave it out.`);
    return 1;
  }
  const isAbsent = sigma === undefined || (isObject(sigma) && !Object.hasOwn(sigma, name));
  const found = isAbsent ? "fitted" : byName<Sigma>(sigma, name, "sigma");
  if (isList(found) && isObject(sigma)) return ofEach(found as ArrayLike<unknown>, name, spec.values[name].length, rows);
  if (found === "fitted" && !noises[noise].fitsSigma) {
    throw new BadData(`observations: noise "${noise}" of "${name}" needs a \`sigma\`: its threshold is a multiple of that.`);
  }
  if (found === "fitted" || isDeviation(found)) return found;
  throw new BadData(
    `observations: sigma of "${name}" is ${shown(found)}, but must be a positive number, "fitted", or by name a list of numbers.`,
  );
}

function isDeviation(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) > 0;
}

/** Standard deviations of the values that are there. */
function ofEach(list: ArrayLike<unknown>, name: string, count: number, rows: readonly number[]): Float64Array {
  if (list.length !== count) {
    throw new BadData(
      `observations: sigma.${name} has ${list.length} entries for ${count} values. Give one for each, or one number.`,
    );
  }
  const wrong = rows.find((row) => !isDeviation(list[row]));
  if (wrong === undefined) return Float64Array.from(rows, (row) => list[row] as number);
  throw new BadData(`observations: sigma.${name}[${wrong}] is ${shown(list[wrong])}, but must be a positive number.`);
}

function requirePossible(name: string, noise: NoiseName, values: readonly number[], rows: readonly number[]): void {
  const { requires } = noises[noise];
  const wrong = requires ? values.findIndex((value) => !requires.of(value)) : -1;
  if (wrong < 0) return;
  throw new BadData(
    `observations: values.${name}[${rows[wrong]}] is ${values[wrong]}, but with noise "${noise}" it must be ${requires!.words}.`,
  );
}
