/** Where in the text a program's output is written. */
import type { Place } from "../core/errors.ts";
import { walk, type Program, type Store } from "../ir/ir.ts";
import { placeOf } from "../core/source-location.ts";

/** Of the last store to an element of the first parameter; with no place where the store is not known to be to that element. */
export function placeOfStore(program: Program, element: number, name: string): Place {
  const [first] = program.parameters;
  let found: Store | undefined;
  for (const i of walk(program.body)) {
    if (i.kind !== "store" || first.kind !== "array" || i.array !== first.array) continue;
    if (i.index.constant === element) found = i;
  }
  return placeOf(found?.source, name);
}
