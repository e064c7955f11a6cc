/** Fits of many short experiments, which are solved together in lanes, next to the same ones one by one. */
import { odeProblem } from "../../src/problem/problem.ts";
import { normals } from "../../src/core/random.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { adam, fit, observations, type FitOptions, type Observations } from "../../training/index.ts";
import { median } from "../shared/timing.ts";

const EXPERIMENTS = 200;
/** Ends of spans that differ by this keep experiments apart. */
const APART = 1e-7;
const ROUNDS = 5;

const model = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 3],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
});
const start = { a: { start: 1.3 }, b: { start: 0.9 }, c: { start: 2.7 }, d: { start: 0.9 } } as const;

function experiments(apart: number): Observations[] {
  const normal = normals(3);
  const t = Array.from({ length: 10 }, (_, i) => 0.3 * (i + 1));
  return Array.from({ length: EXPERIMENTS }, (_, m) => {
    const u0 = { prey: 0.5 + m / EXPERIMENTS, predator: 1.5 - m / EXPERIMENTS };
    const { u } = solve(model, { u0, saveat: t });
    const values = {
      prey: u.map(({ prey }) => prey + 0.1 * normal()),
      predator: u.map(({ predator }) => predator + 0.1 * normal()),
    };
    return observations({ t, values, u0, sigma: 0.1, tspan: [0, 3 + apart * m] });
  });
}

export interface Together {
  readonly optimiser: string;
  /** Milliseconds of the processor. */
  readonly alone: number;
  readonly together: number;
  /** The largest difference of a parameter, relative. */
  readonly difference: number;
}

/** By Levenberg-Marquardt to the end, and by thirty steps of ADAM. */
export async function fitTogether(): Promise<Together[]> {
  const ways: readonly (readonly [string, FitOptions])[] = [
    ["levenbergMarquardt", {}],
    ["30 steps of adam", { optimiser: adam({ learningRate: 0.01 }), maxIterations: 30 }],
  ];
  const found: Together[] = [];
  for (const [optimiser, options] of ways) {
    const data = [experiments(APART), experiments(0)];
    const times: number[][] = [[], []];
    const values: number[][] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const k of [0, 1]) {
        const began = process.cpuUsage();
        const { parameters } = await fit(model, data[k], { parameters: start, ...options });
        const { user, system } = process.cpuUsage(began);
        // The first round compiles.
        if (round > 0) times[k].push((user + system) / 1e3);
        values[k] = parameters.map(({ value }) => value);
      }
    }
    const difference = Math.max(...values[0].map((value, j) => Math.abs(values[1][j] / value - 1)));
    found.push({ optimiser, alone: median(times[0]), together: median(times[1]), difference });
  }
  return found;
}
