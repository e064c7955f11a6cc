/**
 * Layouts: how a user's state or parameters (numbers, arrays, ndarrays, nested objects of those) lie in one flat
 * Float64Array. Components are in order of appearance; arrays are row-major.
 */
export type Layout = ScalarLayout | ArrayLayout | StructLayout;

/** A plain number within a struct. */
export interface ScalarLayout {
  readonly kind: "scalar";
  readonly offset: number;
  readonly size: 1;
}

export interface ArrayLayout {
  readonly kind: "array";
  readonly offset: number;
  readonly size: number;
  readonly shape: readonly number[];
  /** What the user handed in, and gets back: a number[], a Float64Array, or an ndarray. */
  readonly container: "array" | "typed" | "ndarray";
}

export interface StructLayout {
  readonly kind: "struct";
  readonly offset: number;
  readonly size: number;
  readonly fields: Readonly<Record<string, Layout>>;
}
