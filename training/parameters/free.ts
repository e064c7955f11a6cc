/** The numbers that a fit moves: some components of p and of u0, on their scales, within their bounds. */
import type { Operator } from "../../src/problem/operator.ts";
import { componentNames, type Layout } from "../../src/arrays/layout.ts";
import { BadParameter } from "./errors.ts";
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { anything, shown } from "../../src/core/options/kinds.ts";
import { nearest } from "../../src/core/options/names.ts";
import { priorOf, type Prior, type PriorSpec } from "./prior.ts";
import { isScaleName, scales, type Scale, type ScaleName } from "./scale.ts";

/** How a parameter is fitted. */
export interface ParameterSpec {
  /** Where it starts; by default at the problem's value. */
  readonly start?: number;
  /** The least and the largest value it may take. None by default. */
  readonly bounds?: readonly [number, number];
  /** "log" for what is positive and of any size, "logit" for what stays within two bounds. "linear" by default. */
  readonly scale?: ScaleName;
  /** What is known of it besides the data: { normal: [mean, deviation] } or { lognormal: [mean of ln, deviation of ln] }. Nothing by default. */
  readonly prior?: PriorSpec;
}

/**
 * Which are fitted, by the names of components, "rate", "layer.W[0,1]", or of all that lies under a name, "layer", "layer.W"; `true` is one
 * without bounds, from the problem's value.
 */
export type Parameters = Readonly<Record<string, true | ParameterSpec>>;

const checks: Checks<ParameterSpec> = { start: anything, bounds: anything, scale: anything, prior: anything };

export interface FreeParameter {
  readonly name: string;
  readonly of: "p" | "u0";
  /** Its index in flat p or u0. */
  readonly index: number;
  readonly start: number;
  readonly lower: number;
  readonly upper: number;
  readonly scale: Scale;
  readonly prior?: Prior;
}

/** What a fit moves, as its optimiser sees it: x, a number each, on its scale. */
export class FreeParameters {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Where the fit starts. */
  readonly start: Float64Array;

  constructor(readonly list: readonly FreeParameter[]) {
    const onScale = (of: (one: FreeParameter) => number): Float64Array =>
      Float64Array.from(list, (one) => one.scale.toFree(of(one), one.lower, one.upper));
    this.start = onScale(({ start }) => start);
    this.lower = onScale(({ lower }) => lower).map((x) => (Number.isNaN(x) ? -Infinity : x));
    this.upper = onScale(({ upper }) => upper);
  }

  /** The same, of which nothing is known besides the data. */
  get withoutPriors(): FreeParameters {
    return new FreeParameters(this.list.map((one) => ({ ...one, prior: undefined })));
  }

  /** What the solution is differentiated by. */
  get spaces(): ("p" | "u0")[] {
    return (["p", "u0"] as const).filter((space) => this.list.some(({ of }) => of === space));
  }

  /** Where the parameters have these values. */
  placeOf(values: ArrayLike<number>): Float64Array {
    return Float64Array.from(this.list, ({ lower, upper, scale }, j) => scale.toFree(values[j], lower, upper));
  }

  /** The parameters themselves. */
  valuesAt(x: Float64Array): Float64Array {
    return Float64Array.from(this.list, ({ lower, upper, scale }, j) => scale.fromFree(x[j], lower, upper));
  }

  /** Their derivatives by x. */
  slopesAt(values: Float64Array): Float64Array {
    return Float64Array.from(this.list, ({ lower, upper, scale }, j) => scale.slope(values[j], lower, upper));
  }

  /** The priors as residuals, each with its derivative by x and the index of its parameter. */
  priorsAt(
    values: Float64Array,
    slopes: Float64Array,
  ): { readonly j: number; readonly residual: number; readonly slope: number }[] {
    return this.list.flatMap(({ prior }, j) => {
      if (!prior) return [];
      const { residual, slope } = prior.at(values[j]);
      return [{ j, residual, slope: slope * slopes[j] }];
    });
  }

