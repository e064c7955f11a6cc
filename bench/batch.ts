/** Many trajectories at once, next to a loop in plain JavaScript and to vectorised C. */
import { formatNumber } from "../plot/numbers.ts";
import { gradientBatches, type GradientsRun } from "./batch/gradients.ts";
import { lorenzBatches, type LorenzRun } from "./batch/lorenz.ts";
import type { Benchmark, Column, Row, Table } from "./shared/report.ts";

const barColumns: readonly Column[] = [
  { key: "what", header: "what", kind: "text" },
  { key: "measured", header: "measured", kind: "text" },
  { key: "bar", header: "bar", kind: "text" },
  { key: "verdict", header: "", kind: "text" },
];

export const batchBenchmark: Benchmark = {
  description:
    "100,000 Lorenz systems on each device, next to a JavaScript loop and to vectorised C; gradients of 1,000 neural networks",
  async run({ onProgress }) {
    const lorenz = await lorenzBatches(100_000, 1000, 3, onProgress);
    const gradients = await gradientBatches(1000, 5, onProgress);
    return {
      title: "Batches",
      tables: [lorenz.table, gradients.table, barsTable(lorenz.times, gradients)],
      notes: [
        ...lorenz.notes,
        "Medians of turns taken one after the other. One thread, but for a GPU, and for the threads of a GPU in software.",
      ],
      pictures: [],
    };
  },
};

/** What was measured against what it is to be: on the processor's time where one thread works, else on the wall's. */
export function barsTable(lorenz: LorenzRun["times"], { times, difference }: Pick<GradientsRun, "times" | "difference">): Table {
  const { loop, cpu, webgpu } = lorenz;
  const rows = [
    atLeast("loop / cpu", loop.processor / cpu.processor, 6),
    ...(lorenz["C f64"] ? [atMost("cpu / C f64", cpu.processor / lorenz["C f64"].processor, 5)] : []),
    ...(webgpu ? [atLeast("loop / webgpu, wall", loop.wall / webgpu.wall, 1)] : []),
    atLeast("loop of gradient / gradientBatch", times.loop.processor / times.gradientBatch.processor, 3),
    atMost("difference of gradientBatch", difference, 1e-9),
  ];
  return { caption: "Bars", columns: barColumns, rows };
}

function atLeast(what: string, measured: number, least: number): Row {
  return { what, measured: formatNumber(measured), bar: `at least ${least}`, verdict: measured >= least ? "met" : "missed" };
}

function atMost(what: string, measured: number, most: number): Row {
  return { what, measured: formatNumber(measured), bar: `at most ${most}`, verdict: measured <= most ? "met" : "missed" };
}
