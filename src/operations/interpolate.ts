/** Values between those of a table of one variable. */
import { ShapeMismatch, UnsupportedValue } from "../core/errors.ts";
import { checkOptions, type Checks } from "../core/options/check.ts";
import { anything, oneOf } from "../core/options/kinds.ts";
import { shown } from "../core/options/shown.ts";
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/ir.ts";
import { showShape } from "../arrays/shape.ts";
import { describe, isPlainObject, isTypedArray, type ArrayValue } from "../core/array-values.ts";
import type { ArrayOperation, Dense, Numeric } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit, type Flat } from "./plain.ts";
import { advance, loadF64, nest, scalarOf, type View } from "./view.ts";

/** The values of a function at its nodes. Only `values` may depend on state and parameters. */
export type Table = { readonly values: ArrayValue } & Grid;

export type Grid =
  /** One node a value, increasing. */
  | { readonly nodes: ArrayLike<number> }
  /** Nodes at equal distances, the first at `from`, the last at `to`. */
  | { readonly from: number; readonly to: number };

export interface InterpolationOptions {
  /**
   * "linear" (the default): continuous; the derivative jumps at the nodes, where it is the one to the right (at the last, to the left).
   * "cubic": its first derivative is continuous too; at each node it is the slope of the parabola through that node and its
   * neighbours (Bessel's interpolation: de Boor, "A Practical Guide to Splines", 1978, chapter IV), so that parabolas are exact.
   */
  readonly method?: "linear" | "cubic";
}

export interface Interpolate {
  /**
   * The table's value at x, or at each element of x. Outside the nodes the first or last value is held, with derivative 0. It is
   * differentiated by x and by the table's values. Throws ShapeMismatch, UnsupportedValue.
   */
  (table: Table, x: number, options?: InterpolationOptions): number;
  (table: Table, x: ArrayValue, options?: InterpolationOptions): Dense;
  (table: Table, x: Numeric, options?: InterpolationOptions): Dense | number;
}

/** What the formulas are written in: numbers, or values of a program. An index is a T too. */
interface Form<T> {
  add(x: T, y: T): T;
  sub(x: T, y: T): T;
  mul(x: T, y: T): T;
  div(x: T, y: T): T;
  number(x: number): T;
  /** An index further on. */
  after(i: T, by: number): T;
  /** The index in these bounds that is nearest. */
  within(i: T, first: number, last: number): T;
  /** The point of the table at an index. */
  point(i: T): Point<T>;
}

type Point<T> = readonly [x: T, y: T];

/** Between the points i and i + 1 of a table of n; x lies there. */
function between<T>(f: Form<T>, { method }: InterpolationOptions, n: number, x: T, i: T): T {
  const [[x0, y0], [x1, y1]] = [f.point(i), f.point(f.after(i, 1))];
  const [length, rise] = [f.sub(x1, x0), f.sub(y1, y0)];
  const w = f.div(f.sub(x, x0), length);
  if (method !== "cubic") return f.add(y0, f.mul(w, rise));
  const end = (at: T, k: T): T => f.mul(length, parabolaSlope(f, at, f.within(k, 1, n - 2)));
  const [first, second] = [end(x0, i), end(x1, f.after(i, 1))];
  // Hermite's form: rise w² (3 - 2 w) + first w (1 - w)² - second w² (1 - w).
  const left = f.sub(f.number(1), w);
  const curved = f.sub(f.mul(f.sub(f.number(3), f.add(w, w)), rise), f.mul(left, second));
  return f.add(y0, f.mul(w, f.add(f.mul(f.mul(left, left), first), f.mul(w, curved))));
}

