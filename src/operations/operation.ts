/** What every array operation declares. */
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/ir.ts";
import type { NdArray } from "../arrays/ndarray.ts";
import type { ArrayValue } from "../core/array-values.ts";
import type { Operand, View } from "./view.ts";

/** An array or a number, as the plain functions take them. */
export type Numeric = number | ArrayValue;

export type Dense = NdArray<Float64Array>;

export interface ArrayOperation<Plain extends (...args: never[]) => Dense | number = (...args: never[]) => Dense | number> {
  readonly name: string;
  /** How many leading arguments are arrays or numbers ("list": one argument, an array of them). What follows are static options. */
  readonly operands: number | "list";
  /** The first argument is an object: this field of it is the first operand, the others together are the first option. */
  readonly field?: string;
  /** Result shape from operand shapes ([] is a scalar). Throws ShapeMismatch. */
  resultShape(shapes: readonly (readonly number[])[], options: readonly unknown[]): readonly number[];
  /**
   * Emits loops that store the result into `result`, a view of a whole array that no operand lies in; a scalar result is
   * returned instead. The innermost loop is contiguous in as many operands as can be, for SIMD.
   */
  lower(b: Builder, operands: readonly Operand[], result: View | undefined, options: readonly unknown[]): Value | void;
  /**
   * The result as another view of the operand, where it is one: saves the copy where the caller knows that the
   * operand is not written while the result is used.
   */
  alias?(b: Builder, source: View, options: readonly unknown[]): View | undefined;
  /** The function that users call. */
  readonly plain: Plain;
}

/** The operations of a family: one row each, one body for all. */
export function family<Name extends string, Row, Operation>(
  rows: Readonly<Record<Name, Row>>,
  body: (name: string, row: Row) => Operation,
): Readonly<Record<Name, Operation>> {
  const entries = Object.entries<Row>(rows).map(([name, row]) => [name, body(name, row)]);
  return Object.fromEntries(entries) as Record<Name, Operation>;
}
