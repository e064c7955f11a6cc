/** A fresh process's ensemble of so many trajectories of a cheap problem, reduced: prints the peak of its memory, in bytes, and the seconds. */
import { mean, odeProblem, quantiles, rk4, solveEnsemble, variance } from "../../index.ts";
import { peakMemory } from "../shared/peak-memory.ts";

const decay = odeProblem({
  rhs(du, u, p) {
    du.x = -p.k * u.x;
  },
  u0: { x: 1 },
  p: { k: 1 },
  tspan: [0, 1],
});

const trajectories = Number(process.argv[2]);
const start = performance.now();
const { reduced, succeeded } = await solveEnsemble(decay, {
  trajectories,
  vary: { "p.k": { uniform: [0.5, 1.5] } },
  solver: rk4({ dt: 0.25 }),
  saveat: 0.5,
  reduce: { mean: mean(), variance: variance(), bands: quantiles([0.05, 0.5, 0.95]) },
});
const seconds = (performance.now() - start) / 1e3;
const peak = peakMemory();
console.log(JSON.stringify({ trajectories, succeeded, peak, seconds, mean: reduced.mean.get(2, 0) }));
