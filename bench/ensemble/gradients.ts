/** Gradients of many spiral neural ODEs, each from an initial state of its own. */
import { gradient, gradientBatch, ndarray, tsit5 } from "../../index.ts";
import { spiralNeuralODE } from "../../problems/spiral-neural-ode.ts";
import { pack } from "../../src/arrays/pack.ts";
import type { Column, Row, Table } from "../shared/report.ts";
import { timesOfEach, type Times } from "../shared/alternating.ts";

const columns: readonly Column[] = [
  { key: "what", header: "", kind: "text" },
  { key: "wall", header: "wall", kind: "seconds" },
  { key: "processor", header: "processor", kind: "seconds" },
  { key: "faster", header: "loop/this, processor", kind: "ratio" },
  { key: "error", header: "difference", kind: "error" },
];

export interface GradientsRun {
  readonly table: Table;
  readonly times: Readonly<Record<"loop" | "gradientBatch", Times>>;
  readonly difference: number;
}

/** Difference: of the gradients by all parameters, summed over the batch, in the Euclidean norm, relative. */
export async function gradientBatches(count: number, rounds: number, onProgress?: (line: string) => void): Promise<GradientsRun> {
  const { problem, loss } = spiralNeuralODE();
  const start = pack(problem.layout.u, problem.u0, "u0");
  const u0 = Float64Array.from({ length: 2 * count }, (_, k) => start[k % 2] * (1 + 0.1 * Math.sin(k)));
  const options = { loss, solver: tsit5(), rtol: 1e-6, atol: 1e-6 };
  const sums: Record<string, Float64Array> = {};
  const works = {
    loop: () => {
      const sum = new Float64Array(problem.layout.p.size);
      for (let m = 0; m < count; m++) {
        const alone = { ...problem, u0: u0.subarray(2 * m, 2 * m + 2) };
        const { flat } = gradient(alone, { ...options, wrt: ["p", "u0"], adjoint: "discrete", vjp: "source" });
        flat.p!.forEach((x, i) => (sum[i] += x));
      }
      sums.loop = sum;
    },
    gradientBatch: async () => {
      const { p } = await gradientBatch(problem, { ...options, u0: ndarray(u0, [count, 2]) });
      sums.gradientBatch = pack(problem.layout.p, p, "p");
    },
  };
  const times = (await timesOfEach(works, rounds, onProgress)) as GradientsRun["times"];
  const distance = Math.hypot(...sums.gradientBatch.map((x, i) => x - sums.loop[i])) / Math.hypot(...sums.loop);
  const rows = Object.entries(times).map(([what, { wall, processor }]): Row => ({
    what,
    wall,
    processor,
    faster: times.loop.processor / processor,
    error: what === "loop" ? 0 : distance,
  }));
  return {
    table: { caption: `Gradients of ${count} spiral neural ODEs by parameters and initial states`, columns, rows },
    times,
    difference: distance,
  };
}
