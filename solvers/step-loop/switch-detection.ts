/**
 * Steps across a jump or a kink of the right-hand side. Error estimates rest on smoothness: of a step with a kink within they may be
 * small by chance, so such steps are held to a smaller error (on the order lost there: C. W. Gear, O. Østerby, Solving ordinary
 * differential equations with discontinuities, ACM TOMS 10 (1984) 23–44).
 */
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import type { Slice, StepBuilder } from "../step/builder.ts";
import type { System } from "../step/system.ts";

/** Times that an estimate counts. */
const STRICTER = 100;

export interface SwitchDetection {
  /** The first step is from here. */
  begin(u: ArrayArgument, t: Value): void;
  /** The error of a step to a state and a time, by its estimate. */
  judge(estimate: Value, u: ArrayArgument, t: Value): Value;
  /** The step that was judged last is taken. */
  accept(): void;
}

/** `memory` makes what a step leaves to the next. */
export function switchDetection(
  b: StepBuilder,
  { switches }: System,
  p: ArrayArgument,
  memory = (name: string, size: number): Slice => ({ array: b.localArray(name, size), offset: 0 }),
): SwitchDetection {
  if (!switches) return { begin: () => {}, judge: (estimate) => estimate, accept: () => {} };
  const before = b.slice(memory("switches_before", 1));
  const after = b.slice({ array: b.localArray("switches_after", 1), offset: 0 });
  const at = (outcome: ArrayArgument, u: ArrayArgument, t: Value): void => void b.call(switches, [outcome, u, p, t]);
  return {
    begin: (u, t) => at(before, u, t),
    judge(estimate, u, t) {
      at(after, u, t);
      const switched = b.operation("ne", b.get(before), b.get(after));
      return b.times(estimate, b.operation("select", switched, b.f64(STRICTER), b.f64(1)));
    },
    accept: () => b.set(before, b.get(after)),
  };
}
