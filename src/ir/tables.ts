/**
 * Data: tables of programs whose numbers are no part of them. A program with other numbers in its tables is the same program, so
 * nothing is folded of them; what is compiled looks at each call whether its copies are of the present numbers.
 */
import type { ArrayDeclaration, Program } from "./ir.ts";

export type Numbers = Float64Array | Int32Array;

interface Table {
  /** What the numbers were read from. */
  readonly owner: object;
  /** How often it was filled again. */
  count: number;
  /** Programs are derived for finite numbers. */
  isFinite: boolean;
  /** The programs are right for zeros at these indices, too. */
  zeros?: readonly number[];
}

const tables = new WeakMap<Numbers, Table>();
/** How often any was filled again. */
let fillings = 0;

/** A new table of these numbers. */
export function makeTable<T extends Numbers>(numbers: T, owner: object): T {
  const table = numbers.slice() as T;
  tables.set(table, { owner, count: 0, isFinite: false });
  return table;
}

export function isTable(data: Numbers): boolean {
  return tables.has(data);
}

/** The object that it was made for. */
export function ownerOf(table: Numbers): object {
  return tables.get(table)!.owner;
}

/** Are all numbers finite? From now on then none but finite ones fit a table. */
export function requireFinite(data: Numbers): boolean {
  const table = tables.get(data);
  if (table?.isFinite) return true;
  const isFinite = data.every(Number.isFinite);
  if (table) table.isFinite = isFinite;
  return isFinite;
}

/**
 * Where a table of mostly zeros has them, ascending; undefined of others. From now on only what has zeros there fits: a constant matrix
 * of mostly zeros is a sparse one.
 */
export function requireZeros(data: Numbers): readonly number[] | undefined {
  const table = tables.get(data)!;
  if (table.zeros) return table.zeros;
  const zeros: number[] = [];
  data.forEach((x, i) => x === 0 && zeros.push(i));
  return 2 * zeros.length > data.length ? (table.zeros = zeros) : undefined;
}

/** Is what was derived for the table right for these numbers, too? */
export function fits(data: Numbers, numbers: ArrayLike<number>): boolean {
  const { isFinite, zeros = [] } = tables.get(data)!;
  return zeros.every((i) => numbers[i] === 0) && (!isFinite || Array.prototype.every.call(numbers, Number.isFinite));
}

/** The numbers of an array that every call finds there. */
export function fixedNumbers({ data }: ArrayDeclaration): Numbers | undefined {
  return data && !isTable(data) ? data : undefined;
}

export function fillTable(table: Numbers, numbers: ArrayLike<number>): void {
  table.set(numbers);
  tables.get(table)!.count++;
  fillings++;
}

/** Another one once tables of the program hold other numbers. */
export function versionOf({ arrays }: Program): number {
  return arrays.reduce((sum, { data }) => sum + ((data && tables.get(data)?.count) ?? 0), 0);
}

/** Compiled functions that bring their memory's copies of tables up to date. */
export function following<F extends (...args: number[]) => number | void>(
  functions: readonly F[],
  copies: readonly { readonly table: Numbers; readonly copy: Numbers }[],
): readonly F[] {
  const followed = copies.flatMap(({ table, copy }) => {
    const use = tables.get(table);
    return use ? [{ table, copy, known: use, seen: use.count }] : [];
  });
  if (followed.length === 0) return functions;
  let seen = fillings;
  const update = (): void => {
    seen = fillings;
    for (const each of followed) {
      if (each.seen === each.known.count) continue;
      each.seen = each.known.count;
      each.copy.set(each.table);
    }
  };
  return functions.map(
    (call) =>
      ((...args: number[]) => {
        if (seen !== fillings) update();
        return call(...args);
      }) as F,
  );
}