/** The slope at x of the parabola through point k and its neighbours, in Newton's form. */
function parabolaSlope<T>(f: Form<T>, x: T, k: T): T {
  const [a, b, c] = [-1, 0, 1].map((by) => f.point(f.after(k, by)));
  const divided = (p: Point<T>, q: Point<T>): T => f.div(f.sub(q[1], p[1]), f.sub(q[0], p[0]));
  const slope = divided(a, b);
  const bend = f.div(f.sub(divided(b, c), slope), f.sub(c[0], a[0]));
  return f.add(slope, f.mul(bend, f.sub(f.add(x, x), f.add(a[0], b[0]))));
}

const checks: Checks<InterpolationOptions> = { method: oneOf("linear", "cubic") };

/** Of both kinds of grid; the values are an operand. */
const gridChecks: Checks<{ nodes?: unknown; from?: unknown; to?: unknown }> = { nodes: anything, from: anything, to: anything };

function requireTable(shape: readonly number[], [grid, options]: readonly unknown[]): void {
  const given = options === undefined ? {} : options;
  checkOptions(grid, gridChecks, "interpolate: its table");
  checkOptions(given, checks, "interpolate");
  const { method = "linear" } = given as InterpolationOptions;
  const least = method === "cubic" ? 3 : 2;
  if (shape.length !== 1 || shape[0] < least) {
    throw new ShapeMismatch(
      `interpolate: the table's values have shape ${showShape(shape)}; ${method} interpolation takes a vector of ${least} or more.`,
    );
  }
  if (!isUniform(grid as Grid)) return requireNodes((grid as { readonly nodes?: unknown }).nodes, shape[0]);
  const { from, to } = grid as { readonly from: number; readonly to: number };
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to))
    throw new UnsupportedValue(
      `interpolate: the table goes from ${shown(from)} to ${shown(to)}. Give finite numbers, the smaller first.`,
    );
}

function requireNodes(nodes: unknown, count: number): void {
  if (!isTypedArray(nodes) && !Array.isArray(nodes)) {
    throw new UnsupportedValue(
      `interpolate: the table has neither nodes, an array of numbers, nor from and to. ` +
        `Give { nodes, values }, or { from, to, values } where the nodes are at equal distances.`,
    );
  }
  if (nodes.length !== count)
    throw new ShapeMismatch(`interpolate: the table has ${nodes.length} nodes and ${count} values. Give one value a node.`);
  const list: readonly unknown[] = Array.from<unknown>(nodes);
  const wrong = list.findIndex((x, i) => !Number.isFinite(x) || (i > 0 && !((x as number) > (list[i - 1] as number))));
  if (wrong < 0) return;
  throw new UnsupportedValue(
    `interpolate: nodes[${wrong}] is ${shown(list[wrong])}${wrong > 0 ? ` after ${shown(list[wrong - 1])}` : ""}. ` +
      `Nodes are finite and increase: sort them, with their values.`,
  );
}

function isUniform(grid: Grid): grid is Extract<Grid, { readonly from: number }> {
  return "from" in grid && "to" in grid;
}

/** Where the nodes lie at equal distances, x is measured in those, and node i lies at i. */
interface Scale {
  readonly from: number;
  readonly distance: number;
  readonly nodes?: Float64Array;
  readonly ends: readonly [first: number, last: number];
}

function scaleOf(grid: Grid, n: number): Scale {
  if (isUniform(grid)) return { from: grid.from, distance: (grid.to - grid.from) / (n - 1), ends: [0, n - 1] };
  const nodes = grid.nodes instanceof Float64Array ? grid.nodes : Float64Array.from(grid.nodes);
  return { from: 0, distance: 1, nodes, ends: [nodes[0], nodes[n - 1]] };
}

/** Steps of a search by halves among the indices 0 to n - 2. */
function stepsOf(n: number): number[] {
  return Array.from({ length: Math.ceil(Math.log2(n)) }, (_, k) => 2 ** k).reverse();
}

