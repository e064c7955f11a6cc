/** The ends of time. */
import { BadTimeSpan } from "../errors.ts";
import type { Check } from "./check.ts";
import { shown } from "./kinds.ts";

/** Throws {@link BadTimeSpan} unless it is two different finite numbers. */
export function checkTimeSpan(tspan: unknown): asserts tspan is readonly [number, number] {
  if (!isPair(tspan) || !tspan.every(Number.isFinite)) {
    const what = Array.isArray(tspan) && tspan.length < 4 ? `[${Array.from(tspan, shown).join(", ")}]` : shown(tspan);
    throw new BadTimeSpan(`tspan is ${what}, but must be two finite numbers, [start, end].`);
  }
  if (tspan[0] === tspan[1]) {
    throw new BadTimeSpan(
      `tspan is [${tspan.join(", ")}], which has no length. The end must differ from the start; it may be the earlier one.`,
    );
  }
}

export const timeSpan: Check = checkTimeSpan;

function isPair(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length === 2;
}
