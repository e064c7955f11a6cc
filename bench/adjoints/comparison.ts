/** Every adjoint method, and every vjp backend with the method that is chosen: a table and a panel for one problem. */
import type { Curve, Panel } from "../../plot/curves.ts";
import { adjointMethods } from "../../sensitivity/methods/index.ts";
import type { AdjointMethod } from "../../sensitivity/methods/method.ts";
import { vjpBackends } from "../../sensitivity/vjp/index.ts";
import type { Column, Row, Table } from "../report.ts";
import type { GradientCase } from "./cases.ts";
import { secondsAt } from "../equal-error.ts";
import { gradientBy, measureEach, paperRtol, referenceOf, type Measurement, type Refusal, type Way } from "./measure.ts";
import { peerCurves, type PeerCurve } from "./peers.ts";

/** Of the curves; the paper's is among them, and in the table. */
const rtols = [1e-5, paperRtol, 1e-9, 1e-11];
/** With tolerances much looser than these CVODES fails on pollution. */
const peerRtols = [1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11];
const referenceRtol = 1e-13;
/** A method this slow gets no curve. */
const patience = 2;

/** Backends are compared by this method where forward derivatives are chosen, which use none. */
const usesBackend = "discrete";
const defaultBackend = "source";

export interface Comparison {
  readonly table: Table;
  readonly panel: Panel;
}

export function compare(task: GradientCase, notes: string[], onProgress: (line: string) => void): Comparison {
  const { name, layout } = task.named.problem;
  const reference = referenceOf(task, referenceRtol);
  const chosen = gradientBy(task, {}, paperRtol).plan;
  const peers = peerCurves(task, peerRtols, reference, notes);
  const columns = columnsFor(peers);
  onProgress(`${name}: every way`);
  const ways = waysFor(chosen.adjoint);
  const measured = measureEach(task, ways, paperRtol, reference);
  const rows = ways.map((way, i): Row => {
    const isChosen = way.adjoint === chosen.adjoint && way.vjp === chosen.vjp;
    return { ...rowOf(way, measured[i], peers), ...(isChosen ? { note: "chosen" } : {}) };
  });
  onProgress(`${name}: error against time`);
  const curves = curvesOf(task, ways, measured, reference);
  return {
    table: {
      caption: `${name}: ${layout.u.size} states, ${layout.p.size} parameters, ${task.solver.name}, rtol = ${paperRtol.toExponential()}, atol = 1e-5`,
      columns,
      rows,
    },
    panel: {
      title: name,
      x: { label: "seconds of a gradient", log: true },
      y: { label: "relative error", log: true },
      curves: [...curves, ...peers.map((peer) => ({ name: peer.name, points: peer.points.map(xy), dashed: true }))],
    },
  };
}

/** Every method with the default backend, and the chosen one with every other. */
function waysFor(chosen: string): Required<Way>[] {
  const methods: Readonly<Record<string, AdjointMethod>> = adjointMethods;
  const adjoint = methods[chosen].traits.mode === "reverse" ? chosen : usesBackend;
  return [
    ...Object.keys(methods).map((name) => ({ adjoint: name, vjp: defaultBackend })),
    ...Object.keys(vjpBackends)
      .filter((vjp) => vjp !== defaultBackend)
      .map((vjp) => ({ adjoint, vjp })),
  ];
}

function columnsFor(peers: readonly PeerCurve[]): Column[] {
  return [
    { key: "adjoint", header: "adjoint", kind: "text" },
    { key: "vjp", header: "vjp", kind: "text" },
    { key: "seconds", header: "gradient", kind: "seconds" },
    { key: "error", header: "error", kind: "error" },
    { key: "steps", header: "steps", kind: "count" },
    { key: "memory", header: "memory", kind: "bytes" },
    ...peers.map(({ name }): Column => ({ key: name, header: `${name}, equal error`, kind: "ratio" })),
    { key: "note", header: "", kind: "text" },
  ];
}

/** A peer's number is its time over this one's where their errors are the same. */
function rowOf({ adjoint, vjp }: Required<Way>, found: Measurement | Refusal, peers: readonly PeerCurve[]): Row {
  if ("refused" in found) return { adjoint, vjp, note: found.refused };
  const ratios = peers.flatMap(({ name, points }) => {
    const seconds = secondsAt(found.error, points);
    return seconds === undefined ? [] : [[name, seconds / found.seconds] as const];
  });
  const { memory, ...numbers } = found;
  return { adjoint, vjp, ...numbers, ...(memory === undefined ? {} : { memory }), ...Object.fromEntries(ratios) };
}

/** Of the methods with the default backend that are not too slow. */
function curvesOf(
  task: GradientCase,
  ways: readonly Required<Way>[],
  atPaper: readonly (Measurement | Refusal)[],
  reference: Float64Array,
): Curve[] {
  const fast = ways.filter((way, i) => {
    const found = atPaper[i];
    return way.vjp === defaultBackend && !("refused" in found) && found.seconds < patience;
  });
  const measured = rtols.map((rtol) =>
    rtol === paperRtol ? fast.map((way) => atPaper[ways.indexOf(way)]) : measureEach(task, fast, rtol, reference),
  );
  return fast.map(({ adjoint }, i) => ({
    name: adjoint,
    points: measured.flatMap((found) => ("refused" in found[i] ? [] : [xy(found[i])])),
  }));
}

function xy({ seconds, error }: { seconds: number; error: number }): { x: number; y: number } {
  return { x: seconds, y: error };
}
