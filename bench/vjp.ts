/** What the vjp of each backend costs, next to the right-hand side itself. */
import { brusselator } from "../problems/brusselator.ts";
import { pollution } from "../problems/pollution.ts";
import { spiralNeuralODE } from "../problems/spiral-neural-ode.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import type { Benchmark, Column, Row, Table } from "./shared/report.ts";
import { secondsOfEach } from "./shared/timing.ts";
import { vjpWorks } from "./vjp/works.ts";

/** The forcing of the Brusselator is on from t = 1.1. */
const time = 2;

const problems: Readonly<Record<string, () => { readonly problem: OdeProblem }>> = {
  "Brusselator, loops": () => brusselator() as { problem: OdeProblem },
  "Brusselator, arrays": () => brusselator({ form: "arrays" }) as { problem: OdeProblem },
  pollution: () => pollution() as { problem: OdeProblem },
  "spiral network": () => spiralNeuralODE() as { problem: OdeProblem },
};

interface Bar {
  readonly what: string;
  readonly problem: keyof typeof problems;
  readonly most: number;
  readonly measured: (seconds: Seconds) => number;
}

/** By the names of the works. */
type Seconds = Readonly<Record<string, number>>;

const perRhs = (key: string) => (seconds: Seconds) => seconds[key] / seconds.rhs;

const bars: readonly Bar[] = [
  ...Object.keys(problems).map((problem) => ({ what: "source / rhs", problem, most: 2.5, measured: perRhs("source") })),
  { what: "compiledTape / source", problem: "pollution", most: 3, measured: (s) => s.compiledTape / s.source },
  { what: "tape / plain JS rhs", problem: "pollution", most: 60, measured: (s) => s.tape / s.plain },
  { what: "sparse Jacobian / rhs", problem: "Brusselator, loops", most: 8, measured: perRhs("jacobian") },
];

const columns: readonly Column[] = [
  { key: "problem", header: "problem", kind: "text" },
  { key: "what", header: "what", kind: "text" },
  { key: "seconds", header: "time", kind: "seconds" },
  { key: "perRhs", header: "/rhs", kind: "ratio" },
];

const barColumns: readonly Column[] = [
  { key: "problem", header: "problem", kind: "text" },
  { key: "what", header: "what", kind: "text" },
  { key: "ratio", header: "ratio", kind: "ratio" },
  { key: "most", header: "at most", kind: "ratio" },
  { key: "verdict", header: "", kind: "text" },
];

export const vjpBenchmark: Benchmark = {
  description: "the vjp by state and parameters of each backend, and the sparse Jacobian, over the compiled right-hand side",
  run({ onProgress }) {
    const notes: string[] = [];
    const measured = new Map<string, Seconds>();
    for (const [name, make] of Object.entries(problems)) {
      onProgress?.(name);
      const { works, refused } = vjpWorks(make().problem, time);
      const seconds = secondsOfEach(Object.values(works));
      measured.set(name, Object.fromEntries(Object.keys(works).map((key, i) => [key, seconds[i]])));
      notes.push(...refused.map((reason) => `${name}: ${reason}`));
    }
    const tables = [timesTable(measured), barsTable(measured)];
    return Promise.resolve({ title: "Vector-Jacobian products by u and p, wasm", tables, notes, pictures: [] });
  },
};

function timesTable(measured: ReadonlyMap<string, Seconds>): Table {
  const rows = [...measured].flatMap(([problem, seconds]) =>
    Object.entries(seconds).map(([what, each]): Row => ({ problem, what, seconds: each, perRhs: each / seconds.rhs })),
  );
  return { caption: "Times", columns, rows };
}

/** What was measured against what it is to be. */
export function barsTable(measured: ReadonlyMap<string, Seconds>): Table {
  const rows = bars.map(({ what, problem, most, measured: ratioOf }): Row => {
    const ratio = ratioOf(measured.get(problem)!);
    return { problem, what, ratio, most, verdict: ratio <= most ? "met" : "missed" };
  });
  return { caption: "Bars", columns: barColumns, rows };
}
