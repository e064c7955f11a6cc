/** Does one thing again and again, and prints the memory after a fifth of it and at the end. Run with --expose-gc. */
import { gradient, gradientBatch, ndarray, odeProblem, solveBatch, type OdeProblem } from "../../../index.ts";
import { inWorker, type WorkerProblem } from "../../../worker/index.ts";

const [kind, count] = [process.argv[2], Number(process.argv[3])];

const growth = odeProblem({ rhs: (u: number[], p: number[]) => [p[0] * u[0] ** 2], u0: [1], p: [1], tspan: [0, 1] });
const loss = { final: (u: number[]): number => u[0] };
/** The second of them reaches infinity before the end. */
const u0 = ndarray(Float64Array.of(0.5, 1.5, 0.25, 0.125), [4, 1]);

type Decay = OdeProblem<number[], number[]>;
const start = (): WorkerProblem<number[], number[]> =>
  inWorker<Decay>((Worker) => new Worker(new URL("../../worker/modules/importing.js", import.meta.url), { type: "module" }));
let worker: WorkerProblem<number[], number[]> | undefined;

const misfit = {
  at: [0.25, 0.5, 1],
  of: (u: number[], _p: number[], _t: number, i: number, { data }: { data: number[] }) => (u[0] - data[i]) ** 2,
};

const work: Readonly<Record<string, (i: number) => Promise<unknown>>> = {
  /** Losses of one text, each with data of its own. */
  "mini-batches": async (i) => gradient(growth, { p: [0.5], loss: { ...misfit, constants: { data: [i, i / 2, 1] } } }),
  /** Each with a constant that is part of its code. */
  "new problems": async (i) => {
    const problem = odeProblem({
      rhs: (u: number[], p: number[], _t: number, { k }: { k: number }) => [-k * p[0] * u[0]],
      u0: [1],
      p: [1],
      tspan: [0, 1],
      constants: { k: 1 + i / 1e6 },
    });
    gradient(problem, { loss });
  },
  batches: async (i) => {
    const p = [1 + i / 1e6];
    await Promise.all([
      solveBatch(growth, { u0, p, saveat: 0.25 }),
      gradientBatch(growth, { u0, p, loss: { final: (u) => u[0] } }),
      gradientBatch(growth, { u0, p, loss }),
    ]);
  },
  "calls of a worker": async (i) => {
    worker ??= start();
    await worker.solve({ p: [1 + i / 1e6], saveat: 0.25 });
  },
  workers: async () => {
    const own = start();
    await own.solve();
    own.close();
  },
};

async function memory(): Promise<{ heap: number; outside: number; resident: number }> {
  for (let k = 0; k < 4; k++) {
    (globalThis as { gc?: () => void }).gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, outside: external + arrayBuffers, resident: rss };
}

let before = await memory();
for (let i = 0; i < count; i++) {
  if (i === Math.ceil(count / 5)) before = await memory();
  await work[kind](i);
}
console.log(JSON.stringify({ before, after: await memory() }));
worker?.close();
