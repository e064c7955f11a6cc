/** Many Lorenz systems (E. N. Lorenz, Deterministic nonperiodic flow, J. Atmos. Sci. 20, 1963), with rho from 0 to 21. */
import {
  MissingPackage,
  NoGpu,
  odeProblem,
  rk4,
  solve,
  solveEnsemble,
  tsit5,
  type EnsembleOptions,
  type SolveOptions,
} from "../../index.ts";
import { PeerUnavailable } from "../peers/execute.ts";
import { runLorenzBatch } from "../peers/run.ts";
import type { Column, Row, Table } from "../shared/report.ts";
import { timesOfEach, type Times, type Work } from "../shared/alternating.ts";

const STEP = 1e-3;

const problem = odeProblem({
  name: "lorenz",
  rhs(du: number[], u: number[], p: number[]) {
    du[0] = 10 * (u[1] - u[0]);
    du[1] = u[0] * (p[0] - u[2]) - u[1];
    du[2] = u[0] * u[1] - (8 / 3) * u[2];
  },
  u0: [1, 0, 0],
  p: [21],
  tspan: [0, 1],
});

const columns: readonly Column[] = [
  { key: "what", header: "", kind: "text" },
  { key: "wall", header: "wall", kind: "seconds" },
  { key: "processor", header: "processor", kind: "seconds" },
  { key: "wallFaster", header: "loop/this, wall", kind: "ratio" },
  { key: "faster", header: "loop/this, processor", kind: "ratio" },
  { key: "perC", header: "this/C f64, processor", kind: "ratio" },
  { key: "error", header: "difference", kind: "error" },
];

/** A loop of single solves, by the same method to the same tolerance as the ensemble. */
export const SOLVES = "loop of solve, tsit5";

/** End states, one after the other. */
type Ends = ArrayLike<number>;

export interface LorenzRun {
  readonly table: Table;
  readonly times: Readonly<Record<string, Times>>;
  readonly notes: readonly string[];
}

/** Difference: the largest of the last trajectory's end from that of the loop, relative to its largest component. */
export async function lorenzEnsembles(
  count: number,
  steps: number,
  rounds: number,
  onProgress?: (line: string) => void,
): Promise<LorenzRun> {
  const rho = Float64Array.from({ length: count }, (_, m) => (21 * m) / (count - 1));
  const tspan = [0, steps * STEP] as const;
  const vary = (m: number) => ({ p: [rho[m]] });
  const ends: Record<string, Ends> = {};
  const works: Record<string, Work> = {};
  const notes: string[] = [];
  const solving = (name: string, options: Partial<EnsembleOptions<number[], number[]>>): Work => {
    return async () => {
      ends[name] = (await solveEnsemble(problem, { trajectories: count, vary, tspan, ...options })).u!.data;
    };
  };
  works.loop = () => {
    ends.loop = loop(problem.rhs as Rhs, rho, steps);
  };
  const fixed = { solver: rk4({ dt: STEP }) };
  works.cpu = solving("cpu", fixed);
  works.threads = solving("threads", { ...fixed, device: "threads" });
  const adaptive = { solver: tsit5(), rtol: 1e-6, atol: 1e-6 };
  works["cpu, tsit5"] = solving("cpu, tsit5", adaptive);
  works[SOLVES] = singleSolves(rho, { ...adaptive, tspan }, (end) => (ends[SOLVES] = end));
  try {
    const onGpu = solving("webgpu", { ...fixed, device: "webgpu" });
    await onGpu();
    works.webgpu = onGpu;
  } catch (error) {
    if (!(error instanceof NoGpu || error instanceof MissingPackage)) throw error;
    notes.push(`No figures of a GPU: ${error.message}`);
  }
  addPeers(works, ends, count, steps, notes);
  const times = await timesOfEach(works, rounds, onProgress);
  const rows = Object.entries(times).map(([what, { wall, processor }]): Row => ({
    what,
    wall,
    processor,
    wallFaster: times.loop.wall / wall,
    faster: times.loop.processor / processor,
    ...(times["C f64"] ? { perC: processor / times["C f64"].processor } : {}),
    error: difference(ends[what], ends.loop),
  }));
  const caption = `${count} Lorenz systems, rk4, ${steps} steps, end state`;
  return { table: { caption, columns, rows }, times, notes };
}

/** The loop solves a part of them, evenly over all and with the last; its time stands for the whole. */
function singleSolves(rho: Float64Array, options: SolveOptions<number[], number[]>, ended: (end: Ends) => void): Work {
  const count = rho.length;
  const part = Math.min(count, 2000);
  const several = Array.from({ length: part }, (_, k) => Math.round((k * (count - 1)) / Math.max(1, part - 1)));
  const saveat = [options.tspan![1]];
  return () => {
    const processor = process.cpuUsage();
    const wall = performance.now();
    for (const m of several) ended(solve(problem, { ...options, p: [rho[m]], saveat }).states[0]);
    const { user, system } = process.cpuUsage(processor);
    const whole = count / part;
    return { wall: (whole * (performance.now() - wall)) / 1e3, processor: (whole * (user + system)) / 1e6 };
  };
}

/** The same in vectorised C, where there is a compiler. */
function addPeers(works: Record<string, Work>, ends: Record<string, Ends>, count: number, steps: number, notes: string[]): void {
  try {
    for (const precision of ["f64", "f32"] as const) {
      const name = `C ${precision}`;
      const peer = (): Times => {
        const { seconds, processorSeconds, end } = runLorenzBatch(precision, count, steps);
        ends[name] = end;
        return { wall: seconds, processor: processorSeconds };
      };
      peer();
      works[name] = peer;
    }
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    notes.push(`No figures of C: ${error.message.split("\n")[0]}`);
  }
}

function difference(ends: Ends, reference: Ends): number {
  const last = (of: Ends, i: number): number => of[of.length - 3 + i];
  const [distance, size] = [0, 1, 2].reduce(
    ([distance, size], i) => [
      Math.max(distance, Math.abs(last(ends, i) - last(reference, i))),
      Math.max(size, Math.abs(last(reference, i))),
    ],
    [0, 0],
  );
  return distance / size;
}

type Rhs = (du: Float64Array, u: Float64Array, p: Float64Array, t: number) => void;

/** What one would write without a library: the right-hand side is called as it is. */
function loop(rhs: Rhs, rho: Float64Array, steps: number): Float64Array {
  const ends = new Float64Array(3 * rho.length);
  const [u, v, p] = [new Float64Array(3), new Float64Array(3), new Float64Array(1)];
  const [a, b, c, d] = [0, 1, 2, 3].map(() => new Float64Array(3));
  const h = STEP;
  for (let m = 0; m < rho.length; m++) {
    u.set([1, 0, 0]);
    p[0] = rho[m];
    for (let step = 0; step < steps; step++) {
      const t = step * h;
      rhs(a, u, p, t);
      for (let i = 0; i < 3; i++) v[i] = u[i] + (h / 2) * a[i];
      rhs(b, v, p, t + h / 2);
      for (let i = 0; i < 3; i++) v[i] = u[i] + (h / 2) * b[i];
      rhs(c, v, p, t + h / 2);
      for (let i = 0; i < 3; i++) v[i] = u[i] + h * c[i];
      rhs(d, v, p, t + h);
      for (let i = 0; i < 3; i++) u[i] += (h / 6) * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
    }
    ends.set(u, 3 * m);
  }
  return ends;
}
