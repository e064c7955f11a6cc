/** A fresh process: prints the seconds of a growing problem's first solve, of its first and second gradient, and its memory. */
import { gradient, solve } from "../../index.ts";
import { growing } from "./programs.ts";
import { peakMemory } from "../shared/peak-memory.ts";

const [name, size] = process.argv.slice(2);
const tolerances = { rtol: 1e-4, atol: 1e-4 };

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1e3;
}

const problem = growing[name].problem(Number(size));
const loss = { final: (u: Float64Array) => u[0] ** 2 };
const firstSolve = secondsOf(() => solve(problem, tolerances));
const firstGradient = secondsOf(() => gradient(problem, { loss, wrt: ["p", "u0"], ...tolerances }));
const secondGradient = secondsOf(() => gradient(problem, { loss, wrt: ["p", "u0"], ...tolerances }));
console.log(JSON.stringify({ firstSolve, firstGradient, secondGradient, memory: peakMemory() }));
