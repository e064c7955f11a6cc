/** The sparsity of a right-hand side's derivatives. */
import type { ProblemCode } from "../../src/problem/code.ts";
import { ReadError } from "../../src/core/errors.ts";
import { fromRows, type SparsityPattern } from "../../src/analysis/sparsity.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";

/** The entries of ∂f/∂u or ∂f/∂p that may be non-zero: all of them where the function cannot be read. */
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
