/** Gradients of the Brusselator with parameters in every cell, on growing grids, t 0..1. */
import type { Curve, Panel } from "../../cli/plot/curves.ts";
import { adjointMethods } from "../../sensitivity/methods/index.ts";
import type { Column, Table } from "../report.ts";
import { cellsCase } from "./cases.ts";
import { secondsAt } from "./equal-error.ts";
import { gradientBy, measure, paperRtol, referenceOf } from "./measure.ts";
import { peerCurves } from "./peers.ts";

const gridSizes = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 17];
const peerRtols = [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11];
const referenceRtol = 1e-11;
/** Seconds: a method that would take longer on a grid is left out there. */
const patience = 5;

const methodNames = Object.keys(adjointMethods);

const columns: readonly Column[] = [
  { key: "n", header: "n", kind: "count" },
  { key: "parameters", header: "parameters", kind: "count" },
  ...methodNames.map((name): Column => ({ key: name, header: name, kind: "seconds" })),
  { key: "chosen", header: "chosen", kind: "text" },
  { key: "error", header: "its error", kind: "error" },
  { key: "CVODES gmres", header: "CVODES gmres", kind: "seconds" },
  { key: "CVODES dense", header: "CVODES dense", kind: "seconds" },
  { key: "gmresPerChosen", header: "gmres/chosen", kind: "ratio" },
];

export function scale(notes: string[], onProgress: (line: string) => void, sizes = gridSizes): { table: Table; panel: Panel } {
  const curves = new Map<string, { x: number; y: number }[]>();
  const left = new Map<string, string>();
  const rows = sizes.map((n) => {
    onProgress(`brusselatorCells, n = ${n}`);
    const task = cellsCase(n, 1);
    const parameters = task.named.problem.layout.p.size;
    const add = (name: string, seconds: number): void => {
      curves.set(name, [...(curves.get(name) ?? []), { x: parameters, y: seconds }]);
    };
    const reference = referenceOf(task, referenceRtol);
    const { adjoint: chosen } = gradientBy(task, {}, paperRtol).plan;
    const row: Record<string, number | string> = { n, parameters, chosen };
    for (const adjoint of methodNames) {
      const expected = extrapolate(curves.get(adjoint) ?? [], parameters);
      if (left.has(adjoint)) continue;
      if (expected > patience) {
        left.set(adjoint, `about ${expected.toPrecision(2)} s expected on ${n} x ${n} cells`);
        continue;
      }
      const found = measure(task, { adjoint, vjp: "source" }, paperRtol, reference);
      if ("refused" in found) {
        left.set(adjoint, `on ${n} x ${n} cells, ${found.refused}`);
        continue;
      }
      add(adjoint, found.seconds);
      row[adjoint] = found.seconds;
      if (adjoint === chosen) row.error = found.error;
    }
    for (const { name, points } of peerCurves(task, peerRtols, reference, notes)) {
      const seconds = secondsAt(Number(row.error), points);
      if (seconds === undefined) continue;
      row[name] = seconds;
      add(name, seconds);
    }
    const gmres = row["CVODES gmres"];
    return gmres === undefined ? row : { ...row, gmresPerChosen: Number(gmres) / Number(row[chosen]) };
  });
  notes.push(...Array.from(left, ([name, why]) => `${name} is left out on the larger grids: ${why}.`));
  return {
    table: {
      caption:
        "brusselatorCells, t = 0 … 1, on n x n cells, at the same tolerances; CVODES where its error is that of the chosen method",
      columns,
      rows,
    },
    panel: {
      title: "brusselatorCells, t = 0 … 1",
      x: { label: "parameters", log: true },
      y: { label: "seconds of a gradient", log: true },
      curves: Array.from(curves, ([name, points]): Curve => ({ name, points, dashed: name.startsWith("CVODES") })),
    },
  };
}

/** Along the line through the last two points on logarithmic axes; 0 where there are fewer. */
function extrapolate(points: readonly { x: number; y: number }[], x: number): number {
  const [a, b] = points.slice(-2);
  return b ? b.y * (x / b.x) ** (Math.log(b.y / a.y) / Math.log(b.x / a.x)) : 0;
}
