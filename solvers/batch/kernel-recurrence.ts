/** Things that take place along a trajectory in a kernel, and when they do so too often: by the rules of step-loop/recurrence.ts. */
import type { ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import { CHATTER, SHORT } from "../step-loop/recurrence.ts";
import type { BatchBuilder } from "./batch-builder.ts";

/** Times of each that are looked at. */
const LATEST = 4;

export class KernelRecurrence {
  /** The latest times at which each took place, the last one last; how often it did; and the same of all, round and round. */
  private readonly each: ArrayDeclaration;
  private readonly times: ArrayDeclaration;
  private readonly all: ArrayDeclaration;

  constructor(
    private readonly b: BatchBuilder,
    private readonly count: number,
  ) {
    this.each = b.remembered("recurrence_each", LATEST * count).array;
    this.times = b.remembered("recurrence_times", count + 1).array;
    this.all = b.remembered("recurrence_all", CHATTER).array;
  }

  reset(): void {
    this.b.fill(this.times, this.b.f64(0));
  }

  /** Those that are marked take place at t. Do they so ever more often? A bool. */
  note(marked: ArrayDeclaration, t: Value): Value {
    const { b, each, times, all, count } = this;
    const size = (x: Value): Value => b.operation("abs", x);
    const span = size(b.operation("sub", b.setting("t1"), b.setting("t0")));
    const short = b.times(b.operation("max", span, size(t)), SHORT);
    const [accumulates] = b.for(b.i32(0), b.i32(count), 1, [b.f64(0)], (j, [so]) => {
      const is = b.operation("ne", b.load(marked, j), b.f64(0));
      const at = (k: number): Value => b.operation("i32.add", b.operation("i32.mul", j, b.i32(LATEST)), b.i32(k));
      b.when(is, () => {
        for (let k = 1; k < LATEST; k++) b.store(each, at(k - 1), b.load(each, at(k)));
        b.store(each, at(LATEST - 1), t);
        b.store(times, j, b.plus(b.load(times, j), b.f64(1)));
      });
      const [first, second, third] = [1, 2, 3].map((k) => size(b.operation("sub", b.load(each, at(k)), b.load(each, at(k - 1)))));
      const shrinks = b.operation("bool.and", b.operation("lt", second, first), b.operation("lt", third, second));
      const ratio = b.operation("div", third, second);
      const rest = b.times(third, b.operation("div", ratio, b.operation("sub", b.f64(1), ratio)));
      const isMany = b.operation("ge", b.load(times, j), b.f64(LATEST));
      const isSoon = b.operation("bool.and", b.operation("bool.and", isMany, shrinks), b.operation("le", rest, short));
      return [b.operation("select", b.operation("bool.and", is, isSoon), b.f64(1), so)];
    });
    const noted = b.load(times, b.i32(count));
    const place = (x: Value): Value => b.operation("i32.rem", b.operation("i32.from_f64", x), b.i32(CHATTER));
    b.store(all, place(noted), t);
    const next = b.plus(noted, b.f64(1));
    b.store(times, b.i32(count), next);
    const first = b.load(all, place(next));
    const isFull = b.operation("ge", next, b.f64(CHATTER));
    const isChatter = b.operation("bool.and", isFull, b.operation("le", size(b.operation("sub", t, first)), short));
    return b.operation("bool.or", isChatter, b.operation("ne", accumulates, b.f64(0)));
  }
}
