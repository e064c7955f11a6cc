/** Many stiff problems: Robertson's reaction to t = 1e5, with rates within ten per cent, next to a loop of `solve`. */
import { rodas5P, solve, solveEnsemble } from "../../index.ts";
import { robertson } from "../../problems/robertson.ts";
import { uniformPair } from "../../src/core/counter-random.ts";
import { timesOfEach, type Times } from "../shared/alternating.ts";
import type { Column, Row, Table } from "../shared/report.ts";

const columns: readonly Column[] = [
  { key: "what", header: "", kind: "text" },
  { key: "trajectories", header: "trajectories", kind: "count" },
  { key: "wall", header: "wall, each", kind: "seconds" },
  { key: "processor", header: "processor, each", kind: "seconds" },
  { key: "faster", header: "loop/this, processor", kind: "ratio" },
  { key: "error", header: "difference", kind: "error" },
];

export interface StiffRun {
  readonly table: Table;
  readonly times: Readonly<Record<"loop of solve" | "ensemble", Times>>;
  readonly notes: readonly string[];
}

/** Difference: the largest of the ends of those that the loop solves, over rtol |u| + atol. The loop takes `alone` of them. */
export async function robertsonEnsembles(
  count: number,
  alone: number,
  rounds: number,
  onProgress?: (line: string) => void,
): Promise<StiffRun> {
  const { problem } = robertson();
  const { k1, k2, k3 } = problem.p;
  const near = (x: number, m: number, which: number): number => x * (0.9 + 0.2 * uniformPair(1, m, which)[0]);
  const of = (m: number) => ({ k1: near(k1, m, 0), k2: near(k2, m, 1), k3: near(k3, m, 2) });
  const options = { solver: rodas5P(), rtol: 1e-6, atol: 1e-10, tspan: [0, 1e5] as const };
  const ends: Record<string, ArrayLike<number>> = {};
  const notes: string[] = [];
  const works = {
    "loop of solve": () => {
      ends.loop = Array.from({ length: alone }, (_, m) => [
        ...solve(problem, { ...options, p: of(m), saveat: [1e5] }).states[0],
      ]).flat();
    },
    ensemble: async () => {
      const { u, plan } = await solveEnsemble(problem, { ...options, trajectories: count, vary: (m) => ({ p: of(m) }) });
      ends.ensemble = u!.data;
      notes.splice(0, 1, `Robertson: ${String(plan)}`);
    },
  };
  const times = (await timesOfEach(works, rounds, onProgress)) as StiffRun["times"];
  const counts = { "loop of solve": alone, ensemble: count };
  const each = (name: keyof typeof counts): Times => {
    const { wall, processor } = times[name];
    return { wall: wall / counts[name], processor: processor / counts[name] };
  };
  const both = { "loop of solve": each("loop of solve"), ensemble: each("ensemble") };
  const scaled = Array.from(ends.loop, (x, i) => Math.abs(ends.ensemble[i] - x) / (options.rtol * Math.abs(x) + options.atol));
  const rows = (["loop of solve", "ensemble"] as const).map((what): Row => ({
    what,
    trajectories: counts[what],
    ...both[what],
    faster: both["loop of solve"].processor / both[what].processor,
    error: what === "ensemble" ? Math.max(...scaled) : 0,
  }));
  return {
    table: { caption: "Robertson to t = 1e5, rodas5P, rtol 1e-6; differences in tolerances", columns, rows },
    times: both,
    notes,
  };
}
