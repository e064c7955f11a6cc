/** Right-hand sides in two parts, of which a method solves for one and takes the other explicitly. */
import { memo } from "../../../src/core/memo.ts";
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { isProgram, type ArrayArgument, type Program, type Value } from "../../../src/ir/ir.ts";
import { partsOf } from "../../../src/passes/parts.ts";
import type { Slice, StepBuilder } from "../../step/builder.ts";
import type { System } from "../../step/system.ts";
import type { ExplicitHalf, SdirkMethod } from "./tableau.ts";

export interface Additive {
  readonly half: ExplicitHalf;
  readonly nonstiff: Program;
  /** The system of the stiff part alone. */
  readonly stiff: System;
}

/** Undefined where the method has no explicit half, or the right-hand side no such parts: it is then solved for as a whole. */
export function additiveOf({ tableau: { explicit } }: SdirkMethod, system: System): Additive | undefined {
  const parts = explicit && isProgram(system.rhs) && partsOf(system.rhs, "stiff", "nonstiff");
  if (!parts) return undefined;
  const [rhs, nonstiff] = parts;
  const jacobian = memo((): System["jacobian"] => ({ ...derivativesOf(rhs).jacobian("u"), blocks: system.blocks }));
  const stiff = Object.create(system, { rhs: { value: rhs }, jacobian: { get: () => jacobian() } }) as System;
  return { half: explicit, nonstiff, stiff };
}

/** The explicit stages of a step; `K`: where h k̂ᵢ lie. */
export function explicitStages(b: StepBuilder, { nonstiff }: Additive, K: (i: number) => Slice, p: Slice, h: Value) {
  const [point, slope] = [b.vector("point"), b.vector("explicit_slope")];
  const takeAt = (i: number, u: Slice, t: Value): void => {
    b.evaluate(nonstiff, slope, u, p, t);
    b.each((at) => b.set(at(K(i)), b.times(h, b.get(at(slope)))));
  };
  return {
    /** At base + z. */
    take(i: number, base: Slice, z: Slice, t: Value): void {
      b.each((at) => b.set(at(point), b.plus(b.get(at(base)), b.get(at(z)))));
      takeAt(i, point, t);
    },
    /** At a state where both parts are known together: what is left is the implicit stage. */
    takeFrom(both: Slice, i: number, u: Slice, t: Value): void {
      takeAt(i, u, t);
      b.each((at) => b.set(at(both), b.operation("sub", b.get(at(both)), b.get(at(K(i))))));
    },
    sum: (weights: readonly number[], at: (vector: Slice) => ArrayArgument): Value =>
      b.combination(weights, (j) => b.get(at(K(j)))),
  };
}
