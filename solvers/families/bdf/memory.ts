/**
 * What a multistep method keeps from step to step: the past in modified divided differences (K. E. Brenan, S. L. Campbell, L. R. Petzold,
 * Numerical Solution of Initial-Value Problems in Differential-Algebraic Equations (1996), 5.2),
 *
 *   ψⱼ = tₙ − tₙ₋ⱼ,   φⱼ = ψ₁ ⋯ ψⱼ₋₁ u[tₙ, …, tₙ₋ⱼ₊₁],
 *
 * where φ₁ is the state itself, and lies with it. A step of order k reads φ₂, …, φₖ₊₂ and leaves as many: those of higher orders are
 * not kept.
 */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { AnySlice, History, Slice, StepBuilder } from "../../step/builder.ts";
import { LARGEST_ORDER } from "./tableau.ts";

/**
 * `steps` since it began; `used`: the order of the last one; the `order` of the next one, and how many of that order and length came
 * before it (`sameOrder`); whether it has `settled`, before which orders follow each other; how many tries in a row had too large an error
 * (`failures`).
 */
const SCALARS = ["steps", "used", "order", "sameOrder", "settled", "failures"] as const;
type Scalar = (typeof SCALARS)[number];

/** Of the differences φ₂, φ₃, … so many: an order is judged with those of the next one. */
export const DIFFERENCES = LARGEST_ORDER + 1;

/** An order, a number of steps and lengths; and differences: all of the memory. */
export const bdfHistory: History = { offset: 0, numbers: SCALARS.length + DIFFERENCES, vectors: DIFFERENCES };

export function bdfMemorySize(n: number): number {
  return bdfHistory.numbers + DIFFERENCES * n;
}

/** The past in a memory. */
export function pastIn(b: StepBuilder, { array }: Slice, n: number): Past {
  return new Past(b, { array, offset: 0 }, { array, offset: bdfHistory.numbers }, n);
}

/** The numbers and the vectors of a history. */
export class Past {
  constructor(
    private readonly b: StepBuilder,
    private readonly numbers: Slice,
    private readonly vectors: Slice,
    private readonly n: number,
  ) {}

  get(name: Scalar): Value {
    return this.b.get(this.scalar(SCALARS.indexOf(name)));
  }

  set(name: Scalar, value: Value | number): void {
    this.b.set(this.scalar(SCALARS.indexOf(name)), typeof value === "number" ? this.b.f64(value) : value);
  }

  /** An order, as an i32 from 1 to the largest. */
  order(name: "order" | "used"): Value {
    const { b } = this;
    const [one, most] = [b.i32(1), b.i32(LARGEST_ORDER)];
    const order = b.operation("i32.from_f64", this.get(name));
    const atLeast = b.operation("i32.select", b.operation("i32.ge", order, one), order, one);
    return b.operation("i32.select", b.operation("i32.le", atLeast, most), atLeast, most);
  }

  /** ψⱼ, from ψ₁ to ψ₆. */
  span(j: number): Value {
    return this.b.get(this.scalar(SCALARS.length + j - 1));
  }

  setSpan(j: number, value: Value): void {
    this.b.set(this.scalar(SCALARS.length + j - 1), value);
  }

  /** φⱼ, from φ₂ to φ₇; j is a number or an i32. */
  difference(j: number | Value): AnySlice {
    const { array, offset } = this.vectors;
    if (typeof j === "number") return { array, offset: offset + (j - 2) * this.n };
    const { b } = this;
    return { array, offset: b.operation("i32.add", b.operation("i32.mul", j, b.i32(this.n)), b.i32(offset - 2 * this.n)) };
  }

  private scalar(i: number): ArrayArgument {
    return this.b.slice({ array: this.numbers.array, offset: this.numbers.offset + i });
  }
}
