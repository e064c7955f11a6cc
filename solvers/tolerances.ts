/** Tolerances, of one number or of one for each component. */
import type { Layout } from "../src/arrays/layout.ts";
import { memberPath } from "../src/arrays/layout.ts";
import { pack } from "../src/arrays/pack.ts";
import { isNdArray, isPlainObject, isTypedArray, type ArrayValue } from "../src/arrays/values.ts";
import { BadTolerance } from "../src/errors.ts";
import type { Check } from "../src/options/check.ts";
import { shown, tolerance } from "../src/options/kinds.ts";

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

/** As a number for all components, or flat; checked by {@link absolute} before. Throws {@link BadTolerance}, and as `pack` does. */
export function absoluteTolerance<U>(atol: AbsoluteTolerance<U> | undefined, layout: Layout): number | Float64Array {
  if (atol === undefined) return DEFAULT_TOLERANCE;
  if (typeof atol === "number") return atol;
  const each = new Float64Array(layout.size).fill(DEFAULT_TOLERANCE);
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

/** The smallest of them. */
export function smallest(atol: number | Float64Array): number {
  return typeof atol === "number" ? atol : atol.reduce((a, b) => Math.min(a, b), Infinity);
}
