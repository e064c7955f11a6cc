/** Many trajectories at once, next to a loop in plain JavaScript and to vectorised C. */
import { gradientBatches, type GradientsRun } from "./batch/gradients.ts";
import { lorenzBatches, type LorenzRun } from "./batch/lorenz.ts";
import { barsTable, type Bar } from "./shared/bars.ts";
import type { Benchmark } from "./shared/report.ts";

export const batchBenchmark: Benchmark = {
  description:
    "100,000 Lorenz systems on each device, next to a JavaScript loop and to vectorised C; gradients of 1,000 neural networks",
  async run({ onProgress }) {
    const lorenz = await lorenzBatches(100_000, 1000, 3, onProgress);
    const gradients = await gradientBatches(1000, 5, onProgress);
    return {
      title: "Batches",
      tables: [lorenz.table, gradients.table, barsTable(batchBars(lorenz.times, gradients))],
      notes: [
        ...lorenz.notes,
        "Medians of turns taken one after the other. One thread, but for a GPU, and for the threads of a GPU in software.",
      ],
      pictures: [],
    };
  },
};

/** On the processor's time where one thread works, else on the wall's. */
export function batchBars(lorenz: LorenzRun["times"], { times, difference }: Pick<GradientsRun, "times" | "difference">): Bar[] {
  const { loop, cpu, webgpu, "C f64": c } = lorenz;
  const gradients = times.loop.processor / times.gradientBatch.processor;
  return [
    { what: "loop / cpu", measured: loop.processor / cpu.processor, least: 6 },
    ...(c ? [{ what: "cpu / C f64", measured: cpu.processor / c.processor, most: 5 }] : []),
    ...(webgpu ? [{ what: "loop / webgpu, wall", measured: loop.wall / webgpu.wall, least: 1 }] : []),
    { what: "loop of gradient / gradientBatch", measured: gradients, least: 3 },
    { what: "difference of gradientBatch", measured: difference, most: 1e-9 },
  ];
}
