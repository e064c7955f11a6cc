/**
 * A bound of the Jacobian's spectral radius: the smaller of its largest row sum and its largest column sum, of magnitudes (S. Gershgorin
 * 1931). It is never too small, and a function of the place alone: a step that is taken again, as adjoints do, has as many stages.
 */
import type { Program } from "../../../src/ir/ir.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import { StepBuilder } from "../../step/builder.ts";
import type { Jacobian } from "../../step/factorized-system.ts";
import { evaluateJacobian } from "../../step/linearization.ts";
import type { System } from "../../step/system.ts";

/** (input u, input p, output entry[1], t) -> bound; `entry` is that of a verdict. Of the system without its tangents. */
export function spectralBound(system: System, jacobian: Jacobian): Program {
  const { pattern } = jacobian;
  const { n } = system.primal ?? system;
  const b = new StepBuilder("spectral_bound", system, false);
  const u = b.vectorParameter("u", "input");
  const p = b.vectorParameter("p", "input", system.np);
  const entry = b.vectorParameter("entry", "output", 1);
  const t = b.scalarParameter("t");
  const size = pattern.rowIndices.length;
  const values = { array: b.localArray("jacobian", size), offset: 0 };
  b.store(entry.array, b.i32(0), evaluateJacobian(b, jacobian, values, u, p, t));
  const columns = new Int32Array(size);
  for (let c = 0; c < pattern.columns; c++) columns.fill(c, pattern.columnPointers[c], pattern.columnPointers[c + 1]);
  const inside = Array.from(columns.keys()).filter((e) => columns[e] < n && pattern.rowIndices[e] < n);
  const places = (name: string, of: (e: number) => number) => b.constantArray(name, Int32Array.from(inside, of));
  const entries = places("entries", (e) => e);
  const rows = places("rows", (e) => pattern.rowIndices[e]);
  const cols = places("columns", (e) => columns[e]);
  const [rowSums, columnSums] = ["row_sums", "column_sums"].map((name) => b.localArray(name, n));
  for (const sums of [rowSums, columnSums]) b.fill(sums, b.f64(0));
  b.for(b.i32(0), b.i32(inside.length), 1, [], (k) => {
    const magnitude = b.operation("abs", b.load(values.array, b.load(entries, k)));
    b.accumulate(rowSums, b.load(rows, k), magnitude);
    b.accumulate(columnSums, b.load(cols, k), magnitude);
    return [];
  });
  const [largestRow, largestColumn] = [rowSums, columnSums].map(
    (sums) => b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (i, [most]) => [b.operation("max", most, b.load(sums, i))])[0],
  );
  return eliminate(b.finish(b.operation("min", largestRow, largestColumn)));
}
