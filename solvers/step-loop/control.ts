/**
 * What every loop over steps does between two tries, whether it carries its numbers in memory (one state: step-loop.ts) or in registers
 * (many at once: solvers/batch): which step to try, and how long the next one is.
 */
import type { Value } from "../../src/ir/ir.ts";
import type { StepBuilder } from "../step/builder.ts";
import type { Controller, Memory } from "../step/controller.ts";

/** A step that would leave less than this part of itself to the next stop goes to the stop. */
export const STRETCH = 1.01;
/** The same for steps of fixed length, and for the longest, also in single precision: rounding only. */
export const FIXED_STRETCH = 1 + 1e-9;
const LONGEST_STRETCH = 1 + 1e-6;

export interface Bounds {
  /** Where the step ends at the latest, and how long it may be. */
  readonly stop: Value;
  readonly longest: Value;
  /** 1 or -1. */
  readonly direction: Value;
  readonly stretch: Value;
}

export interface Proposal {
  /** What was asked for, no longer than the longest. */
  readonly h: Value;
  /** What is tried, and where it ends. */
  readonly length: Value;
  readonly tNext: Value;
  /** A bool: that is the stop. */
  readonly toStop: Value;
}

/** The step to try from t where one of length `asked` was asked for. */
export function propose(b: StepBuilder, t: Value, asked: Value, { stop, longest, direction, stretch }: Bounds): Proposal {
  const isLonger = b.operation("gt", b.operation("abs", asked), longest);
  const h = b.operation("select", isLonger, b.times(direction, longest), asked);
  const remaining = b.operation("sub", stop, t);
  const reach = b.operation("min", b.times(stretch, b.operation("abs", h)), b.times(longest, LONGEST_STRETCH));
  const toStop = b.operation("le", b.operation("abs", remaining), reach);
  const length = b.operation("select", toStop, remaining, h);
  return { h, length, tNext: b.operation("select", toStop, stop, b.plus(t, length)), toStop };
}

/** After a step that was accepted with such an error: what to ask for next, and what to remember. */
export function afterAccepted(
  b: StepBuilder,
  controller: Controller,
  error: Value,
  { h, length, toStop }: Proposal,
  memory: Memory,
): { readonly h: Value; readonly remembered: readonly Value[] } {
  const { factor, remembered } = controller.accept(b, error, length, memory);
  const grown = b.times(length, factor);
  // A step cut short says little of how long the next may be.
  const isShorter = b.operation("bool.not", b.operation("gt", b.operation("abs", grown), b.operation("abs", h)));
  return { h: b.operation("select", b.operation("bool.and", toStop, isShorter), h, grown), remembered };
}
