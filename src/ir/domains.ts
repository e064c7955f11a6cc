/** Where operations of a number give one. */
import type { ScalarOperationName } from "./scalar-operations.ts";

/** `least`: of the argument; there, where it is `open`, the result is infinite. `size`: the largest of the argument. */
export type Domain = { readonly least: number; readonly open?: true } | { readonly size: number };

export const domains: Partial<Record<ScalarOperationName, Domain>> = {
  sqrt: { least: 0 },
  log: { least: 0, open: true },
  log2: { least: 0, open: true },
  log10: { least: 0, open: true },
  log1p: { least: -1, open: true },
  acosh: { least: 1 },
  asin: { size: 1 },
  acos: { size: 1 },
  atanh: { size: 1 },
};
