/** Many trajectories by one call, next to loops, to vectorised C, and in how much memory. */
import { gradientBatches, type GradientsRun } from "./ensemble/gradients.ts";
import { lorenzEnsembles, SOLVES, type LorenzRun } from "./ensemble/lorenz.ts";
import { memoryOf } from "./ensemble/memory.ts";
import { robertsonEnsembles, type StiffRun } from "./ensemble/robertson.ts";
import { barsTable, type Bar } from "./shared/bars.ts";
import type { Benchmark } from "./shared/report.ts";

export const ensembleBenchmark: Benchmark = {
  description:
    "100,000 Lorenz systems on each device, next to loops and to vectorised C; 10,000 of Robertson's reaction; gradients of 1,000 neural networks; the memory of 100,000 and of 10,000,000 trajectories",
  async run({ onProgress }) {
    const lorenz = await lorenzEnsembles(100_000, 1000, 3, onProgress);
    const stiff = await robertsonEnsembles(10_000, 200, 1, onProgress);
    const gradients = await gradientBatches(1000, 5, onProgress);
    const memory = memoryOf([100_000, 10_000_000], onProgress);
    const bars = ensembleBars({ lorenz: lorenz.times, stiff: stiff.times, gradients, memory: memory.ratio });
    return {
      title: "Ensembles",
      tables: [lorenz.table, stiff.table, gradients.table, memory.table, barsTable(bars)],
      notes: [
        ...lorenz.notes,
        ...stiff.notes,
        "Medians of turns taken one after the other. One thread, but for threads, a GPU, and for the threads of a GPU in software.",
        "Of 8,388,608 Lorenz systems a V100 takes 94 ms in CUDA C++ and 145 ms in Julia (U. Utkarsh et al., Automated translation and accelerated solving of differential equations on multiple GPU platforms, Comput. Methods Appl. Mech. Engrg. 419, 2024).",
      ],
      pictures: [],
    };
  },
};

interface Measured {
  readonly lorenz: LorenzRun["times"];
  readonly stiff: StiffRun["times"];
  readonly gradients: Pick<GradientsRun, "times" | "difference">;
  /** Peak of the largest ensemble over that of the smallest. */
  readonly memory: number;
}

/** On the processor's time where one thread works, else on the wall's. */
export function ensembleBars({ lorenz, stiff, gradients: { times, difference }, memory }: Measured): Bar[] {
  const { loop, cpu, threads, webgpu, "C f64": c, "cpu, tsit5": adaptive, [SOLVES]: solves } = lorenz;
  const gradients = times.loop.processor / times.gradientBatch.processor;
  return [
    { what: "loop / cpu", measured: loop.processor / cpu.processor, least: 6 },
    ...(c ? [{ what: "cpu / C f64", measured: cpu.processor / c.processor, most: 3 }] : []),
    { what: "cpu / threads, wall", measured: cpu.wall / threads.wall, least: 1.8 },
    { what: "loop of solve / cpu, tsit5", measured: solves.processor / adaptive.processor, least: 5 },
    ...(webgpu ? [{ what: "loop / webgpu, wall", measured: loop.wall / webgpu.wall, least: 1 }] : []),
    {
      what: "Robertson: loop of solve / ensemble",
      measured: stiff["loop of solve"].processor / stiff.ensemble.processor,
      least: 3,
    },
    { what: "loop of gradient / gradientBatch", measured: gradients, least: 3 },
    { what: "difference of gradientBatch", measured: difference, most: 1e-9 },
    { what: "memory of 10,000,000 / of 100,000", measured: memory, most: 1.1 },
  ];
}
