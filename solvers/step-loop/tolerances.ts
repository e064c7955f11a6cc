/** Tolerances, of one number or of one for each component. */
import type { ComponentSizes } from "./component-sizes.ts";
import type { Growth } from "./growth-below.ts";
import { componentNames, memberPath, ownLayout, type ExtendedLayout, type Layout } from "../../src/arrays/layout.ts";
import { pack } from "../../src/arrays/pack.ts";
import { isNdArray, isPlainObject, isTypedArray, type ArrayValue } from "../../src/core/array-values.ts";
import type { ChangedParameters } from "../../src/problem/changed-parameters.ts";
import { BadTolerance } from "../../src/core/errors.ts";
import type { Check } from "../../src/core/options/check.ts";
import { shown, tolerance } from "../../src/core/options/kinds.ts";

export const DEFAULT_TOLERANCE = 1e-6;

/** In the shape of a state of type U: a number stands for all components of its part, and parts left out keep the default. */
export type Tolerances<U> = unknown extends U
  ? unknown
  : U extends number
    ? number
    : U extends ArrayValue
      ? number | ArrayValue
      : { readonly [K in keyof U]?: Tolerances<U[K]> };

/** One for all components, a flat array with one each, or by the names of components: `{ prey: 1e-9 }`. */
export type AbsoluteTolerance<U> = number | ArrayLike<number> | Tolerances<U>;

/** Whatever the state's shape. Throws {@link BadTolerance}. */
export const absolute: Check = (value, what) => {
  if (typeof value === "number") return tolerance(value, what);
  if (Array.isArray(value) || isTypedArray(value)) return requireTolerances(value, what);
  if (isNdArray(value)) return requireTolerances(value.data, what);
  if (!isPlainObject(value)) return tolerance(value, what);
  for (const name in value) if (value[name] !== undefined) absolute(value[name], `${what}.${name}`);
};

function requireTolerances(list: ArrayLike<unknown>, what: string): void {
  for (let i = 0; i < list.length; i++) tolerance(list[i], `${what}[${i}]`);
}

/** Of the largest initial value, what roundings may make of one that is meant to be zero. */
const ROUNDING = 1e-14;

/**
 * Of each component rtol times its initial size, or, where that is zero, the largest component's, or one where all are zero;
 * {@link DEFAULT_TOLERANCE} at most.
 * What begins small is followed to as many digits as what begins large, whatever the units.
 */
function defaultTolerance(u0: Float64Array, rtol: number): number | Float64Array {
  let largest = 0;
  for (const u of u0) largest = Math.max(largest, Math.abs(u));
  if (largest === 0) return Math.min(DEFAULT_TOLERANCE, rtol);
  const least = ROUNDING * largest;
  const each = new Float64Array(u0.length);
  let isOne = true;
  for (let i = 0; i < u0.length; i++) {
    each[i] = Math.min(DEFAULT_TOLERANCE, Math.max(rtol * (Math.abs(u0[i]) || largest), least));
    isOne &&= each[i] === DEFAULT_TOLERANCE;
  }
  return isOne ? DEFAULT_TOLERANCE : each;
}

/**
 * As a number for all components, or flat; checked by {@link absolute} before. The default follows from the initial state, where that is known. Throws
 * {@link BadTolerance}, and as `pack` does.
 */
export function absoluteTolerance<U>(
  atol: AbsoluteTolerance<U> | undefined,
  layout: Layout,
  start?: { readonly u0: Float64Array; readonly rtol: number },
): number | Float64Array {
  if (layout.kind === "extended") {
    const ofOwn = start && { ...start, u0: start.u0.subarray(0, layout.own.size) };
    return withOthers(layout, absoluteTolerance(atol, layout.own, ofOwn));
  }
  const byDefault = start ? defaultTolerance(start.u0, start.rtol) : DEFAULT_TOLERANCE;
  if (atol === undefined) return byDefault;
  if (typeof atol === "number") return atol;
  const each = new Float64Array(layout.size);
  setTolerance(each, byDefault);
  if (Array.isArray(atol) || isTypedArray(atol)) {
    if (atol.length !== layout.size) {
      throw new BadTolerance(
        `atol has ${atol.length} entries, but the state has ${layout.size} components. Give one each, or one number.`,
      );
    }
    each.set(atol);
  } else {
    fill(layout, atol, "atol", each);
  }
  return each;
}

/**
 * Errors of what is not the user's count for little (see judgedParts), but it is iterated for like all else: to the smallest of the user's
 * absolute tolerances.
 */
function withOthers({ size }: ExtendedLayout, atol: number | Float64Array): Float64Array {
  if (typeof atol === "number") return new Float64Array(size).fill(atol);
  const each = new Float64Array(size).fill(Math.min(...atol));
  each.set(atol);
  return each;
}

