/** The method that is chosen on every named problem, next to the fastest. */
import { problemTable } from "../../problems/index.ts";
import { adjointMethods } from "../../sensitivity/methods/index.ts";
import type { Column, Table } from "../report.ts";
import type { GradientCase } from "./cases.ts";
import { attempt, gradientBy, paperRtol, secondsByWay } from "./measure.ts";

const methodNames = Object.keys(adjointMethods);

const columns: readonly Column[] = [
  { key: "problem", header: "problem", kind: "text" },
  ...methodNames.map((name): Column => ({ key: name, header: name, kind: "seconds" })),
  { key: "chosen", header: "chosen", kind: "text" },
  { key: "fastest", header: "fastest", kind: "text" },
  { key: "chosenPerFastest", header: "chosen/fastest", kind: "ratio" },
];

/** Of the named problems with their default options, by the solver that is chosen. */
export function choices(onProgress: (line: string) => void, names = Object.keys(problemTable)): Table {
  const rows = names.map((problem) => {
    const task: GradientCase = { name: problem, named: problemTable[problem].make({}), logarithmic: false, peers: [] };
    const { adjoint: chosen } = gradientBy(task, {}, paperRtol).plan;
    const seconds: Record<string, number> = {};
    for (const adjoint of methodNames) {
      onProgress(`${problem}: ${adjoint}`);
      const found = attempt(() => secondsByWay(task, { adjoint }, paperRtol));
      if (typeof found === "number") seconds[adjoint] = found;
    }
    const [[fastest, least]] = Object.entries(seconds).sort(([, a], [, b]) => a - b);
    return { problem, ...seconds, chosen, fastest, chosenPerFastest: seconds[chosen] / least };
  });
  return { caption: "Every named problem by the solver that is chosen, at the same tolerances", columns, rows };
}
