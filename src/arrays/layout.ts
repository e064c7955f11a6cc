/**
 * Layouts: how a user's state or parameters (numbers, arrays, ndarrays, nested objects of those) lie in one flat
 * Float64Array. Components are in order of appearance; arrays are row-major.
 */
import { UnsupportedValue } from "../core/errors.ts";
import { rowMajor, sizeOf } from "./shape.ts";
import { describe, isNdArray, isPlainObject, isTypedArray } from "../core/array-values.ts";

export type Layout = ScalarLayout | ArrayLayout | StructLayout | ExtendedLayout;

/** A plain number, within a struct or all there is. */
export interface ScalarLayout {
  readonly kind: "scalar";
  readonly offset: number;
  readonly size: 1;
}

export interface ArrayLayout {
  readonly kind: "array";
  readonly offset: number;
  readonly size: number;
  readonly shape: readonly number[];
  /** What the user handed in, and gets back: a number[], a Float64Array, or an ndarray. */
  readonly container: "array" | "typed" | "ndarray";
}

export interface StructLayout {
  readonly kind: "struct";
  readonly offset: number;
  readonly size: number;
  readonly fields: Readonly<Record<string, Layout>>;
}

/** A value as its user lays it out, and behind it numbers that are not the user's: derivatives of components by time, or parameters that events change. */
export interface ExtendedLayout {
  readonly kind: "extended";
  readonly offset: number;
  readonly size: number;
  readonly own: UserLayout;
  /** Of each number the component of `own` that it is; where it is the derivative of a component, −1 − that; of a parameter, its name. */
  readonly components: readonly (number | string)[];
}

type UserLayout = Exclude<Layout, ExtendedLayout>;

/** What of a layout is the user's. */
export function ownLayout(layout: Layout): UserLayout {
  return layout.kind === "extended" ? layout.own : layout;
}

/** What of the layouts of a problem's state and parameters is the user's. */
export function ownLayouts<L extends Record<"u" | "p", Layout>>({ u, p }: L): { readonly u: UserLayout; readonly p: L["p"] } {
  return { u: ownLayout(u), p };
}

/** The layout of a value, which messages call `what`. Throws UnsupportedValue. */
export function layoutOf(value: unknown, what: string): Layout {
  return layoutAt(value, what, 0);
}

function layoutAt(value: unknown, path: string, offset: number): Layout {
  if (typeof value === "number") return { kind: "scalar", offset, size: 1 };
  if (isTypedArray(value)) return { kind: "array", offset, size: value.length, shape: [value.length], container: "typed" };
  if (Array.isArray(value)) {
    value.forEach((element, i) => requireNumber(element, value, `${path}[${i}]`));
    return { kind: "array", offset, size: value.length, shape: [value.length], container: "array" };
  }
  if (isNdArray(value))
    return { kind: "array", offset, size: sizeOf(value.shape), shape: [...value.shape], container: "ndarray" };
  if (!isPlainObject(value)) {
    throw new UnsupportedValue(
      `${path} is ${describe(value)}. State and parameters are numbers, arrays of numbers, typed arrays, ndarrays, or plain ` +
        `objects of those; what is none of them belongs in \`constants\`.`,
    );
  }
  const fields: Record<string, Layout> = {};
  let next = offset;
  for (const [name, field] of Object.entries(value)) {
    if (name === "__proto__") {
      throw new UnsupportedValue(
        `${path} has a component named "__proto__", which is no name of its own in JavaScript. Rename it.`,
      );
    }
    fields[name] = layoutAt(field, memberPath(path, name), next);
    next += fields[name].size;
  }
  return { kind: "struct", offset, size: next - offset, fields };
}

function requireNumber(element: unknown, array: readonly unknown[], path: string): void {
  if (typeof element === "number") return;
  if (Array.isArray(element)) {
    throw new UnsupportedValue(
      `${path} is itself an array. A matrix is an ndarray: ` +
        `ndarray(new Float64Array(rows.flat()), [${array.length}, ${element.length}]), read by .get(i, j) and written by .set(i, j, value).`,
    );
  }
  throw new UnsupportedValue(
    `${path} is ${describe(element)}, not a number. Group components of different kinds in an object with names, such as ` +
      `{ first: …, second: … }, and go over them by Object.values(…).`,
  );
}

/** Do two layouts say the same? */
export function sameLayout(a: Layout, b: Layout): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** "layer.W" of "layer" and "W"; of an empty path, the name alone. */
export function memberPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** The name of the component at a flat index: "prey", "layer.W[3,2]"; a root array or number is called by `what`: "u[0]". */
export function componentName(layout: Layout, index: number, what: string): string {
  return nameWithin(layout, index, ownLayout(layout).kind === "struct" ? "" : what);
}

/** The same with what it is a component of before it: "u.prey", "p.layer.W[3,2]", "u[0]"; counted from the layout's own first. */
export function componentPath(layout: Layout, index: number, what: string): string {
  const name = componentName(layout, layout.offset + index, what);
  const isParameter = layout.kind === "extended" && typeof layout.components[index] === "string";
  return ownLayout(layout).kind === "struct" && !isParameter ? `${what}.${name}` : name;
}

/** The names of all components, in flat order. */
export function componentNames(layout: Layout, what: string): string[] {
  return Array.from({ length: layout.size }, (_, index) => componentName(layout, layout.offset + index, what));
}

function nameWithin(layout: Layout, index: number, path: string): string {
  switch (layout.kind) {
    case "scalar":
      return path;
    case "array": {
      const strides = rowMajor(layout.shape);
      const indices = layout.shape.map((extent, axis) => Math.floor((index - layout.offset) / strides[axis]) % extent);
      return `${path}[${indices.join(",")}]`;
    }
    case "struct": {
      const [name, field] = Object.entries(layout.fields).find(([, f]) => index >= f.offset && index < f.offset + f.size)!;
      return nameWithin(field, index, memberPath(path, name));
    }
    case "extended": {
      const component = layout.components[index];
      if (typeof component === "string") return component;
      return component < 0 ? `${nameWithin(layout.own, -1 - component, path)}'` : nameWithin(layout.own, component, path);
    }
  }
}
