/** The mass matrix M of M u' = f(u, p, t): constant, of as many rows and columns as the state has components. */
import { componentName, type Layout } from "../arrays/layout.ts";
import { pack } from "../arrays/pack.ts";
import { fromRows, samePattern, type SparsityPattern } from "../analysis/sparsity.ts";
import { describe, isNdArray, isPlainObject, isTypedArray, type ArrayValue } from "../core/array-values.ts";
import { BadMassMatrix } from "./errors.ts";

/** Its entries that are not zero, in the order of the pattern. */
export interface MassMatrix {
  readonly pattern: SparsityPattern;
  readonly values: Float64Array;
  /** What it was made of. */
  readonly given?: unknown;
}

/** Entries by their indices in flat order; those of the same place add up, and what is not listed is zero. */
export interface Triplets {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** A diagonal in the shape of a state of type U: a number stands for all components of its part. */
export type MassDiagonal<U> = unknown extends U
  ? unknown
  : U extends number
    ? number
    : U extends ArrayValue
      ? number | ArrayValue
      : { readonly [K in keyof U]: MassDiagonal<U[K]> };

/**
 * By rows (an array of arrays); flat by rows, or an ndarray of two axes; as {@link Triplets}; or the diagonal alone, as a vector or by
 * the names of components: `{ x: 1, y: 1, z: 0 }`.
 */
export type MassMatrixSpec<U = unknown> = readonly (readonly number[])[] | ArrayValue | Triplets | MassDiagonal<U>;

type Entry = readonly [row: number, column: number, value: number];

/** Throws {@link BadMassMatrix}. */
export function massMatrixOf(given: unknown, layout: Layout): MassMatrix {
  const n = layout.size;
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  for (const [row, column, value] of entriesOf(given, layout)) {
    if (!Number.isFinite(value)) {
      throw new BadMassMatrix(
        `massMatrix: the entry in the row of ${componentName(layout, row, "u")} and the column of ${componentName(layout, column, "u")} ` +
          `is ${String(value)}. Give finite numbers.`,
      );
    }
    if (value !== 0) rows[row].set(column, (rows[row].get(column) ?? 0) + value);
  }
  const columnsOf = rows.map((row) => Int32Array.from(row.keys()).sort());
  const pattern = fromRows(columnsOf, n);
  const values = new Float64Array(pattern.rowIndices.length);
  for (let column = 0, e = 0; column < n; column++) {
    for (; e < pattern.columnPointers[column + 1]; e++) values[e] = rows[pattern.rowIndices[e]].get(column)!;
  }
  return { pattern, values, given };
}

export function sameMatrix(a: MassMatrix, b: MassMatrix): boolean {
  return samePattern(a.pattern, b.pattern) && a.values.every((value, e) => value === b.values[e]);
}

function entriesOf(given: unknown, layout: Layout): Iterable<Entry> {
  const n = layout.size;
  if (typeof given === "function") {
    throw new BadMassMatrix(
      "massMatrix is a function. It must be constant: a matrix that depends on the state, on parameters or on time is not supported. " +
        "Where the products M u' of new variables can be had, solve for those and make u algebraic: v' = f, 0 = v - m(u).",
    );
  }
  if (isNdArray(given) && given.shape.length === 2) {
    const [rows, columns] = given.shape;
    requireSize(rows === n && columns === n, given, layout);
    return square(n, (i, j) => given.get(i, j));
  }
  if (Array.isArray(given) && given.some((row) => Array.isArray(row) || isTypedArray(row))) {
    const list = given as readonly unknown[];
    requireSize(list.length === n, given, layout);
    list.forEach((row, i) => {
      const length = Array.isArray(row) || isTypedArray(row) ? row.length : undefined;
      if (length === n) return;
      throw new BadMassMatrix(`massMatrix: row ${i} is ${describe(row)}, but must have one number for each of ${n} components.`);
    });
    return square(n, (i, j) => (list[i] as readonly number[])[j]);
  }
  if (Array.isArray(given) || isTypedArray(given)) {
    const list = given as ArrayLike<number>;
    if (list.length === n) return Array.from(list, (value, i): Entry => [i, i, value]);
    requireSize(list.length === n * n, given, layout);
    return square(n, (i, j) => list[i * n + j]);
  }
  if (isTriplets(given) && !(layout.kind === "struct" && "rows" in layout.fields)) return tripletEntries(given, layout);
  return diagonalEntries(given, layout);
}

function requireSize(fits: boolean, given: unknown, { size }: Layout): void {
  if (fits) return;
  throw new BadMassMatrix(
    `massMatrix is ${describe(given)}, but the state has ${size} components. Give ${size} rows of ${size} numbers, the ${size} numbers of ` +
      "the diagonal, or { rows, columns, values } of the entries that are not zero.",
  );
}

function* square(n: number, at: (i: number, j: number) => number): Iterable<Entry> {
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) yield [i, j, at(i, j)];
}

