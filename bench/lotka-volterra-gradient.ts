/** The gradient of a fit to 100 samples of Lotka-Volterra, next to the same in C, fused into two functions, and to CVODES. */
import { lotkaVolterra } from "../problems/lotka-volterra.ts";
import { gradient } from "../sensitivity/gradient.ts";
import { tsit5 } from "../solvers/methods/tsit5.ts";
import { secondsAt, type Point } from "./shared/equal-error.ts";
import { PeerUnavailable } from "./peers/execute.ts";
import { readReference, runLotkaVolterraGradient, runLotkaVolterraGradientCvode } from "./peers/run.ts";
import type { Benchmark, Column, Row } from "./shared/report.ts";
import { secondsOf } from "./shared/timing.ts";

const tolerances = [1e-4, 1e-6, 1e-8];
/** Of the peers: errors on either side of ours. */
const peerTolerances = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10];

const columns: readonly Column[] = [
  { key: "tolerance", header: "rtol = atol", kind: "tolerance" },
  { key: "steps", header: "steps", kind: "count" },
  { key: "error", header: "error", kind: "error" },
  { key: "gradient", header: "gradient", kind: "seconds" },
];

interface Peer {
  readonly key: string;
  readonly name: string;
  readonly points: readonly Point[];
}

export const lotkaVolterraGradientBenchmark: Benchmark = {
  description: "gradient of a fit to 100 samples by four parameters with tsit5, next to fused C and CVODES at equal error",
  run() {
    const rows = tolerances.map(measure);
    const { peers, notes } = measurePeers();
    for (const { key, points } of peers) {
      for (const row of rows) {
        const seconds = secondsAt(row.error, points);
        if (seconds !== undefined) Object.assign(row, { [key]: seconds, [`${key}Ratio`]: row.gradient / seconds });
      }
    }
    const peerColumns = peers.flatMap(({ key, name }): Column[] => [
      { key, header: name, kind: "seconds" },
      { key: `${key}Ratio`, header: "gradient/that", kind: "ratio" },
    ]);
    return Promise.resolve({
      title: "Lotka-Volterra, t = 0 … 10, discrete adjoint of tsit5: gradient of a sum of squares over 100 samples by a, b, c, d",
      tables: [{ columns: [...columns, ...peerColumns], rows: rows as readonly Row[] }],
      notes: [...notes, "Errors are relative, in the Euclidean norm; the peers' times are those at the error in the row."],
      pictures: [],
    });
  },
};

function measure(tolerance: number): Record<"tolerance" | "steps" | "error" | "gradient", number> {
  const { problem } = lotkaVolterra();
  const at = Float64Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
  const observed = new Float64Array(200).fill(1);
  const task = {
    solver: tsit5(),
    adjoint: "discrete" as const,
    rtol: tolerance,
    atol: tolerance,
    loss: {
      at,
      of: (u: { prey: number; predator: number }, _p: unknown, _t: number, i: number, { observed }: { observed: Float64Array }) =>
        (u.prey - observed[2 * i]) ** 2 + (u.predator - observed[2 * i + 1]) ** 2,
      constants: { observed },
    },
  };
  const { flat, stats } = gradient(problem, task);
  const reference = readReference("lotka-volterra-gradient.txt").subarray(0, 4);
  const error = Math.hypot(...flat.p!.map((value, i) => value - reference[i])) / Math.hypot(...reference);
  return { tolerance, steps: stats.forward.steps, error, gradient: secondsOf(() => gradient(problem, task)) };
}

function measurePeers(): { peers: Peer[]; notes: string[] } {
  const peers: Peer[] = [];
  const notes: string[] = [];
  const collect = (run: () => Peer[]): void => {
    try {
      peers.push(...run());
    } catch (error) {
      if (!(error instanceof PeerUnavailable)) throw error;
      notes.push(`A peer is missing: ${error.message.split("\n")[0]}`);
    }
  };
  const points = (measured: ReturnType<typeof runLotkaVolterraGradient>): Point[] =>
    measured.map(({ seconds, relativeError }) => ({ seconds, error: relativeError }));
  collect(() => [{ key: "fused", name: "fused C", points: points(runLotkaVolterraGradient(peerTolerances)) }]);
  collect(() => {
    const measured = runLotkaVolterraGradientCvode(peerTolerances);
    const of = (adjoint: boolean): Point[] => points(measured.filter(({ solver }) => solver.endsWith("adjoint") === adjoint));
    return [
      { key: "adjoint", name: "CVODES adjoint", points: of(true) },
      { key: "sensitivities", name: "CVODES sensitivities", points: of(false) },
    ];
  });
  return { peers, notes };
}