/** Of parameters that are in the state, which have no error: as small as the tolerances by default of states, whatever is asked of those. */
const OF_PARAMETERS = 1e-6;

/** Those of the state with the parameters that events change. */
export function tolerancesWith(changed: ChangedParameters, atol: number | Float64Array, p: Float64Array): Float64Array {
  const each = new Float64Array(changed.state.size);
  const n = changed.layout.u.size;
  setTolerance(each.subarray(0, n), atol);
  changed.indices.forEach((index, j) => (each[n + j] = OF_PARAMETERS * (Math.abs(p[index]) || 1)));
  return each;
}

function fill(layout: Layout, value: unknown, what: string, into: Float64Array): void {
  if (typeof value === "number") into.fill(value, layout.offset, layout.offset + layout.size);
  else if (layout.kind !== "struct") pack(layout, value, what, into);
  else {
    const names = Object.keys(layout.fields).join(", ");
    if (!isPlainObject(value)) {
      throw new BadTolerance(`${what} is ${shown(value)}, but must be one number, or an object with some of ${names}.`);
    }
    for (const [name, part] of Object.entries(value)) {
      if (!Object.hasOwn(layout.fields, name)) {
        throw new BadTolerance(`${memberPath(what, name)}: the state has no ${name}. Its components are ${names}.`);
      }
      if (part !== undefined) fill(layout.fields[name], part, memberPath(what, name), into);
    }
  }
}

/** Writes them, one for each component. */
export function setTolerance(into: Float64Array, atol: number | Float64Array): void {
  if (typeof atol === "number") into.fill(atol);
  else into.set(atol);
}

/** A component is to be so many times its absolute tolerance at least, for two digits of it. */
const DISTINCT = 100;

/** Is a component of this size, at most, too small for two digits of it? */
export function isBelow(size: number, atol: number): boolean {
  return size < DISTINCT * atol;
}

/** Of many components those that are named. */
const SHOWN = 7;

/** Of the user's components that are too small for their absolute tolerance, all along or for a while: their names, and what follows. */
export function belowTolerance(
  { largest, grown, inLoss }: Pick<ComponentSizes, "largest" | "grown" | "inLoss">,
  atol: number | Float64Array,
  layout: Layout,
): string[] {
  const own = ownLayout(layout);
  const of = (i: number): number => (typeof atol === "number" ? atol : atol[i]);
  const lost = grown.filter(({ component }) => component < own.size);
  const isLost = (i: number): boolean => lost.some(({ component }) => component === i);
  const small: number[] = [];
  for (let i = 0; i < own.size; i++) {
    if (!isLost(i) && largest[i] > 0 && of(i) < Infinity && isBelow(largest[i], of(i))) small.push(i);
  }
  const read = inLoss.filter((i) => i < own.size && !small.includes(i) && !isLost(i)).sort((a, b) => a - b);
  if (small.length + lost.length + read.length === 0) return [];
  const named = componentNames(own, "u");
  const listed = (components: readonly number[], show: (i: number) => string): string =>
    components
      .slice(0, SHOWN + 1)
      .map((i) => `${named[i]} (${show(i)})`)
      .join(", ") + (components.length > SHOWN + 1 ? ", …" : "");
  return [
    ...(small.length > 0
      ? [
          "Too small for the absolute tolerance, so that few digits or none are right: " +
            `${listed(small, (i) => `${largest[i].toPrecision(2)} at most, atol ${of(i)}`)}. Give smaller ones by name, atol: { … }.`,
        ]
      : []),
    ...(lost.length > 0
      ? [
          `Grew while below the absolute tolerance: ${listed(
            lost.map(({ component }) => component),
            (i) => `atol ${of(i)}, ${spanOf(lost, i)}`,
          )}. ` +
            "Errors are larger than it there: what it grows to, and all that depends on that, is not right. Give smaller ones by name, atol: { … }.",
        ]
      : []),
    ...(read.length > 0
      ? [
          `The loss depends on what is as small as its absolute tolerance: ${listed(read, (i) => `atol ${of(i)}`)}. Few digits of it and of its ` +
            "derivatives, or none, are right. Give smaller ones by name, atol: { … }.",
        ]
      : []),
  ];
}

/** When a component grew below its tolerance. */
function spanOf(lost: readonly Growth[], i: number): string {
  const { from, to } = lost.find(({ component }) => component === i)!;
  return `from t = ${shortly(from)} to t = ${shortly(to)}`;
}

/** A time, to five digits. */
function shortly(t: number): number {
  return Number(t.toPrecision(5));
}

/** The smallest of them. */
export function smallest(atol: number | Float64Array): number {
  return typeof atol === "number" ? atol : atol.reduce((a, b) => Math.min(a, b), Infinity);
}
