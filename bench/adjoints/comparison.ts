/** Every adjoint method, and every vjp backend with the method that is chosen: a table and a panel for one problem. */
import type { Curve, Panel } from "../../plot/curves.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import type { AdjointMethod } from "../../sensitivity/adjoints/shared/method.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";
import type { Column, Row, Table } from "../shared/report.ts";
import type { GradientCase } from "./cases.ts";
import { secondsAt } from "../shared/equal-error.ts";
import {
  gradientBy,
  gradientByDefault,
  measureEach,
  measureRuns,
  referenceOf,
  type Measurement,
  type Refusal,
  type Combination,
} from "./measure.ts";
import { peerCurves, type PeerCurve } from "./peers.ts";

/** Of the curves, over that of the table, which is among them. */
const rtolRatios = [100, 1, 1e-2, 1e-4];
/** With tolerances much looser than these CVODES fails on pollution. */
const peerRtolRatios = [100, 10, 1, 0.1, 1e-2, 1e-3, 1e-4];
const referenceRtol = 1e-13;
/** A method this slow gets no curve. */
const patience = 2;

/** Backends are compared by this method where forward derivatives are chosen, which use none. */
const usesBackend = "discrete";
const defaultBackend = "source";

export interface Comparison {
  readonly table: Table;
  readonly panel: Panel;
  readonly peers: readonly PeerCurve[];
}

export function compare(task: GradientCase, notes: string[], onProgress: (line: string) => void): Comparison {
  const { rtol, atolPerRtol, named } = task;
  const { name, layout } = named.problem;
  const reference = referenceOf(task, referenceRtol);
  const chosen = gradientBy(task, {}, rtol).plan;
  onProgress(`${name}: peers`);
  const peerRtols = peerRtolRatios.map((ratio) => times(ratio, rtol));
  const peers = peerCurves(task, peerRtols, reference, notes);
  const columns = columnsFor(peers);
  onProgress(`${name}: every combination`);
  const combinations = combinationsFor(chosen.adjoint);
  const byDefault = gradientByDefault(task, rtol).plan;
  const measured = measureRuns(
    task,
    [...combinations.map((combination) => () => gradientBy(task, combination, rtol)), () => gradientByDefault(task, rtol)],
    reference,
  );
  const rows = combinations.map((combination, i): Row => {
    const isChosen = combination.adjoint === chosen.adjoint && combination.vjp === chosen.vjp;
    return { ...rowOf(combination, measured[i], peers), ...(isChosen ? { note: "chosen" } : {}) };
  });
  rows.push({ ...rowOf(byDefault, measured[combinations.length], peers), note: `nothing said: ${byDefault.solver}` });
  onProgress(`${name}: error against time`);
  const curves = curvesOf(task, combinations, measured, reference);
  return {
    table: {
      caption: `${name}: ${layout.u.size} states, ${layout.p.size} parameters, ${task.solver.name}, rtol = ${rtol.toExponential()}, atol = ${(atolPerRtol * rtol).toExponential()}`,
      columns,
      rows,
    },
    panel: {
      title: name,
      x: { label: "seconds of a gradient", log: true },
      y: { label: "relative error", log: true },
      curves: [...curves, ...peers.map((peer) => ({ name: peer.name, points: peer.points.map(xy), dashed: true }))],
    },
    peers,
  };
}

/** Every method with the default backend, and the chosen one with every other. */
function combinationsFor(chosen: string): Required<Combination>[] {
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
function rowOf({ adjoint, vjp }: Required<Combination>, found: Measurement | Refusal, peers: readonly PeerCurve[]): Row {
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
  combinations: readonly Required<Combination>[],
  inTable: readonly (Measurement | Refusal)[],
  reference: Float64Array,
): Curve[] {
  const fast = combinations.filter((combination, i) => {
    const found = inTable[i];
    return combination.vjp === defaultBackend && !("refused" in found) && found.seconds < patience;
  });
  const measured = rtolRatios.map((ratio) =>
    ratio === 1
      ? fast.map((combination) => inTable[combinations.indexOf(combination)])
      : measureEach(task, fast, times(ratio, task.rtol), reference),
  );
  return fast.map(({ adjoint }, i) => ({
    name: adjoint,
    points: measured.flatMap((found) => ("refused" in found[i] ? [] : [xy(found[i])])),
  }));
}

/** A power of ten without what rounding adds. */
function times(ratio: number, rtol: number): number {
  return Number((ratio * rtol).toPrecision(1));
}

function xy({ seconds, error }: { seconds: number; error: number }): { x: number; y: number } {
  return { x: seconds, y: error };
}
