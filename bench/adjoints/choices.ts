/** The method that is chosen on every named problem, next to the fastest. */
import type { AdjointName } from "../../sensitivity/adjoints/index.ts";
import { problemTable } from "../../problems/index.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import type { Column, Table } from "../shared/report.ts";
import { timeEach } from "./measure.ts";

const methodNames = Object.keys(adjointMethods) as AdjointName[];

/** Forward derivatives take minutes on the grid of 32 x 32. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { brusselator: { n: 12 } };

const columns: readonly Column[] = [
  { key: "problem", header: "problem", kind: "text" },
  ...methodNames.map((name): Column => ({ key: name, header: name, kind: "seconds" })),
  { key: "chosen", header: "chosen", kind: "text" },
  { key: "fastest", header: "fastest", kind: "text" },
  { key: "chosenPerFastest", header: "chosen/fastest", kind: "ratio" },
];

export function choices(onProgress: (line: string) => void, names = Object.keys(problemTable)): Table {
  const rows = names.map((name) => {
    const { problem, loss } = problemTable[name].make(options[name] ?? {});
    const chosen = gradient(problem, { loss }).plan.adjoint;
    onProgress(`${name}: the choice`);
    const timed = timeEach(methodNames.map((adjoint) => () => gradient(problem, { loss, adjoint })));
    const seconds = Object.fromEntries(
      timed.flatMap((found, i) => ("refused" in found ? [] : [[methodNames[i], found.seconds] as const])),
    );
    const [[fastest, least]] = Object.entries(seconds).sort(([, a], [, b]) => a - b);
    return { problem: name, ...seconds, chosen, fastest, chosenPerFastest: seconds[chosen] / least };
  });
  return {
    caption: "Every named problem, brusselator on 12 x 12 cells, by the options that a gradient has without any",
    columns,
    rows,
  };
}
