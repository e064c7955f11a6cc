/** Batches in worker threads of a page, beside those of its own thread. */
import { ndarray, odeProblem, rk4, solveBatch } from "odegrad";
import { report } from "./report.js";

const oscillators = odeProblem({
  rhs: (u, p) => [u[1], -(p[0] ** 2) * Math.sin(u[0])],
  u0: [1, 0],
  p: [1],
  tspan: [0, 1],
});
const count = 301;
const p = ndarray(
  Float64Array.from({ length: count }, (_, m) => 1 + m / count),
  [count, 1],
);
const options = { p, solver: rk4({ dt: 0.01 }) };

await report(async () => {
  const here = await solveBatch(oscillators, options);
  const there = await solveBatch(oscillators, { ...options, device: "threads", threads: 2 }).catch(({ name, message }) => ({
    name,
    message,
  }));
  if ("name" in there) return there;
  const long = { tspan: [0, 1e6], maxSteps: 1e9, device: "threads", threads: 2, signal: AbortSignal.timeout(200) };
  const aborted = await solveBatch(oscillators, { ...options, ...long }).catch(({ name }) => name);
  const again = await solveBatch(oscillators, { ...options, device: "threads", threads: 1 });
  return {
    isIsolated: crossOriginIsolated,
    files: performance.getEntriesByType("resource").map(({ name }) => name),
    isSame: [there, again].map(({ u }) => u.data.every((x, k) => x === here.u.data[k])),
    count: there.u.data.length,
    aborted,
  };
});
