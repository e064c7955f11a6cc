/** Which trajectories of a chunk can begin at all, and which of them failed. */
import { firstNotFinite } from "../../src/core/array-values.ts";
import { NonFinite } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { startOf } from "../../solvers/systems/start.ts";
import type { MemberRows } from "../members/members.ts";
import type { Chunk, Failure } from "./chunk.ts";
import type { Solved } from "./solved.ts";
import type { Task } from "./task.ts";

/** Trajectories whose rows are numbers, and give an initial state of numbers where that is a function of p. */
export interface Able {
  /** Their places in the chunk, in order. */
  readonly places: Uint32Array;
  /** Rows of these alone. */
  readonly rows: MemberRows;
}

export function ableOf(problem: OdeProblem, { members: { base } }: Task, rows: MemberRows, count: number): Able {
  const given = Object.entries(rows) as [keyof MemberRows, Float64Array][];
  const all = new Uint32Array(count);
  const startsFromP = rows.p && !rows.u0 && !base.u0;
  if (!startsFromP && given.every(([, data]) => firstNotFinite(data) < 0)) return { places: all.map((_, m) => m), rows };
  let able = 0;
  const np = problem.layout.p.size;
  for (let m = 0; m < count; m++) {
    if (!given.every(([, data]) => isFinite(data, m, data.length / count))) continue;
    if (!startsFromP || hasStart(problem, rows.p!.slice(m * np, (m + 1) * np))) all[able++] = m;
  }
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

function hasStart(problem: OdeProblem, p: Float64Array): boolean {
  try {
    startOf(problem, undefined, p);
    return true;
  } catch (error) {
    if (error instanceof NonFinite) return false;
    throw error;
  }
}
