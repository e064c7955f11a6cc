/**
 * Products of vectors and matrices. Each is a sum over at most three axes: i (rows, along a), k (summed, along both) and
 * j (columns, along b), and one body lowers them all.
 */
import { ShapeMismatch } from "../core/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/ir.ts";
import { showShape, type Strided } from "../arrays/shape.ts";
import type { ArrayValue } from "../core/array-values.ts";
import type { ArrayOperation, Dense } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit } from "./plain.ts";
import { loadF64, nest, sumOver, type View } from "./view.ts";

export interface Matmul {
  /** Matrix times matrix, matrix times vector, or (row) vector times matrix. */
  (a: ArrayValue, b: ArrayValue): Dense;
}

export interface Dot {
  /** The sum of the products of two vectors' elements. */
  (a: ArrayValue, b: ArrayValue): number;
}

export interface Outer {
  /** The matrix of all products a[i] * b[j]. */
  (a: ArrayValue, b: ArrayValue): Dense;
}

/** One axis of a product: its extent, and the strides of a, b and the result along it. */
interface Axis {
  readonly name: "i" | "k" | "j";
  readonly extent: number;
  readonly strides: readonly [a: number, b: number, result: number];
}

interface Row {
  /** Undefined where the shapes do not fit. */
  readonly resultShape: (a: readonly number[], b: readonly number[]) => readonly number[] | undefined;
  readonly axes: (a: Strided, b: Strided, result: Strided) => readonly Axis[];
  /** What the operation takes, for messages. */
  readonly takes: string;
}

const rows = {
  matmul: {
    resultShape: (a: readonly number[], b: readonly number[]) => {
      const fits = a.length <= 2 && b.length <= 2 && a.length + b.length >= 3 && a.at(-1) === b[0];
      return fits ? [...a.slice(0, -1), ...b.slice(1)] : undefined;
    },
    axes: (a: Strided, b: Strided, result: Strided) => {
      const axes: Axis[] = [];
      if (a.shape.length === 2) axes.push({ name: "i", extent: a.shape[0], strides: [a.strides[0], 0, result.strides[0]] });
      axes.push({ name: "k", extent: b.shape[0], strides: [a.strides.at(-1)!, b.strides[0], 0] });
      if (b.shape.length === 2) axes.push({ name: "j", extent: b.shape[1], strides: [0, b.strides[1], result.strides.at(-1)!] });
      return axes;
    },
    takes:
      "a matrix and a matrix or vector (or a vector and a matrix) whose inner extents are equal; for two vectors use dot or outer",
  },
  dot: {
    resultShape: (a: readonly number[], b: readonly number[]) =>
      a.length === 1 && b.length === 1 && a[0] === b[0] ? [] : undefined,
    axes: (a: Strided, b: Strided): Axis[] => [{ name: "k", extent: a.shape[0], strides: [a.strides[0], b.strides[0], 0] }],
    takes: "two vectors of one length",
  },
  outer: {
    resultShape: (a: readonly number[], b: readonly number[]) => (a.length === 1 && b.length === 1 ? [a[0], b[0]] : undefined),
    axes: (a: Strided, b: Strided, result: Strided): Axis[] => [
      { name: "i", extent: a.shape[0], strides: [a.strides[0], 0, result.strides[0]] },
      { name: "j", extent: b.shape[0], strides: [0, b.strides[0], result.strides[1]] },
    ],
    takes: "two vectors",
  },
};

const SCALAR: Strided = { shape: [], strides: [] };

/** The innermost loop goes along the axis that is contiguous (or absent) in most arrays; of equals, the summed one. */
function innermost(axes: readonly Axis[]): Axis {
  const score = ({ name, strides }: Axis): number => 2 * strides.filter((s) => s === 0 || s === 1).length + Number(name === "k");
  return axes.reduce((best, axis) => (score(axis) > score(best) ? axis : best));
}

function along(axes: readonly Axis[], array: number): Strided {
  return { shape: axes.map((axis) => axis.extent), strides: axes.map((axis) => axis.strides[array]) };
}

/** One innermost loop along i or j: a multiple of one operand's line, stored or (a term of a sum over k) accumulated. */
function storeLine(b: Builder, inner: Axis, [x, y, result]: readonly View[], scatter: boolean): void {
  // What stays the same along the line is loaded before it.
  const [fixedX, fixedY] = [x, y].map((view, k) => (inner.strides[k] === 0 ? loadF64(b, view, view.offset) : undefined));
  nest(b, [inner.extent], [x, y, result], [], ([i, j, o]) => {
    const term = b.operation("mul", fixedX ?? loadF64(b, x, i), fixedY ?? loadF64(b, y, j));
    if (scatter) b.accumulate(result.array, o, term);
    else b.store(result.array, o, term);
    return [];
  });
}

function multiplication<Plain extends Matmul | Dot | Outer>(name: string, row: Row): ArrayOperation<Plain> {
  const resultShape = (a: readonly number[], b: readonly number[]): readonly number[] => {
    const shape = row.resultShape(a, b);
    if (shape) return shape;
    throw new ShapeMismatch(`${name}: shapes ${showShape(a)} and ${showShape(b)} do not go together. It takes ${row.takes}.`);
  };
  return {
    name,
    operands: 2,
    resultShape: ([a, b]) => resultShape(a, b),
    lower(b, operands, result) {
      const [x, y] = operands as readonly View[];
      const axes = row.axes(x, y, result ?? SCALAR);
      const inner = innermost(axes);
      const outer = axes.filter((axis) => axis !== inner);
      const product = ([i, j]: readonly Value[]): Value => b.operation("mul", loadF64(b, x, i), loadF64(b, y, j));
      if (!result) return sumOver(b, [inner.extent], [x, y], product);

      const arrays = [x, y, result];
      const starts = arrays.map((view, k) => ({ ...view, ...along(outer, k) }));
      const scatter = outer.some((axis) => axis.name === "k");
      if (scatter) b.fill(result.array, b.f64(0));
      nest(b, along(outer, 0).shape, starts, [], (offsets) => {
        const lines = arrays.map((view, k) => ({ ...view, ...along([inner], k), offset: offsets[k] }));
        if (inner.name === "k") {
          b.store(result.array, offsets[2], sumOver(b, [inner.extent], lines.slice(0, 2), product));
        } else {
          storeLine(b, inner, lines, scatter);
        }
        return [];
      });
    },
    plain: ((left: ArrayValue, right: ArrayValue): Dense | number => {
      const [x, y] = [flat(left, name), flat(right, name)];
      const result = fresh(resultShape(x.shape, y.shape));
      const axes = row.axes(x, y, result);
      const outer = axes.slice(0, -1);
      const starts = [x, y, result].map((operand, k) => ({ ...operand, ...along(outer, k) }));
      const {
        extent,
        strides: [di, dj, dout],
      } = axes.at(-1)!;
      const [a, b, out] = [x.data, y.data, result.data];
      visit(along(outer, 0).shape, starts, (i, j, o) => {
        for (let n = 0; n < extent; n++, i += di, j += dj, o += dout) out[o] += a[i] * b[j];
      });
      return result.shape.length === 0 ? result.data[0] : toNdArray(result);
    }) as unknown as Plain,
  };
}

export const products = overridable({
  matmul: multiplication<Matmul>("matmul", rows.matmul),
  dot: multiplication<Dot>("dot", rows.dot),
  outer: multiplication<Outer>("outer", rows.outer),
});
