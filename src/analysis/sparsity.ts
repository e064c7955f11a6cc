/** Sparsity: which elements of an output array can depend on which elements of an input array. */
import { InternalError } from "../core/errors.ts";
import { hasRoom, requireRoom } from "../core/memory.ts";
import type { ArrayDeclaration, Program } from "../ir/ir.ts";
import { rootsOf } from "./activity.ts";
import { influences } from "./influences.ts";

/** The structurally non-zero entries of a matrix, by compressed columns (CSC); rows ascend within a column. */
export interface SparsityPattern {
  readonly rows: number;
  readonly columns: number;
  /** columns + 1 starts into `rowIndices`. */
  readonly columnPointers: Int32Array;
  readonly rowIndices: Int32Array;
}

/**
 * The pattern of d output / d input of a program, for every value of its parameters: indices and loop counts that are known
 * without them are followed exactly, the rest is taken conservatively.
 */
export function sparsityOf(program: Program, output: string, input: string): SparsityPattern {
  const [to, from] = rootsOf(program, [output, input]);
  if (!isArray(to) || !isArray(from))
    throw new InternalError(`sparsity of ${program.name}: ${output} and ${input} must be arrays`);
  return fromRows(influences(program, to, from), from.size);
}

function isArray(root: object): root is ArrayDeclaration {
  return "role" in root;
}

/** f64s for an entry of a pattern: its position, its value, and it again in factors. */
const FOR_AN_ENTRY = 2.5;

/** Is there room for a matrix whatever its pattern? */
export function alwaysFits(rows: number, columns: number): boolean {
  return hasRoom(rows * columns, FOR_AN_ENTRY);
}

export function samePattern(a: SparsityPattern, b: SparsityPattern): boolean {
  const same = (x: Int32Array, y: Int32Array): boolean => x.length === y.length && x.every((value, i) => value === y[i]);
  return same(a.columnPointers, b.columnPointers) && same(a.rowIndices, b.rowIndices);
}

/** A pattern from the column indices of each row. Throws TooMuchMemory. */
export function fromRows(rows: readonly Int32Array[], columns: number): SparsityPattern {
  const entries = rows.reduce((sum, { length }) => sum + length, 0);
  requireRoom(
    `A Jacobian of ${rows.length} rows and ${columns} columns, ${entries} of whose entries may differ from zero`,
    entries,
    FOR_AN_ENTRY,
    (most) =>
      `${most} entries would do, a full matrix of ${Math.floor(Math.sqrt(most))} rows. Take an explicit method (tsit5), which needs ` +
      `none, and vjp: "source" for gradients.`,
  );
  const columnPointers = new Int32Array(columns + 1);
  for (const row of rows) for (const column of row) columnPointers[column + 1]++;
  for (let column = 0; column < columns; column++) columnPointers[column + 1] += columnPointers[column];
  const rowIndices = new Int32Array(columnPointers[columns]);
  const next = columnPointers.slice(0, columns);
  rows.forEach((row, i) => {
    for (const column of row) rowIndices[next[column]++] = i;
  });
  return { rows: rows.length, columns, columnPointers, rowIndices };
}
