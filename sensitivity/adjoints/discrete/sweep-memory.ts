/** What the program of the reverse sweep works on: its parameters, and the registers by which it and its caller talk. */
import { numbered, Registers } from "../../../src/ir/registers.ts";
import { sizeOfState } from "../../../solvers/step-loop/kept-states.ts";
import { sizeOfPast, type AdjointParts } from "../../../solvers/step/adjoint.ts";
import type { StepBuilder } from "../../../solvers/step/builder.ts";

/** The numbers that the program is given and gives back, by their indices. */
export const real = numbered([
  /** The direction of the solve, 1 or -1. */
  "direction",
  /** The relative tolerance. */
  "rtol",
  /** The loss so far. */
  "value",
  /** The time at which a part of the loss is not finite, and its value. */
  "badTime",
  "badValue",
]);

/** The integers likewise. */
export const integer = numbered([
  /** The number of steps left in the block, and whether the first of the stretch is among them. */
  "steps",
  "first",
  /** The number of the loss's times left in memory, and whether there are more before them. */
  "times",
  "more",
  /** The number of steps of the block whose factors are kept: the first ones. */
  "kept",
  /** Whether losses within the present step have cotangents in its record. */
  "touched",
  "outcome",
  /** The number of records of steps that were made again. */
  "recorded",
]);

/** All steps are done; the loss's times in memory are used up; a summand, or the integrand, is not finite. */
export const outcome = { done: 0, paused: 1, badSummand: 2, badIntegrand: 3 } as const;

export interface SweepSizes {
  /** The number of steps in a block. */
  readonly block: number;
  /** The number of the loss's times in memory at once. */
  readonly times: number;
}

/** The numbers in the record of a step. */
export function recordStride({ system, programs }: AdjointParts): number {
  return sizeOfState(programs, system.n) + programs.stages * system.n;
}

/** Declares the parameters in their order, and local arrays. */
export function declare(b: StepBuilder, parts: AdjointParts, { block, times }: SweepSizes) {
  const { n, np } = parts.system;
  const { workSize, recordSize, factors } = parts.programs;
  return {
    // Inout, for dense output takes its stages as work.
    records: b.arrayParameter("records", (block + 1) * recordStride(parts), "inout"),
    stepTimes: b.arrayParameter("stepTimes", block + 1, "input"),
    lossTimes: b.arrayParameter("lossTimes", times + 1, "input"),
    lossIndices: b.arrayParameter("lossIndices", times + 1, "input", "i32"),
    states: b.arrayParameter("states", (times + 1) * n, "input"),
    p: b.vectorParameter("p", "input", np),
    atol: b.vectorParameter("atol", "input"),
    lambda: b.vectorParameter("lambda", "inout"),
    slope: b.vectorParameter("slope", "inout"),
    past: b.vectorParameter("past", "inout", sizeOfPast(parts)),
    bar: b.vectorParameter("bar", "inout", recordSize),
    gradient: b.vectorParameter("gradient", "inout", np),
    factors: b.arrayParameter("factors", block * factors.size, "inout"),
    reals: new Registers(b, "reals", real, "f64"),
    integers: new Registers(b, "integers", integer, "i32"),
    stretched: b.localArray("work", workSize),
    record: { array: b.localArray("record", recordSize), offset: b.i32(0) },
    node: { array: b.localArray("node", n), offset: b.i32(0) },
  };
}
