/** Lotka-Volterra with Tsit5, next to the same in C, fused into one function. */
import { lotkaVolterra } from "../problems/lotka-volterra.ts";
import { gradient } from "../sensitivity/gradient.ts";
import { tsit5 } from "../solvers/methods/tsit5.ts";
import { solve } from "../solvers/solve/solve.ts";
import { PeerUnavailable } from "./peers/execute.ts";
import { readReference, runLotkaVolterra, type PeerMeasurement } from "./peers/run.ts";
import type { Benchmark, Column } from "./shared/report.ts";
import { secondsOf } from "./shared/timing.ts";

const tolerances = [1e-4, 1e-6, 1e-8];

const columns: readonly Column[] = [
  { key: "tolerance", header: "rtol = atol", kind: "tolerance" },
  { key: "steps", header: "steps", kind: "count" },
  { key: "error", header: "error", kind: "error" },
  { key: "solve", header: "solve", kind: "seconds" },
  { key: "gradient", header: "gradient", kind: "seconds" },
  { key: "gradientPerSolve", header: "gradient/solve", kind: "ratio" },
];

const peerColumns: readonly Column[] = [
  { key: "peerError", header: "C error", kind: "error" },
  { key: "peerSolve", header: "C solve", kind: "seconds" },
  { key: "solvePerPeer", header: "solve/C", kind: "ratio" },
];

export const lotkaVolterraBenchmark: Benchmark = {
  description: "end state and gradient of a small problem with tsit5, next to fused C",
  run() {
    const { peers, notes } = measurePeers();
    const rows = tolerances.map((tolerance, i) => measure(tolerance, peers?.[i]));
    return Promise.resolve({
      title: "Lotka-Volterra, tsit5, t = 0 … 10: end state, and gradient of the problem's loss by its parameters",
      tables: [{ columns: peers ? [...columns, ...peerColumns] : columns, rows }],
      notes,
      pictures: [],
    });
  },
};

function measure(tolerance: number, peer: PeerMeasurement | undefined): Record<string, number> {
  const { problem, loss } = lotkaVolterra();
  const options = { solver: tsit5(), rtol: tolerance, atol: tolerance };
  const endOnly = { ...options, saveat: [problem.tspan[1]] };
  const { stats, states } = solve(problem, endOnly);
  const solveSeconds = secondsOf(() => solve(problem, endOnly));
  const gradientSeconds = secondsOf(() => gradient(problem, { ...options, loss, wrt: ["p"] }));
  return {
    tolerance,
    steps: stats.steps,
    error: errorAtEnd(states[0]),
    solve: solveSeconds,
    gradient: gradientSeconds,
    gradientPerSolve: gradientSeconds / solveSeconds,
    ...(peer ? { peerError: peer.relativeError, peerSolve: peer.seconds, solvePerPeer: solveSeconds / peer.seconds } : {}),
  };
}

/** As the peer's: the largest over the components, each relative to its own size. */
function errorAtEnd(state: Float64Array): number {
  return readReference("lotka-volterra.txt").reduce((most, x, i) => Math.max(most, Math.abs(state[i] / x - 1)), 0);
}

function measurePeers(): { peers?: PeerMeasurement[]; notes: string[] } {
  try {
    return { peers: runLotkaVolterra(tolerances), notes: [] };
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    return { notes: [`No figures of C: ${error.message.split("\n")[0]}`] };
  }
}
