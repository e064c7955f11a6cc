/**
 * What multistep methods keep from step to step: numbers of steps, orders and lengths, and the past in modified divided differences (F. T.
 * Krogh, Changing stepsize in the integration of differential equations using modified divided differences, Lecture Notes in Mathematics 362
 * (1974) 22–71) of the state or of its derivative.
 */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { AnySlice, History, Slice, StepBuilder } from "../../step/builder.ts";

/**
 * `steps` since it began; `used`: the order of the last one; the `order` of the next one, and how many of that order and length came
 * before it (`sameOrder`); whether it has `settled`, before which orders follow each other; how many tries in a row had too large an error
 * (`failures`).
 */
const SCALARS = ["steps", "used", "order", "sameOrder", "settled", "failures"] as const;
type Scalar = (typeof SCALARS)[number];

/** What of the past a family keeps: so many spans ψ₁, ψ₂, …, and as many differences, of which the lowest has this index. */
export interface PastForm {
  readonly largestOrder: number;
  readonly differences: number;
  readonly lowest: number;
}

/** All of the memory. */
export function historyOf({ differences }: PastForm): History {
  return { offset: 0, numbers: SCALARS.length + differences, vectors: differences };
}

export function memorySizeOf(form: PastForm, n: number): number {
  const { numbers, vectors } = historyOf(form);
  return numbers + vectors * n;
}

/** The past in a memory. */
export function pastIn(b: StepBuilder, form: PastForm, { array }: Slice, n: number): Past {
  return new Past(b, form, { array, offset: 0 }, { array, offset: historyOf(form).numbers }, n);
}

/** The numbers and the vectors of a history. */
export class Past {
  constructor(
    private readonly b: StepBuilder,
    readonly form: PastForm,
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
    const [one, most] = [b.i32(1), b.i32(this.form.largestOrder)];
    const order = b.operation("i32.from_f64", this.get(name));
    const atLeast = b.operation("i32.select", b.operation("i32.ge", order, one), order, one);
    return b.operation("i32.select", b.operation("i32.le", atLeast, most), atLeast, most);
  }

  /** ψⱼ = tₙ − tₙ₋ⱼ, from ψ₁ on. */
  span(j: number): Value {
    return this.b.get(this.scalar(SCALARS.length + j - 1));
  }

  setSpan(j: number, value: Value): void {
    this.b.set(this.scalar(SCALARS.length + j - 1), value);
  }

  /** φⱼ; j is a number or an i32. */
  difference(j: number | Value): AnySlice {
    const { array, offset } = this.vectors;
    const { lowest } = this.form;
    if (typeof j === "number") return { array, offset: offset + (j - lowest) * this.n };
    const { b } = this;
    return { array, offset: b.operation("i32.add", b.operation("i32.mul", j, b.i32(this.n)), b.i32(offset - lowest * this.n)) };
  }

  private scalar(i: number): ArrayArgument {
    return this.b.slice({ array: this.numbers.array, offset: this.numbers.offset + i });
  }
}
