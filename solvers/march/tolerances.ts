/** The absolute tolerances of derivatives, which grow with them (see ErrorPart). */
import type { ArrayArgument, Value } from "../../src/program/ir.ts";
import type { System } from "../system.ts";
import type { MarchBuilder } from "./builder.ts";

/** Of the relative tolerance: a derivative that has become small is followed to so much of its largest size. */
const SHARE = 0.1;
/** Relative to a state, well above its rounding errors. */
const ROUNDING = 1e-12;

/** After an accepted step, which ended at `u`. */
export function growTolerances(b: MarchBuilder, { parts = [] }: System, u: ArrayArgument): void {
  const size = (i: Value, offset: number): Value =>
    b.operation("abs", b.load(u.array, b.operation("i32.add", u.offset, b.operation("i32.add", i, b.i32(offset)))));
  for (const { from, to, derivativesOf } of parts) {
    if (derivativesOf === undefined) continue;
    b.for(b.i32(from), b.i32(to), 1, [], (i) => {
      const own = b.times(b.times(b.reals.get("rtol"), SHARE), size(i, 0));
      const rounding = b.times(size(i, derivativesOf - from), ROUNDING);
      b.store(b.atol, i, b.operation("max", b.load(b.atol, i), b.operation("max", own, rounding)));
      return [];
    });
  }
}