  /** Flat u0 and p with the values in their places; `start` gives u0 where that is a function of p. */
  put(
    values: Float64Array,
    { u0, p, start }: { readonly u0: Float64Array; readonly p: Float64Array; readonly start?: Operator },
  ): { u0: Float64Array; p: Float64Array } {
    const point = { u0: u0.slice(), p: p.slice() };
    this.list.forEach(({ of, index }, j) => (point[of][index] = values[j]));
    start?.evaluate(point.u0, [point.p]);
    return point;
  }
}

/** Of a layout whose values are `flat`. Throws {@link BadParameter}. */
export function freeParameters(
  of: "p" | "u0",
  given: Parameters | undefined,
  layout: Layout,
  flat: Float64Array,
): FreeParameter[] {
  if (given === undefined) return [];
  const option = of === "p" ? "parameters" : "initial";
  if (!isObject(given)) throw new BadParameter(`${option} is ${shown(given)}. Give an object by names: { rate: true }.`);
  const names = componentNames(layout, of);
  const named = Object.entries(given).flatMap(([name, spec]) => {
    const indices = names.flatMap((whole, i) => (whole === name || isUnder(whole, name) ? [i] : []));
    if (indices.length === 0) {
      const near = nearest(name, names);
      throw new BadParameter(
        `${option}: there is no component "${name}" of ${of}. ${near === undefined ? `There are ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}.` : `Is "${near}" meant?`}`,
      );
    }
    return indices.map((index) => ({ name: names[index], index, spec: spec === true ? {} : spec }));
  });
  const seen = new Set<number>();
  for (const { name, index } of named) {
    if (seen.has(index)) throw new BadParameter(`${option}: "${name}" is named twice, by itself and by what it lies under.`);
    seen.add(index);
  }
  return named.map(({ name, index, spec }) => freeParameter(`${option}.${name}`, name, of, index, spec, flat[index]));
}

/** Is it a component of what has this name? */
function isUnder(whole: string, name: string): boolean {
  return whole.startsWith(`${name}.`) || whole.startsWith(`${name}[`);
}

function freeParameter(
  what: string,
  name: string,
  of: "p" | "u0",
  index: number,
  spec: ParameterSpec,
  value: number,
): FreeParameter {
  if (!isObject(spec)) {
    throw new BadParameter(
      `${what} is ${shown(spec)}. Give true, or { start, bounds, scale, prior }; leave out what is not fitted.`,
    );
  }
  checkOptions(spec, checks, what, `${what}.`);
  const { start = value, bounds = [-Infinity, Infinity], scale = "linear" } = spec;
  if (!Number.isFinite(start)) throw new BadParameter(`${what}.start is ${shown(start)}, but must be a finite number.`);
  if (!Array.isArray(bounds) || bounds.length !== 2 || !bounds.every((bound) => typeof bound === "number")) {
    throw new BadParameter(`${what}.bounds is ${listed(bounds)}, but must be two numbers, the lower one first: [0, 5].`);
  }
  if (!(bounds[0] < bounds[1])) {
    throw new BadParameter(
      `${what}.bounds is ${listed(bounds)}, but must be two numbers, the lower one first: [0, 5]. What stays as it is, is left out.`,
    );
  }
  const [lower, upper] = bounds as readonly [number, number];
  if (start < lower || start > upper) {
    throw new BadParameter(`${what} starts at ${start}, outside its bounds [${lower}, ${upper}]. Give a \`start\` within them.`);
  }
  if (!isScaleName(scale)) {
    throw new BadParameter(`${what}.scale is ${shown(scale)}. It may be ${Object.keys(scales).join(", ")}.`);
  }
  const refused = scales[scale].refuses(start, lower, upper);
  if (refused) throw new BadParameter(`${what} is ${start}, but on the scale "${scale}" it must be ${refused}.`);
  const prior = spec.prior === undefined ? undefined : priorOf(`${what}.prior`, spec.prior, start);
  return { name, of, index, start, lower, upper, scale: scales[scale], prior };
}

function listed(bounds: unknown): string {
  return Array.isArray(bounds) ? `[${bounds.map(shown).join(", ")}]` : shown(bounds);
}

/** All components of p, without bounds. */
export function allParameters(layout: Layout): Parameters {
  return Object.fromEntries(componentNames(layout, "p").map((name) => [name, true]));
}
