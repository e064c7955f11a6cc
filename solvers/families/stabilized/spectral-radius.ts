/**
 * A bound of the Jacobian's spectral radius: the spectral radius of the matrix of its magnitudes, J, is at most the largest of (J x)_i / x_i for
 * any positive x (L. Collatz 1942, H. Wielandt 1950), and that falls as J x takes the place of x, whatever the components' units. With x = 1 it is
 * the largest row sum. It is never too small, and a function of the place alone: a step that is taken again, as adjoints do, has as many stages.
 */
import type { Program, Value } from "../../../src/ir/ir.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import { StepBuilder } from "../../step/builder.ts";
import type { Jacobian } from "../../step/factorized-system.ts";
import { evaluateJacobian } from "../../step/linearization.ts";
import type { System } from "../../step/system.ts";

/** So many x. */
const ITERATIONS = 4;
/** Of the largest of x: the others stay positive. */
const LEAST = 1e-30;

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
  const [x, sums] = ["x", "sums"].map((name) => b.localArray(name, n));
  const largest = (of: (i: Value) => Value): Value =>
    b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (i, [most]) => [b.operation("max", most, of(i))])[0];
  b.fill(x, b.f64(1));
  const [bound] = b.for(b.i32(0), b.i32(ITERATIONS), 1, [b.f64(Infinity)], (_, [least]) => {
    b.fill(sums, b.f64(0));
    b.for(b.i32(0), b.i32(inside.length), 1, [], (k) => {
      const magnitude = b.operation("abs", b.load(values.array, b.load(entries, k)));
      b.accumulate(sums, b.load(rows, k), b.operation("mul", magnitude, b.load(x, b.load(cols, k))));
      return [];
    });
    const here = largest((i) => b.operation("div", b.load(sums, i), b.load(x, i)));
    const floor = b.operation(
      "add",
      b.operation(
        "mul",
        b.f64(LEAST),
        largest((i) => b.load(sums, i)),
      ),
      b.f64(1e-300),
    );
    b.for(b.i32(0), b.i32(n), 1, [], (i) => {
      b.store(x, i, b.operation("max", b.load(sums, i), floor));
      return [];
    });
    return [b.operation("min", least, here)];
  });
  return eliminate(b.finish(bound));
}
