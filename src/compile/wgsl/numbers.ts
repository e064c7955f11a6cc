/** What stands for a real number in shaders. */
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { FUNCTIONS } from "./functions.ts";

export interface ShaderNumbers {
  readonly type: string;
  /** Words of 32 bits of each. */
  readonly words: 1 | 2;
  /** Functions that the forms of operations call. */
  readonly functions: string;
  /** What is done before anything is computed. */
  readonly begin: readonly string[];
  /** A constant that f32 can hold, infinite, or NaN. */
  readonly literal: (x: number) => string;
  readonly operation: (name: ScalarOperationName) => (...args: string[]) => string;
  /** What is shared, from a word on. */
  readonly ofCommon: (word: string) => string;
}

/** Of f32, seven digits. */
export const single: ShaderNumbers = {
  type: "f32",
  words: 1,
  functions: FUNCTIONS,
  begin: [],
  literal: singleLiteral,
  operation: (name) => scalarOperations[name].wgsl,
  ofCommon: (word) => `bitcast<f32>(common_[${word}])`,
};

export function singleLiteral(x: number): string {
  if (Number.isNaN(x)) return "undefined()";
  if (!Number.isFinite(x)) return x > 0 ? "infinity()" : "(-infinity())";
  const text = `${Math.fround(x)}f`;
  return x < 0 || Object.is(x, -0) ? `(-${text.replace("-", "")})` : text;
}
