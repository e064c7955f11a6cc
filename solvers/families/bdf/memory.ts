/**
 * What a multistep method keeps from step to step: the past in modified divided differences (K. E.
 * Brenan, S. L. Campbell, L. R. Petzold, Numerical Solution of Initial-Value Problems in Differential-Algebraic Equations (1996), 5.2),
 *
 *   ψⱼ = tₙ − tₙ₋ⱼ,   φⱼ = ψ₁ ⋯ ψⱼ₋₁ u[tₙ, …, tₙ₋ⱼ₊₁],
 *
 * where φ₁ is the state itself, and lies with it.
 */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { History, Slice, StepBuilder } from "../../step/builder.ts";
import { LARGEST_ORDER } from "./tableau.ts";

/**
 * `steps` since it began; the `order` of the next one, and how many of that order and length came before it (`sameOrder`); whether it has
 * `settled`, before which orders follow each other; how many tries in a row had too large an error (`failures`).
 */
const SCALARS = ["steps", "order", "sameOrder", "settled", "failures"] as const;
type Scalar = (typeof SCALARS)[number];

/** Of the differences φ₂, φ₃, … so many: an order is judged with those of the next one. */
export const DIFFERENCES = LARGEST_ORDER + 1;

/** An order, a number of steps and lengths; and differences: all of the memory. */
export const bdfHistory: History = { offset: 0, numbers: SCALARS.length + DIFFERENCES, vectors: DIFFERENCES };

export function bdfMemorySize(n: number): number {
  return bdfHistory.numbers + DIFFERENCES * n;
}

/** The past as it lies in a memory. */
export class Past {
  constructor(
    private readonly b: StepBuilder,
    private readonly memory: Slice,
    private readonly n: number,
  ) {}

  get(name: Scalar): Value {
    return this.b.get(this.scalar(SCALARS.indexOf(name)));
  }

  set(name: Scalar, value: Value | number): void {
    this.b.set(this.scalar(SCALARS.indexOf(name)), typeof value === "number" ? this.b.f64(value) : value);
  }

  /** ψⱼ, from ψ₁ to ψ₆. */
  span(j: number): Value {
    return this.b.get(this.scalar(SCALARS.length + j - 1));
  }

  setSpan(j: number, value: Value): void {
    this.b.set(this.scalar(SCALARS.length + j - 1), value);
  }

  /** φⱼ, from φ₂ to φ₇. */
  difference(j: number): Slice {
    return { array: this.memory.array, offset: bdfHistory.numbers + (j - 2) * this.n };
  }

  private scalar(i: number): ArrayArgument {
    return this.b.slice({ array: this.memory.array, offset: i });
  }
}
