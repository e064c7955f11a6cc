/** The absolute tolerances of derivatives, which grow with them (see ErrorPart). */
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import type { StepBuilder } from "../step/builder.ts";
import type { System } from "../step/system.ts";

/** Of the relative tolerance: a derivative that has become small is followed to so much of its largest size. */
export const SHARE_OF_LARGEST = 0.1;
/** Relative to a state, well above its rounding errors. */
const ROUNDING = 1e-12;

export interface Grown {
  readonly atol: ArrayArgument;
  readonly rtol: Value;
  /** Where an accepted step ended. */
  readonly u: ArrayArgument;
}

export function growTolerances(b: StepBuilder, { parts = [] }: System, { atol, rtol, u }: Grown): void {
  const at = ({ array, offset }: ArrayArgument, i: Value): ArrayArgument => ({
    array,
    offset: b.operation("i32.add", offset, i),
  });
  for (const { from, to, derivativesOf } of parts) {
    if (derivativesOf === undefined) continue;
    b.range(from, to, (i) => {
      const state = b.operation("i32.add", i, b.i32(derivativesOf - from));
      const [size, stateSize] = [i, state].map((component) => b.operation("abs", b.get(at(u, component))));
      const grown = b.operation("max", b.times(b.times(rtol, SHARE_OF_LARGEST), size), b.times(stateSize, ROUNDING));
      b.set(at(atol, i), b.operation("max", b.get(at(atol, i)), grown));
    });
  }
}
