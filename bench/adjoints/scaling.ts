/** Gradients of the Brusselator with parameters in every cell, on growing grids, t 0..1. */
import type { Curve, Panel } from "../../plot/curves.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import type { Column, Row, Table } from "../shared/report.ts";
import { cellsCase } from "./cases.ts";
import { secondsAt } from "../shared/equal-error.ts";
import { gradientBy, measureEach, referenceOf, type Measurement } from "./measure.ts";
import { peerCurves } from "./peers.ts";

const gridSizes = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 17];
const peerRtols = [1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11];
const referenceRtol = 1e-11;
/** Seconds: a method that would take longer on a grid is left out from there on. */
const patience = 5;

const methodNames = Object.keys(adjointMethods);
const peerNames = ["CVODES gmres", "CVODES dense"];
const sizeColumns: readonly Column[] = [
  { key: "n", header: "n", kind: "count" },
  { key: "parameters", header: "parameters", kind: "count" },
];

/** What was measured on one grid. */
interface Grid {
  readonly n: number;
  readonly parameters: number;
  readonly chosen: string;
  readonly methods: ReadonlyMap<string, Measurement>;
  /** Seconds of the peers at the error of each method. */
  readonly peers: ReadonlyMap<string, (error: number) => number | undefined>;
}

export interface Scaling {
  readonly tables: readonly Table[];
  readonly panel: Panel;
}

export function scale(notes: string[], onProgress: (line: string) => void, sizes = gridSizes): Scaling {
  const grids: Grid[] = [];
  const left = new Map<string, string>();
  for (const n of sizes) grids.push(measureGrid(n, grids, left, notes, onProgress));
  notes.push(...Array.from(left, ([name, why]) => `${name} is left out ${why}.`));
  return { tables: [timesTable(grids), ...(grids[0].peers.size ? [ratiosTable(grids)] : [])], panel: panelOf(grids) };
}

function measureGrid(
  n: number,
  before: readonly Grid[],
  left: Map<string, string>,
  notes: string[],
  onProgress: (line: string) => void,
): Grid {
  onProgress(`brusselatorCells, n = ${n}`);
  const task = cellsCase(n, 1);
  const parameters = task.named.problem.layout.p.size;
  const reference = referenceOf(task, referenceRtol);
  const methods = new Map<string, Measurement>();
  for (const adjoint of methodNames) {
    const expected = extrapolate(pointsOf(before, adjoint), parameters);
    if (expected > patience && !left.has(adjoint))
      left.set(adjoint, `from ${n} x ${n} cells on, where about ${expected.toPrecision(2)} s are expected`);
  }
  const combinations = methodNames.filter((adjoint) => !left.has(adjoint)).map((adjoint) => ({ adjoint, vjp: "source" }));
  measureEach(task, combinations, task.rtol, reference).forEach((found, i) => {
    const { adjoint } = combinations[i];
    if ("refused" in found) left.set(adjoint, `from ${n} x ${n} cells on: ${found.refused}`);
    else methods.set(adjoint, found);
  });
  const curves = peerCurves(task, peerRtols, reference, notes);
  return {
    n,
    parameters,
    chosen: gradientBy(task, {}, task.rtol).plan.adjoint,
    methods,
    peers: new Map(curves.map(({ name, points }) => [name, (error: number) => secondsAt(error, points)])),
  };
}

function timesTable(grids: readonly Grid[]): Table {
  return {
    caption:
      "brusselatorCells, t = 0 … 1, on n x n cells at the same tolerances; CVODES where its error is that of the chosen method",
    columns: [
      ...sizeColumns,
      ...[...methodNames, ...peerNames].map((name): Column => ({ key: name, header: name, kind: "seconds" })),
      { key: "chosen", header: "chosen", kind: "text" },
      { key: "error", header: "its error", kind: "error" },
    ],
    rows: grids.map(({ n, parameters, chosen, methods, peers }) => {
      const error = methods.get(chosen)!.error;
      return {
        n,
        parameters,
        ...known(methods, ({ seconds }) => seconds),
        ...known(peers, (secondsOf) => secondsOf(error)),
        chosen,
        error,
      };
    }),
  };
}

function ratiosTable(grids: readonly Grid[]): Table {
  return {
    caption: `${peerNames[0]} over each method, where its error is that method's`,
    columns: [...sizeColumns, ...methodNames.map((name): Column => ({ key: name, header: name, kind: "ratio" }))],
    rows: grids.map(({ n, parameters, methods, peers }) => {
      const peer = peers.get(peerNames[0]);
      return { n, parameters, ...known(methods, ({ seconds, error }) => divide(peer?.(error), seconds)) };
    }),
  };
}

function divide(a: number | undefined, b: number): number | undefined {
  return a === undefined ? undefined : a / b;
}

/** The values that there are. */
function known<T>(map: ReadonlyMap<string, T>, value: (item: T) => number | undefined): Row {
  return Object.fromEntries(
    Array.from(map, ([name, item]) => [name, value(item)] as const).filter(
      (entry): entry is readonly [string, number] => entry[1] !== undefined,
    ),
  );
}

function panelOf(grids: readonly Grid[]): Panel {
  const peers = peerNames.map((name) => ({
    name,
    dashed: true,
    points: grids.flatMap(({ parameters, chosen, methods, peers }) => {
      const seconds = peers.get(name)?.(methods.get(chosen)!.error);
      return seconds === undefined ? [] : [{ x: parameters, y: seconds }];
    }),
  }));
  return {
    title: "brusselatorCells, t = 0 … 1",
    x: { label: "parameters", log: true },
    y: { label: "seconds of a gradient", log: true },
    curves: [...methodNames.map((name): Curve => ({ name, points: pointsOf(grids, name) })), ...peers].filter(
      ({ points }) => points.length > 0,
    ),
  };
}

function pointsOf(grids: readonly Grid[], method: string): { x: number; y: number }[] {
  return grids.flatMap(({ parameters, methods }) => {
    const found = methods.get(method);
    return found ? [{ x: parameters, y: found.seconds }] : [];
  });
}

/** Along the line through the last two points on logarithmic axes; 0 where there are fewer. */
function extrapolate(points: readonly { x: number; y: number }[], x: number): number {
  const [a, b] = points.slice(-2);
  return b ? b.y * (x / b.x) ** (Math.log(b.y / a.y) / Math.log(b.x / a.x)) : 0;
}
