/** Where the states of the past lie, seen from both ends of a step. */
import type { Value } from "../../../src/ir/ir.ts";
import type { StepBuilder } from "../../step/builder.ts";
import type { Past } from "./past.ts";

/** A step so many times as long as the one before it is taken without the past: of that, it would magnify what iterations left. */
const LONGEST_STRETCH = 10;

/** Without a past, or with none that serves for a step of length h, the method begins anew; `begin` makes what a step without a past reads. */
export function beginAnew(b: StepBuilder, past: Past, h: Value, begin: () => void): void {
  const longest = b.times(b.operation("abs", past.span(1)), LONGEST_STRETCH);
  const isStretched = b.operation("gt", b.operation("abs", h), longest);
  b.when(b.operation("bool.or", b.operation("eq", past.get("steps"), b.f64(0)), isStretched), () => {
    for (const name of ["steps", "sameOrder", "settled"] as const) past.set(name, 0);
    past.set("order", 1);
    for (let j = 1; j <= past.form.differences; j++) past.setSpan(j, h);
    begin();
  });
}

/**
 * Leaves ψ₁, ψ₂, … in the past at the step's end, and tells of each by what the difference that is divided by it grows along the step,
 * Πᵢ≤ⱼ ψᵢ(n + 1)/ψᵢ(n). Where the method begins, the step's beginning stands for all states before it.
 */
export function measure(
  b: StepBuilder,
  past: Past,
  next: Past,
  h: Value,
  tell: (j: number, span: Value, growth: Value) => void,
): void {
  const isNew = b.operation("eq", past.get("steps"), b.f64(0));
  let growth: Value = b.f64(1);
  for (let j = 1; j <= past.form.differences; j++) {
    const behind = j === 1 ? b.f64(0) : b.operation("select", isNew, b.f64(0), past.span(j - 1));
    const span = b.plus(h, behind);
    next.setSpan(j, span);
    growth = b.times(growth, b.operation("div", span, past.span(j)));
    tell(j, span, growth);
  }
}

/** Runs the body for the numbers from one down to another. */
export function downwards(b: StepBuilder, from: Value, to: number, body: (j: Value) => void): void {
  b.for(from, b.i32(to - 1), -1, [], (j) => (body(j), []));
}

/** Runs the body for the numbers from one on, below another. */
export function upwards(b: StepBuilder, from: number, end: Value, body: (j: Value) => void): void {
  b.for(b.i32(from), end, 1, [], (j) => (body(j), []));
}
