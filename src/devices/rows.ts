/** Batches as users hand them in: an ndarray with a row for each trajectory, or one value for all. */
import { componentName, type Layout } from "../arrays/layout.ts";
import { pack, requireFinite } from "../arrays/pack.ts";
import { ndarray, type NdArray } from "../arrays/ndarray.ts";
import { describe, firstNotFinite, isNdArray, type NumberNdArray } from "../core/array-values.ts";
import { BadBatch } from "./errors.ts";
import { numbers } from "../core/options/lists.ts";

export type Rows = NumberNdArray;

/** Flat values with how many trajectories they are for; undefined where all share them. */
export interface Given {
  readonly data: Float64Array;
  readonly count?: number;
}

/** States of all trajectories, [M, n]. Throws {@link BadBatch}. */
export function ownRows(layout: Layout, value: unknown, what: string, count?: number): Required<Given> {
  if (!isNdArray(value)) {
    throw new BadBatch(`${what} is ${describe(value)}, but must be an ndarray of shape [trajectories, ${layout.size}].`);
  }
  const { shape } = value;
  const show = `[${shape.join(", ")}]`;
  if (shape.length !== 2) {
    throw new BadBatch(`${what} has shape ${show}, but must have two axes: [trajectories, ${layout.size}].`);
  }
  if (shape[0] === 0) throw new BadBatch(`${what} has shape ${show}: a batch needs at least one trajectory.`);
  if (shape[1] !== layout.size) {
    throw new BadBatch(
      `${what} has shape ${show}, but axis 1 must have length ${layout.size}: one entry for each component ` +
        `(${[...Array(Math.min(3, layout.size)).keys()].map((i) => componentName(layout, layout.offset + i, what)).join(", ")}${layout.size > 3 ? ", …" : ""}).`,
    );
  }
  if (count !== undefined && shape[0] !== count) {
    throw new BadBatch(`${what} has shape ${show}, but axis 0 must have length ${count}: the batch has that many trajectories.`);
  }
  const data = new Float64Array(shape[0] * shape[1]);
  for (let m = 0; m < shape[0]; m++) for (let i = 0; i < shape[1]; i++) data[m * shape[1] + i] = value.get(m, i);
  const wrong = firstNotFinite(data);
  if (wrong >= 0) {
    const [m, i] = [Math.floor(wrong / shape[1]), wrong % shape[1]];
    throw new BadBatch(
      `${what} must be finite, but ${componentName(layout, layout.offset + i, what)} of trajectory ${m} is ${data[wrong]}.`,
    );
  }
  return { data, count: shape[0] };
}

/** Values of the layout's own shape are for all trajectories; otherwise rows. Throws {@link BadBatch}, and as `pack` does. */
export function rowsOrShared(layout: Layout, value: unknown, what: string, count: number): Given {
  if (isRows(layout, value)) return ownRows(layout, value, what, count);
  const data = pack(layout, value, what);
  requireFinite(layout, data, what);
  return { data };
}

/** One time for all, or [M]. Throws {@link BadBatch}. */
export function times(value: number | ArrayLike<number>, count: number): Given {
  const data = typeof value === "number" ? Float64Array.of(value) : numbers(value, "t", BadBatch);
  if (typeof value !== "number" && data.length !== count) {
    throw new BadBatch(
      `t has length ${data.length}, but the batch has ${count} trajectories. Give one time for all, or one each.`,
    );
  }
  const wrong = firstNotFinite(data);
  if (wrong >= 0) throw new BadBatch(`t must be finite, but that of trajectory ${wrong} is ${data[wrong]}.`);
  return typeof value === "number" ? { data } : { data, count };
}

export function rowsOver(data: Float64Array, width: number): NdArray {
  return ndarray(data, [data.length / width, width]);
}

/** Trajectories of a batch that is given by some of its arrays, or by their time spans. Throws {@link BadBatch} where none of them is an ndarray of rows. */
export function countOf(
  given: Readonly<Record<string, { readonly layout: Layout; readonly value: unknown }>>,
  spans?: unknown,
): number {
  for (const { layout, value } of Object.values(given)) if (isRows(layout, value)) return value.shape[0];
  if (isNdArray(spans)) return spans.shape[0];
  const names = Object.keys(given).join(" or ");
  throw new BadBatch(
    `Nothing tells how many trajectories there are: give ${names} as an ndarray of shape [trajectories, components].`,
  );
}

/** An ndarray that is not itself of the layout's shape. */
function isRows(layout: Layout, value: unknown): value is NumberNdArray {
  const ownShape = layout.kind === "array" && layout.container === "ndarray" ? layout.shape.join() : undefined;
  return isNdArray(value) && value.shape.join() !== ownShape;
}
