/** What is free in a population: shared, or of each individual about a typical value. */
import { isObject } from "../../src/core/options/check.ts";
import { shown } from "../../src/core/options/kinds.ts";
import type { Experiment } from "../objective/experiment.ts";
import { BadParameter } from "../parameters/errors.ts";
import { FreeParameters, freeParameters, type Parameters, type ParameterSpec } from "../parameters/free.ts";
import { scales } from "../parameters/scale.ts";
import type { SpreadOptions } from "./spread.ts";

/** How a parameter that each individual has of its own is fitted. */
export interface IndividualSpec extends ParameterSpec {
  /**
   * The standard deviation between individuals, on the parameter's scale: of its logarithm on "log", where individuals are lognormal. "fitted"
   * by default.
   */
  readonly spread?: number | "fitted";
}

/** By name, as {@link Parameters}. */
export type IndividualParameters = Readonly<Record<string, true | IndividualSpec>>;

/** Between individuals, where nothing is said: of what is on the scale "linear" this part of its start. */
const SPREAD = 0.3;
/** Of the standard deviation at the start: one of this part is none. */
const NONE = 1e-3;
interface Asked {
  readonly shared?: Parameters;
  readonly individual?: IndividualParameters;
  readonly initial: { readonly shared?: Parameters; readonly individual?: IndividualParameters };
}

export interface Freedom {
  readonly shared: FreeParameters;
  readonly own: FreeParameters;
  /** At the start. */
  readonly spread: Float64Array;
  readonly options: SpreadOptions;
}

/** Throws {@link BadParameter}. */
export function freeIn({ layout, p, u0 }: Experiment, { shared, individual, initial }: Asked): Freedom {
  const bare = { p: withoutSpread("individual", individual), u0: withoutSpread("initial.individual", initial.individual) };
  const all = new FreeParameters([
    ...freeParameters("p", shared, layout.p, p),
    ...freeParameters("u0", initial.shared, layout.u, u0),
  ]);
  const own = new FreeParameters([
    ...freeParameters("p", bare.p?.parameters, layout.p, p),
    ...freeParameters("u0", bare.u0?.parameters, layout.u, u0),
  ]);
  if (own.list.length === 0) {
    throw new BadParameter(
      "fitMany: nothing is individual. Name some of p in `individual`, or of the initial state in `initial: { individual }`; what all share is fitted by `fit(problem, [observations, …])`.",
    );
  }
  requireApart(all, own);
  for (const one of [all, own]) requireUnbounded(one);
  const given = own.list.map(({ of, name }) => bare[of]!.spreadOf(name));
  const spread = Float64Array.from(own.list, ({ scale, start }, c) => {
    const size = scale === scales.linear ? SPREAD * Math.abs(start) || 1 : SPREAD;
    return given[c] === "fitted" ? size : given[c];
  });
  const isGiven = given.map((one) => one !== "fitted");
  return { shared: all, own, spread, options: { isGiven, least: spread.map((w) => NONE * w) } };
}

/** Throws {@link BadParameter}. */
function requireApart(shared: FreeParameters, own: FreeParameters): void {
  const both = own.list.find((one) => shared.list.some(({ name, of }) => one.name === name && one.of === of));
  if (both) throw new BadParameter(`fitMany: "${both.name}" is shared and individual. Leave it out of one.`);
}

/** Throws {@link BadParameter}. */
function requireUnbounded({ list, lower, upper }: FreeParameters): void {
  const j = list.findIndex((_, at) => lower[at] !== -Infinity || upper[at] !== Infinity);
  if (j < 0) return;
  throw new BadParameter(
    `fitMany: "${list[j].name}" has bounds that it may come to. Give it the scale "logit" between two, or "log" without bounds above zero.`,
  );
}

interface Bare {
  readonly parameters: Parameters;
  /** Of a component, by what it lies under. */
  readonly spreadOf: (name: string) => number | "fitted";
}

/** Throws {@link BadParameter}. */
function withoutSpread(option: string, given: IndividualParameters | undefined): Bare | undefined {
  if (!isObject(given)) return given === undefined ? undefined : { parameters: given, spreadOf: () => "fitted" };
  const spreads = new Map<string, number | "fitted">();
  const parameters = Object.entries(given as IndividualParameters).map(([name, spec]): [string, true | ParameterSpec] => {
    if (!isObject(spec)) return [name, spec];
    const { spread = "fitted", ...rest } = spec as IndividualSpec;
    if (spread !== "fitted" && !(Number.isFinite(spread) && spread > 0)) {
      throw new BadParameter(`${option}.${name}.spread is ${shown(spread)}, but must be a positive number, or "fitted".`);
    }
    spreads.set(name, spread);
    return [name, rest];
  });
  const spreadOf = (name: string): number | "fitted" => {
    const under = [...spreads.keys()].find(
      (whole) => name === whole || name.startsWith(`${whole}.`) || name.startsWith(`${whole}[`),
    );
    return under === undefined ? "fitted" : spreads.get(under)!;
  };
  return { parameters: Object.fromEntries(parameters), spreadOf };
}
