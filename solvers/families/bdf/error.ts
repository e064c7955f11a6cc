/** What counts as an error of a step of a backward differentiation formula. */
import type { ArrayDeclaration, Value } from "../../../src/ir/ir.ts";
import type { AnySlice, Slice, StepBuilder } from "../../step/builder.ts";
import type { Past } from "../multistep/past.ts";
import { leadingCoefficients } from "./tableau.ts";

export interface Corrected {
  readonly u: Slice;
  readonly uNext: Slice;
  readonly atol: Slice;
  readonly rtol: Value;
  readonly correction: Slice;
  readonly past: Past;
  /** An i32. */
  readonly order: Value;
  /** By j: what the differences are multiplied with in the predictor; h/ψⱼ, and their sums. */
  readonly growth: ArrayDeclaration;
  readonly parts: ArrayDeclaration;
  readonly sums: ArrayDeclaration;
}

/** Of the order that is higher by so much, whose predictor is lower by the terms of the differences between. */
export function errorOf(b: StepBuilder, corrected: Corrected, strictness: number, by: -1 | 0 | 1): Value {
  const { u, uNext, atol, rtol, correction } = corrected;
  const term = expectedBeside(b, corrected, by);
  const norm = b.errorNorm((at) => b.operation(by > 0 ? "sub" : "add", at(correction), term(at)), u, uNext, atol, rtol);
  return b.times(errorConstant(b, corrected, by, strictness), norm);
}

/** What the predictor of the order below has less, or that of the order above more. */
function expectedBeside(
  b: StepBuilder,
  { past, growth, order }: Corrected,
  by: -1 | 0 | 1,
): (at: (vector: AnySlice) => Value) => Value {
  if (by === 0) return () => b.f64(0);
  const j = b.operation("i32.add", order, b.i32(by === -1 ? 1 : 2));
  const [weight, difference] = [b.load(growth, j), past.difference(j)];
  return (at) => b.times(weight, at(difference));
}

/** Of the part of the solution that the formula of an order does not see, in u₁ less the predictor, what counts as an error. */
function errorConstant(b: StepBuilder, { parts, sums, order }: Corrected, by: -1 | 0 | 1, strictness: number): Value {
  const k = b.operation("i32.add", order, b.i32(by));
  const above = b.operation("i32.add", k, b.i32(1));
  const leading = b.load(b.constantArray("leading", leadingCoefficients), k);
  const residual = b.operation("abs", b.operation("sub", b.load(sums, above), leading));
  return b.times(b.operation("max", b.load(parts, above), residual), strictness);
}
