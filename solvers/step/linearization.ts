/**
 * The Jacobian for the matrix of an implicit step. Where the derivative of f is infinite or no number, as that of a root at zero is, its
 * entries count as zeros: the step is explicit in them, and its error is judged like any other's.
 */
import type { Value } from "../../src/ir/ir.ts";
import type { Slice, StepBuilder } from "./builder.ts";
import { isMatrixFree, type Linearization } from "./factorized-system.ts";
import { place } from "./matrix-free.ts";

/** As it is. */
export function linearizeAt(b: StepBuilder, of: Linearization, values: Slice, u: Slice, p: Slice, t: Value): void {
  if (!isMatrixFree(of)) return b.evaluate(of.values, values, u, p, t);
  const kept = place(values, of);
  b.each((at) => b.set(at(kept.u), b.get(at(u))));
  b.range(0, of.np, (i) => b.set(b.element(kept.p, i), b.get(b.element(p, i))));
  b.set(b.slice(kept.t), t);
}

/** Returns what a verdict says of its entries: zero, or 1 + the number of the first that is not finite. */
export function evaluateJacobian(b: StepBuilder, jacobian: Linearization, values: Slice, u: Slice, p: Slice, t: Value): Value {
  linearizeAt(b, jacobian, values, u, p, t);
  if (isMatrixFree(jacobian)) return b.f64(0);
  return zeroInfinities(b, values, jacobian.pattern.rowIndices.length, 0, b.f64(0));
}

/** `number`: of the first of them; `found`: what was found before. */
export function zeroInfinities(b: StepBuilder, values: Slice, size: number, number: number, found: Value): Value {
  return b.for(b.i32(0), b.i32(size), 1, [found], (i, [first]) => {
    const at = b.element(values, i);
    const isFinite = b.operation("lt", b.operation("abs", b.get(at)), b.f64(Infinity));
    b.when(
      isFinite,
      () => {},
      () => b.set(at, b.f64(0)),
    );
    const keeps = b.operation("bool.or", isFinite, b.operation("gt", first, b.f64(0)));
    return [b.operation("select", keeps, first, b.plus(b.toF64(i), b.f64(1 + number)))];
  })[0];
}