function isTriplets(given: unknown): given is Triplets {
  return isPlainObject(given) && "rows" in given && "columns" in given && "values" in given;
}

function tripletEntries({ rows, columns, values, ...others }: Triplets, { size }: Layout): Entry[] {
  const isList = (list: unknown): boolean => Array.isArray(list) || isTypedArray(list);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new BadMassMatrix(`massMatrix: there is no "${unknown}". Triplets are { rows, columns, values }.`);
  if (![rows, columns, values].every(isList) || rows.length !== values.length || columns.length !== values.length) {
    throw new BadMassMatrix(
      `massMatrix: rows is ${describe(rows)}, columns ${describe(columns)} and values ${describe(values)}. Give three arrays of one length.`,
    );
  }
  return Array.from(values, (value, e): Entry => {
    for (const [name, index] of [
      ["rows", rows[e]],
      ["columns", columns[e]],
    ] as const) {
      if (Number.isInteger(index) && index >= 0 && index < size) continue;
      throw new BadMassMatrix(`massMatrix: ${name}[${e}] is ${String(index)}, but must be a whole number from 0 to ${size - 1}.`);
    }
    return [rows[e], columns[e], value];
  });
}

function diagonalEntries(given: unknown, layout: Layout): Entry[] {
  const diagonal = new Float64Array(layout.size);
  fillDiagonal(layout, given, "massMatrix", diagonal);
  return Array.from(diagonal, (value, i): Entry => [i, i, value]);
}

function fillDiagonal(layout: Layout, value: unknown, what: string, into: Float64Array): void {
  if (typeof value === "number") into.fill(value, layout.offset, layout.offset + layout.size);
  else if (layout.kind !== "struct") {
    if (!(isNdArray(value) || Array.isArray(value) || isTypedArray(value))) {
      throw new BadMassMatrix(`${what} is ${describe(value)}. Give a matrix, or its diagonal: an array of numbers.`);
    }
    pack(layout, value, what, into);
  } else {
    const names = Object.keys(layout.fields);
    if (!isPlainObject(value)) {
      throw new BadMassMatrix(`${what} is ${describe(value)}. Give a matrix, or its diagonal by the names ${names.join(", ")}.`);
    }
    const unknown = Object.keys(value).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new BadMassMatrix(`${what}: the state has no ${unknown}. Its components are ${names.join(", ")}.`);
    }
    const missing = names.find((name) => value[name] === undefined);
    if (missing !== undefined) {
      throw new BadMassMatrix(`${what}: ${missing} is missing. Give 0 for what has an algebraic equation, and 1 for u' = f.`);
    }
    for (const name of names) fillDiagonal(layout.fields[name], value[name], `${what}.${name}`, into);
  }
}

/** The matrix for so many more components at the end, whose equations are u' = f. */
export function withIdentity({ pattern, values, given }: MassMatrix, count: number): MassMatrix {
  const { rows, columns, columnPointers, rowIndices } = pattern;
  const entries = values.length;
  return {
    pattern: {
      rows: rows + count,
      columns: columns + count,
      columnPointers: Int32Array.of(...columnPointers, ...Array.from({ length: count }, (_, j) => entries + j + 1)),
      rowIndices: Int32Array.of(...rowIndices, ...Array.from({ length: count }, (_, j) => rows + j)),
    },
    values: Float64Array.of(...values, ...Array.from({ length: count }, () => 1)),
    given,
  };
}