function emit(b: Builder, values: View, x: Value, options: InterpolationOptions, { from, distance, nodes, ends }: Scale): Value {
  const n = values.shape[0];
  const grid = nodes && b.constantArray("nodes", nodes);
  const i32 = (x: number): Value => b.i32(x);
  const nodeAt = (i: Value): Value => (grid ? b.load(grid, i) : b.toF64(i));
  const form: Form<Value> = {
    add: (x, y) => b.operation("add", x, y),
    sub: (x, y) => b.operation("sub", x, y),
    mul: (x, y) => b.operation("mul", x, y),
    div: (x, y) => b.operation("div", x, y),
    number: (x) => b.f64(x),
    after: (i, by) => b.operation("i32.add", i, i32(by)),
    within: (i, first, last) => {
      const low = b.operation("i32.select", b.operation("i32.lt", i, i32(first)), i32(first), i);
      return b.operation("i32.select", b.operation("i32.gt", low, i32(last)), i32(last), low);
    },
    point: (i) => [nodeAt(i), loadF64(b, values, advance(b, values.offset, i, values.strides[0]))],
  };
  const scaled = form.div(form.sub(x, b.f64(from)), b.f64(distance));
  // In this order: at the ends the derivative is the one inside.
  const inside = b.operation("min", b.operation("max", scaled, b.f64(ends[0])), b.f64(ends[1]));
  const located = grid
    ? stepsOf(n).reduce((i, step) => {
        const next = form.within(form.after(i, step), 0, n - 2);
        return b.operation("i32.select", b.operation("ge", inside, nodeAt(next)), next, i);
      }, i32(0))
    : b.operation("i32.from_f64", inside);
  return between(form, options, n, inside, form.within(located, 0, n - 2));
}

function valueAt(values: Flat, x: number, options: InterpolationOptions, { from, distance, nodes, ends }: Scale): number {
  const n = values.shape[0];
  const nodeAt = (i: number): number => (nodes ? nodes[i] : i);
  const form: Form<number> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    div: (x, y) => x / y,
    number: (x) => x,
    after: (i, by) => i + by,
    within: (i, first, last) => Math.min(Math.max(i, first), last),
    point: (i) => [nodeAt(i), values.data[values.offset + i * values.strides[0]]],
  };
  const inside = Math.min(Math.max((x - from) / distance, ends[0]), ends[1]);
  const located = nodes
    ? stepsOf(n).reduce((i, step) => (inside >= nodes[Math.min(i + step, n - 2)] ? Math.min(i + step, n - 2) : i), 0)
    : Math.trunc(inside) || 0;
  return between(form, options, n, inside, Math.min(located, n - 2));
}

const interpolate: ArrayOperation<Interpolate> = {
  name: "interpolate",
  operands: 2,
  field: "values",
  resultShape: ([values, x], options) => (requireTable(values, options), x),
  lower(b, [table, x], result, [grid, options]) {
    const values = table as View;
    const scale = scaleOf(grid as Grid, values.shape[0]);
    const at = (point: Value): Value => emit(b, values, point, (options ?? {}) as InterpolationOptions, scale);
    if (!result) return at(scalarOf(b, x));
    const points = x as View;
    nest(b, result.shape, [points, result], [], ([i, o]) => {
      b.store(result.array, o, at(loadF64(b, points, i)));
      return [];
    });
  },
  plain: ((table: Table, x: Numeric, options: InterpolationOptions = {}) => {
    if (!isPlainObject(table))
      throw new UnsupportedValue(
        `interpolate: its table is ${describe(table)}, but must be { nodes, values }, and comes first: interpolate({ nodes, values }, x).`,
      );
    const { values: given, ...grid } = table;
    const values = flat(given, "interpolate");
    requireTable(values.shape, [grid, options]);
    const scale = scaleOf(grid, values.shape[0]);
    if (typeof x === "number") return valueAt(values, x, options, scale);
    const points = flat(x, "interpolate");
    const result = fresh(points.shape);
    visit(points.shape, [points, result], (i, o) => {
      result.data[o] = valueAt(values, points.data[i], options, scale);
    });
    return toNdArray(result);
  }) as Interpolate,
};

export const interpolation = overridable({ interpolate });
