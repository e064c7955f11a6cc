/** Declares what is asked of the reader: a function, its parameters and constants, and what it returns. */
import type { Layout } from "../../arrays/layout.ts";
import type { Samples } from "../constants/bindings.ts";

/** A parameter of the function, bound by position; parameters of the program come in the same order. */
export type ReadParameter =
  /**
   * Seen by the function in the user's shape; one flat f64 array of the program. What the function changes ("inout") is two
   * arrays: an output for what it leaves (`u_after`), then the input that it finds.
   */
  | { readonly kind: "layout"; readonly name: string; readonly layout: Layout; readonly role: "input" | "output" | "inout" }
  | {
      readonly kind: "scalar";
      readonly name: string;
      readonly type?: "f64" | "i32";
      /** It stands behind the constants, whether there are any or not. */
      readonly isLast?: boolean;
    };

/** Any function. */
export type Callable = (...args: never[]) => unknown;

export interface ReadRequest {
  readonly fn: Callable;
  /** For messages, and the program's name. */
  readonly name: string;
  readonly parameters: readonly ReadParameter[];
  /** Bound to the function's parameter after those. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** Nothing (it works in place), a number (the program's result), or a value stored to an output array, the program's first parameter. */
  readonly returns:
    | { readonly kind: "nothing" }
    | { readonly kind: "scalar" }
    | { readonly kind: "layout"; readonly name: string; readonly layout: Layout };
  /** Arguments to find out by what the function's free names stand for. Default: made up. */
  readonly samples?: Samples;
  /**
   * What of the constants is data, where it can be: their arrays, or numbers that change, too. Then the reading is to be held while its
   * program is in use. Default: nothing.
   */
  readonly data?: "arrays" | "numbers";
}
