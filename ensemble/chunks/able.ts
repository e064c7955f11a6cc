/** Which trajectories of a chunk can begin at all, and which of them failed. */
import type { MemberRows } from "../members/members.ts";
import type { Chunk, Failure } from "./chunk.ts";
import type { Solved } from "./solved.ts";
import type { Task } from "./task.ts";

/** Trajectories whose rows are numbers. */
export interface Able {
  /** Their places in the chunk, in order. */
  readonly places: Uint32Array;
  /** Rows of these alone. */
  readonly rows: MemberRows;
}

export function ableOf(rows: MemberRows, count: number): Able {
  const given = Object.entries(rows) as [keyof MemberRows, Float64Array][];
  const all = new Uint32Array(count);
  let able = 0;
  for (let m = 0; m < count; m++) if (given.every(([, data]) => isFinite(data, m, data.length / count))) all[able++] = m;
  const places = all.subarray(0, able);
  if (places.length === count) return { places, rows };
  const chosen = given.map(([name, data]) => {
    const width = data.length / count;
    const own = new Float64Array(places.length * width);
    places.forEach((m, k) => own.set(data.subarray(m * width, (m + 1) * width), k * width));
    return [name, own] as const;
  });
  return { places, rows: Object.fromEntries(chosen) };
}

/** In the order of the trajectories. */
export function failuresOf(
  { members: { base } }: Task,
  { first, count, rows }: Chunk,
  { places }: Able,
  { outcomeOf, endOf }: Pick<Solved, "outcomeOf" | "endOf">,
): Failure[] {
  const failures: Failure[] = [];
  let k = 0;
  for (let place = 0; place < count; place++) {
    const index = first + place;
    if (places[k] !== place) {
      failures.push({ index, reason: "badInput", t: rows?.tspan ? rows.tspan[2 * place] : base.tspan[0] });
      continue;
    }
    const reason = outcomeOf(k);
    if (reason !== "success") failures.push({ index, reason, t: endOf(k) });
    k++;
  }
  return failures;
}

function isFinite(data: Float64Array, m: number, width: number): boolean {
  for (let i = m * width; i < (m + 1) * width; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
