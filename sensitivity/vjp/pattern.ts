/** Where the derivatives of a function may be non-zero. */
import type { ProblemCode } from "../../src/problem/code.ts";
import { ReadError } from "../../src/core/errors.ts";
import { fromRows, type SparsityPattern } from "../../src/analysis/sparsity.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";

/** Of ∂f/∂u or ∂f/∂p: everywhere, as far as is known of a function that cannot be read. */
export function patternOf(code: ProblemCode, input: "u" | "p"): SparsityPattern {
  try {
    return derivativesOf(code.rhsProgram()).pattern(input);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const { size } = code.layout[input];
    const row = Int32Array.from({ length: size }, (_, j) => j);
    return fromRows(new Array<Int32Array>(code.output.size).fill(row), size);
  }
}
