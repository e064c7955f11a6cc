/** Right-hand sides in two parts, of which a method solves for one and takes the other explicitly. */
import { memo } from "../../../src/core/memo.ts";
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { isProgram, type Program } from "../../../src/ir/ir.ts";
import { partsOf } from "../../../src/passes/parts.ts";
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
