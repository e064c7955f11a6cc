/** What solves and batches are given of a chunk's trajectories. */
import { ndarray } from "../../src/arrays/ndarray.ts";
import { unpack } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { BatchOptions, Part } from "../../solvers/batch/given-batch.ts";
import type { Placed } from "../../solvers/batch/spans.ts";
import type { Able } from "./able.ts";
import type { Chunk } from "./chunk.ts";
import type { Task } from "./task.ts";

type Given = Pick<BatchOptions<unknown, unknown>, "u0" | "p" | "tspan"> & Part & Required<Placed>;

/** Of all at once: rows of what differs. */
export function batchOf(
  { layout }: OdeProblem,
  { method, members: { base } }: Task,
  { first }: Chunk,
  { places, rows }: Able,
): Given {
  const count = places.length;
  const ofRows = (data: Float64Array) => ndarray(data, [count, data.length / count]);
  // Rows of something tell how many there are.
  const u0 = rows.u0 ?? (base.u0 && !rows.p ? repeated(base.u0, count) : undefined);
  const p = rows.p ?? (u0 ? undefined : repeated(base.p, count));
  return {
    ...(u0 ? { u0: ofRows(u0) } : base.u0 && { u0: unpack(layout.u, base.u0) }),
    p: p ? ofRows(p) : unpack(layout.p, base.p),
    tspan: rows.tspan ? ofRows(rows.tspan) : base.tspan,
    indexOf: (k) => first + places[k],
    ...(method && { method }),
  };
}

/** Of the k-th alone. */
export function oneOf(
  { layout }: OdeProblem,
  { members: { base } }: Task,
  { places, rows }: Able,
  k: number,
): { readonly u0?: unknown; readonly p: unknown; readonly tspan: readonly [number, number] } {
  const rowOf = (data: Float64Array | undefined): Float64Array | undefined => {
    const width = data && data.length / places.length;
    return width === undefined ? undefined : data!.slice(k * width, (k + 1) * width);
  };
  const u0 = rowOf(rows.u0) ?? base.u0;
  const [t0, t1] = rowOf(rows.tspan) ?? base.tspan;
  return { ...(u0 && { u0: unpack(layout.u, u0) }), p: unpack(layout.p, rowOf(rows.p) ?? base.p), tspan: [t0, t1] };
}

function repeated(row: Float64Array, count: number): Float64Array {
  const rows = new Float64Array(count * row.length);
  for (let m = 0; m < count; m++) rows.set(row, m * row.length);
  return rows;
}
