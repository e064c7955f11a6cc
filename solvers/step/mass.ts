/** Constant mass matrices in steps: M u' = f(u, p, t), of which d M − J is factorized. */
import { memo } from "../../src/core/memo.ts";
import { columnOf, entryIndex } from "../../src/analysis/pattern.ts";
import { fromRows, type SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import type { MassMatrix } from "../../src/problem/mass-matrix.ts";
import { StepBuilder, type Slice } from "./builder.ts";
import type { Jacobian } from "./factorized-system.ts";

/** The Jacobian on a pattern that has M's entries too, with those beside it. Its inputs are (u[n], p[np], t). */
export const jacobianWithMass = memo((jacobian: Jacobian, mass: MassMatrix, np: number): Jacobian => {
  const pattern = union(jacobian.pattern, mass.pattern);
  const place = entryIndex(pattern);
  const aligned = new Float64Array(pattern.rowIndices.length);
  eachEntry(mass.pattern, (e, row, column) => (aligned[place(row, column)] = mass.values[e]));
  if (pattern.rowIndices.length === jacobian.pattern.rowIndices.length) return { ...jacobian, mass: aligned };
  const targets = new Int32Array(jacobian.pattern.rowIndices.length);
  eachEntry(jacobian.pattern, (e, row, column) => (targets[e] = place(row, column)));
  return { ...jacobian, pattern, mass: aligned, values: spread(jacobian, targets, aligned.length, np) };
});

/** (output values[size], input u, input p, t): the k-th of the Jacobian's entries is that of number targets[k], the others are zero. */
function spread({ pattern, values }: Jacobian, targets: Int32Array, size: number, np: number): Program {
  const b = new StepBuilder(`${values.name}_with_mass`, { n: pattern.columns }, false);
  const into = b.vectorParameter("values", "output", size);
  const [u, p, t] = [b.vectorParameter("u", "input"), b.vectorParameter("p", "input", np), b.scalarParameter("t")];
  const own = { array: b.localArray("own", targets.length), offset: 0 };
  const table = b.constantArray("targets", targets);
  b.evaluate(values, own, u, p, t);
  b.fill(into.array, b.f64(0));
  b.range(0, targets.length, (e) => b.store(into.array, b.load(table, e), b.load(own.array, e)));
  return b.finish();
}

export function union(x: SparsityPattern, y: SparsityPattern): SparsityPattern {
  const rows = Array.from({ length: x.rows }, () => new Set<number>());
  for (const pattern of [x, y]) eachEntry(pattern, (_, row, column) => rows[row].add(column));
  const all = fromRows(
    rows.map((row) => Int32Array.from(row).sort()),
    x.columns,
  );
  return all.rowIndices.length === x.rowIndices.length ? x : all;
}

export function eachEntry(pattern: SparsityPattern, visit: (e: number, row: number, column: number) => void): void {
  for (let column = 0; column < pattern.columns; column++) {
    columnOf(pattern, column).forEach((row, k) => visit(pattern.columnPointers[column] + k, row, column));
  }
}

/** Is M all that is on its diagonal? */
function isDiagonal({ pattern }: MassMatrix): boolean {
  let diagonal = true;
  eachEntry(pattern, (_, row, column) => (diagonal &&= row === column));
  return diagonal;
}

/** Emits into = M x, or Mᵀ x, of another array than x; without M, the vector itself is what it gives. */
export function timesMass(b: StepBuilder, mass: MassMatrix | undefined, x: Slice, into: Slice, transposed = false): Slice {
  if (!mass) return x;
  const { pattern, values } = mass;
  if (isDiagonal(mass)) {
    const diagonal = new Float64Array(pattern.columns);
    eachEntry(pattern, (e, row) => (diagonal[row] = values[e]));
    const entry = numbersOf(b, "mass", diagonal);
    b.range(0, pattern.columns, (i) => b.set(b.element(into, i), b.operation("mul", entry(i), b.get(b.element(x, i)))));
    return into;
  }
  const [rows, columns] = [new Int32Array(values.length), new Int32Array(values.length)];
  eachEntry(pattern, (e, row, column) => ([rows[e], columns[e]] = transposed ? [column, row] : [row, column]));
  const [entry, row, column] = [numbersOf(b, "mass", values), indicesOf(b, "rows", rows), indicesOf(b, "columns", columns)];
  b.range(0, pattern.columns, (i) => b.set(b.element(into, i), b.f64(0)));
  b.range(0, values.length, (e) => {
    const to = b.element(into, row(e));
    b.accumulate(to.array, to.offset, b.operation("mul", entry(e), b.get(b.element(x, column(e)))));
  });
  return into;
}

/** Elements of a table: constants, where the index is one. */
function numbersOf(b: StepBuilder, name: string, data: Float64Array): (i: Value) => Value {
  return (i) => (i.constant === undefined ? b.load(b.constantArray(name, data), i) : b.f64(data[i.constant as number]));
}

function indicesOf(b: StepBuilder, name: string, data: Int32Array): (i: Value) => Value {
  return (i) => (i.constant === undefined ? b.load(b.constantArray(name, data), i) : b.i32(data[i.constant as number]));
}

/** The mass matrix of blocks of components, each with M, and of others with the identity. */
export function massOfBlocks({ pattern, values }: MassMatrix, blocks: readonly Int32Array[], size: number): MassMatrix {
  const rows = Array.from({ length: size }, () => new Map<number, number>());
  for (let i = 0; i < size; i++) rows[i].set(i, 1);
  for (const block of blocks) {
    for (let i = 0; i < pattern.columns; i++) rows[block[i]].clear();
    eachEntry(pattern, (e, row, column) => rows[block[row]].set(block[column], values[e]));
  }
  const all = fromRows(
    rows.map((row) => Int32Array.from(row.keys()).sort()),
    size,
  );
  const entries = new Float64Array(all.rowIndices.length);
  eachEntry(all, (e, row, column) => (entries[e] = rows[row].get(column)!));
  return { pattern: all, values: entries };
}
