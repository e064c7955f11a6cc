/** Which trajectories of a chunk can begin at all. */
import type { MemberRows } from "../members/members.ts";

/** Trajectories whose rows are numbers. */
export interface Able {
  /** Their places in the chunk, in order. */
  readonly places: readonly number[];
  /** Rows of these alone. */
  readonly rows: MemberRows;
}

export function ableOf(rows: MemberRows, count: number): Able {
  const given = Object.entries(rows) as [keyof MemberRows, Float64Array][];
  const places: number[] = [];
  for (let m = 0; m < count; m++) if (given.every(([, data]) => isFinite(data, m, data.length / count))) places.push(m);
  if (places.length === count) return { places, rows };
  const chosen = given.map(([name, data]) => {
    const width = data.length / count;
    const own = new Float64Array(places.length * width);
    places.forEach((m, k) => own.set(data.subarray(m * width, (m + 1) * width), k * width));
    return [name, own] as const;
  });
  return { places, rows: Object.fromEntries(chosen) };
}

function isFinite(data: Float64Array, m: number, width: number): boolean {
  for (let i = m * width; i < (m + 1) * width; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
