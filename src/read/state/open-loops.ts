/** Declares what is known of the loops that are being read to what is within them. */
import { affine } from "../../ir/affine.ts";
import type { Value } from "../../ir/ir.ts";
import type { Cell } from "./cells.ts";
import type { Reader } from "./reader.ts";

export interface OpenLoop {
  /** When the reading of its body began. */
  readonly birth: number;
  /** The counter of a counted loop. */
  readonly index: { readonly cell: Cell | undefined; readonly value: Value } | undefined;
  /** Has each iteration read by itself. */
  unroll(): never;
}

/** A list is indexed by a computed value: if that counts the iterations of a loop, each iteration must be read by itself. */
export function unrollFor(r: Reader, index: Value): void {
  const terms = affine(index).terms;
  const iteration = r.openLoops.findLast((candidate) => candidate.index && terms.has(candidate.index.value));
  iteration?.unroll();
}
