/** The size of what a step changes, beside the tolerances. */
import type { Value } from "../../src/ir/ir.ts";
import type { Slice, StepBuilder } from "../step/builder.ts";

type Term = Parameters<StepBuilder["sum"]>[0];

/** Root mean square over atol + rtol |u|, of the first n components. */
export function scaledNorm(
  b: StepBuilder,
  n: number,
  { u, atol }: { readonly u: Slice; readonly atol: Slice },
  rtol: Value,
): (of: Term) => Value {
  return (of) => {
    const squares = b.sum(
      (element) => {
        const scale = b.plus(element(atol), b.times(rtol, b.operation("abs", element(u))));
        const ratio = b.operation("div", of(element), scale);
        return b.times(ratio, ratio);
      },
      0,
      n,
    );
    return b.operation("sqrt", b.times(squares, 1 / n));
  };
}
