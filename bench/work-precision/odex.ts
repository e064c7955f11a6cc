/** odex, the extrapolation method of Hairer and Wanner in JavaScript, on the user's own function. */
import { createRequire } from "node:module";
import { pack } from "../../src/arrays/pack.ts";
import { peerPaths, requirePeer } from "../peers/execute.ts";
import type { PeerPoint } from "../peers/run.ts";
import { PATIENCE, RTOLS } from "./measure.ts";
import type { Case } from "./problem.ts";

interface Odex {
  Solver: new (n: number) => {
    absoluteTolerance: number[];
    relativeTolerance: number[];
    solve(
      f: (t: number, u: number[]) => number[],
      start: number,
      u0: number[],
      end: number,
    ): { y: number[]; outcome: number; nEval: number };
  };
}

const RUNS = 3;
/** Its own code for a solve that reached the end. */
const CONVERGED = 0;

export function runOdex({ problem, scale }: Case): PeerPoint[] {
  const { odex } = peerPaths();
  requirePeer("odex", odex);
  const { Solver } = createRequire(odex)(odex) as Odex;
  const { code, layout, tspan } = problem;
  const n = layout.u.size;
  const u0 = Array.from(pack(layout.u, problem.u0, "u0"));
  const p = pack(layout.p, problem.p, "p");
  const [du, u] = [new Float64Array(n), new Float64Array(n)];
  const points: PeerPoint[] = [];
  for (const rtol of RTOLS) {
    let [seconds, calls, end] = [Infinity, 0, u0];
    for (let run = 0; run < RUNS; run++) {
      const solver = new Solver(n);
      solver.relativeTolerance = Array.from(scale, () => rtol);
      solver.absoluteTolerance = Array.from(scale, (s) => rtol * s);
      const start = performance.now();
      const result = solver.solve(
        (t, state) => {
          u.set(state);
          code.plain(du, u, p, t);
          return Array.from(du);
        },
        tspan[0],
        [...u0],
        tspan[1],
      );
      const taken = (performance.now() - start) / 1e3;
      if (result.outcome !== CONVERGED || taken > PATIENCE) return points;
      seconds = Math.min(seconds, taken);
      calls = result.nEval;
      end = result.y;
    }
    points.push({ rtol, seconds, calls, end });
  }
  return points;
}
