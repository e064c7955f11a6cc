/**
 * Data: tables of programs whose numbers are no part of them. A program with other numbers in its tables is the same program, so
 * nothing is folded of them; what is compiled looks at each call whether its copies are of the present numbers.
 */
import type { ArrayDeclaration, Program } from "./ir.ts";

export type Numbers = Float64Array | Int32Array;

/** How often each was filled again. */
const versions = new WeakMap<Numbers, { count: number }>();
/** How often any was. */
let fillings = 0;

/** A new table of these numbers. */
export function makeTable<T extends Numbers>(numbers: T): T {
  const table = numbers.slice() as T;
  versions.set(table, { count: 0 });
  return table;
}

export function isTable(data: Numbers): boolean {
  return versions.has(data);
}

/** The numbers of an array that every call finds there. */
export function fixedNumbers({ data }: ArrayDeclaration): Numbers | undefined {
  return data && !isTable(data) ? data : undefined;
}

export function fillTable(table: Numbers, numbers: ArrayLike<number>): void {
  table.set(numbers);
  versions.get(table)!.count++;
  fillings++;
}

/** Another one once tables of the program hold other numbers. */
export function versionOf({ arrays }: Program): number {
  return arrays.reduce((sum, { data }) => sum + ((data && versions.get(data)?.count) ?? 0), 0);
}

/** Compiled functions that bring their memory's copies of tables up to date. */
export function following<F extends (...args: number[]) => number | void>(
  functions: readonly F[],
  copies: readonly { readonly table: Numbers; readonly copy: Numbers }[],
): readonly F[] {
  const followed = copies.flatMap(({ table, copy }) => {
    const version = versions.get(table);
    return version ? [{ table, copy, version, seen: version.count }] : [];
  });
  if (followed.length === 0) return functions;
  let seen = fillings;
  const update = (): void => {
    seen = fillings;
    for (const each of followed) {
      if (each.seen === each.version.count) continue;
      each.seen = each.version.count;
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
