/**
 * The conditions of events of the state along a trajectory's steps, in kernels: where one reaches zero within a step, and when they do so too
 * often. The rules are those of single solves (step-loop/conditions.ts).
 */
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import { AT_ONCE, DIRECTIONS, FALLS, FOLLOWED, RESIDUAL, ROUNDING } from "../step-loop/condition-thresholds.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import { CrossingSearch } from "./crossing-search.ts";
import type { KernelEvents } from "./kernel-events.ts";
import { KernelRecurrence } from "./kernel-recurrence.ts";

export class KernelConditions extends CrossingSearch {
  private readonly recurrence: KernelRecurrence;

  constructor(b: BatchBuilder, events: KernelEvents) {
    super(b, events);
    this.recurrence = new KernelRecurrence(b, this.length);
  }

  reset(): void {
    const { b } = this;
    for (const array of [this.signs, this.ways, this.residual, this.met, this.counts, this.values, this.sizes])
      b.fill(array, b.f64(0));
    this.numbers.clear();
    this.recurrence.reset();
  }

  /** How often the event of condition j took place before, and it does once more. */
  count(j: number): Value {
    const { b, counts } = this;
    const before = b.load(counts, b.i32(j));
    b.store(counts, b.i32(j), b.plus(before, b.f64(1)));
    return b.operation("i32.from_f64", before);
  }

  isMet(j: number): Value {
    return this.b.operation("ne", this.b.load(this.met, this.b.i32(j)), this.b.f64(0));
  }

  /** At a state of the trajectory. */
  valueAt(j: Value, u: ArrayArgument, t: Value): Value {
    const { b, probe } = this;
    this.evaluate(probe, b.i32(0), u, t);
    return b.load(probe, b.operation("i32.from_f64", j));
  }

  /** Behind a jump, or at the beginning; `velocity`: the derivative of the state here is known. */
  begin(t: Value, velocity: boolean): void {
    const { b, values, signs, ways, residual, sizes } = this;
    b.fill(sizes, b.f64(0));
    this.evaluate(values, b.i32(0), b.slice(b.here.u), t);
    this.each((j) => {
      const value = b.load(values, j);
      const isResidual = b.operation("le", b.operation("abs", value), b.load(residual, j));
      b.store(signs, j, b.operation("select", isResidual, b.f64(0), b.operation("sign", value)));
      b.store(ways, j, b.f64(0));
    });
    if (velocity) this.follow(t);
  }

  /** Where those at zero set out to, by central differences. */
  private follow(t: Value): void {
    const { b, signs, ways, residual, samples, state, n } = this;
    const span = b.operation("sub", b.setting("t1"), b.setting("t0"));
    const first = b.f64(FOLLOWED.first);
    const { here } = b;
    b.while(
      [first],
      ([part]) => b.operation("bool.and", b.operation("le", part, b.f64(FOLLOWED.last)), this.hasZero(ways)),
      ([part]) => {
        b.for(b.i32(0), b.i32(2), 1, [], (side) => {
          const sign = b.operation("sub", b.times(b.toF64(side), 2), b.f64(1));
          const time = b.times(b.times(sign, part), span);
          b.range(0, n, (i) =>
            b.store(state, i, b.plus(b.get(b.element(here.u, i)), b.times(time, b.get(b.element(here.f, i))))),
          );
          this.evaluate(samples, b.operation("i32.mul", side, b.i32(this.length)), this.whole, b.plus(t, time));
          return [];
        });
        this.each((j) => {
          const after = b.load(samples, b.operation("i32.add", j, b.i32(this.length)));
          const change = b.operation("sub", after, b.load(samples, j));
          const isChange = b.operation("gt", b.operation("abs", change), b.times(b.load(residual, j), 2 * RESIDUAL));
          const isZero = b.operation("eq", b.load(signs, j), b.f64(0));
          const isOpen = b.operation("bool.and", isZero, b.operation("eq", b.load(ways, j), b.f64(0)));
          const way = b.operation("select", isChange, b.operation("sign", change), b.f64(0));
          b.store(ways, j, b.operation("select", isOpen, way, b.load(ways, j)));
        });
        return [b.times(part, FOLLOWED.growth)];
      },
    );
  }

  /** A step that met nothing is taken. */
  accept(): void {
    const { b, values, signs, residual, nextValues, nextSigns, sizes } = this;
    b.fill(sizes, b.f64(0));
    this.each((j) => {
      b.store(values, j, b.load(nextValues, j));
      const sign = b.load(nextSigns, j);
      b.store(signs, j, sign);
      b.store(residual, j, b.operation("select", b.operation("ne", sign, b.f64(0)), b.f64(0), b.load(residual, j)));
    });
  }

  /**
   * A condition is met, where the state is here, at the end of the step looked at or, `isAtStart`, where that begins; what crossed by then is met with
   * it, and all have to leave what they are here. Returns whether they are met ever more often.
   */
  meet(t: Value, { first, beyond, isAtStart }: Record<"first" | "beyond" | "isAtStart", Value>): Value {
    const { b, met, residual, rounding, probe, numbers } = this;
    this.evaluate(probe, b.i32(0), b.slice(b.here.u), t);
    this.findRounding(t);
    this.each((j) => {
      const isFirst = b.operation("eq", b.toF64(j), first);
      const isMet = b.operation("bool.or", isFirst, this.isCrossed(j, t, isAtStart));
      b.store(met, j, b.operation("select", isMet, b.f64(1), b.f64(0)));
      // Nothing of what jumps is left behind that.
      const jumps = b.operation("bool.and", isFirst, b.operation("ne", beyond, b.f64(0)));
      const own = b.times(b.operation("abs", b.load(probe, j)), RESIDUAL);
      const left = b.operation("select", jumps, b.f64(0), b.operation("max", own, b.load(rounding, j)));
      b.store(residual, j, b.operation("select", isMet, left, b.load(residual, j)));
    });
    const isEndless = this.recurrence.note(met, t);
    return b.operation("bool.or", isEndless, b.operation("ne", numbers.get("isUnseen"), b.f64(0)));
  }

  /** Did condition j cross where another one is met, or is it no farther from zero than the state and the time are known, and on its way there? */
  private isCrossed(j: Value, t: Value, isAtStart: Value): Value {
    const { b, signs, values, nextValues, probe, directions, numbers } = this;
    const both = (...all: readonly Value[]): Value => all.reduce((x, y) => b.operation("bool.and", x, y));
    const sign = b.load(signs, j);
    const of = (x: Value): Value => b.times(sign, x);
    const value = of(b.load(probe, j));
    const isAsked = both(b.operation("ne", sign, b.f64(0)), b.operation("ne", b.load(directions, j), sign));
    const since = b.operation("sub", of(b.load(values, j)), value);
    const until = b.operation("sub", value, of(b.load(nextValues, j)));
    const fall = b.operation("select", isAtStart, until, since);
    const length = numbers.get("length");
    const late = b.times(b.operation("max", b.operation("abs", t), length), AT_ONCE);
    const rounding = b.plus(b.load(this.rounding, j), b.times(b.operation("div", fall, length), late));
    const isNear = both(
      b.operation("le", value, rounding),
      b.operation("gt", fall, b.times(value, FALLS)),
      b.operation("gt", fall, b.times(rounding, FALLS)),
    );
    return both(isAsked, b.operation("bool.or", b.operation("le", value, b.f64(0)), isNear));
  }

  /** What conditions, which are `probe` here, change by where the state is moved by its rounding. */
  private findRounding(t: Value): void {
    const { b, rounding, probe, samples, state, sizes, n } = this;
    const moves = b.constantArray(
      "roundings",
      Float64Array.from({ length: DIRECTIONS * n }, (_, at) => Math.sin(1 + Math.floor(at / n) + DIRECTIONS * (at % n))),
    );
    b.fill(rounding, b.f64(0));
    b.for(b.i32(0), b.i32(DIRECTIONS), 1, [], (k) => {
      b.range(0, n, (i) => {
        const move = b.load(moves, b.operation("i32.add", b.operation("i32.mul", k, b.i32(n)), i));
        const by = b.times(b.times(b.load(sizes, i), ROUNDING), move);
        b.store(state, i, b.plus(b.get(b.element(b.here.u, i)), by));
      });
      this.evaluate(samples, b.i32(0), this.whole, t);
      this.each((j) => {
        const moved = b.operation("abs", b.operation("sub", b.load(samples, j), b.load(probe, j)));
        const before = b.load(rounding, j);
        const isMore = b.operation("bool.and", b.operation("gt", moved, before), b.operation("finite", moved));
        b.store(rounding, j, b.operation("select", isMore, moved, before));
      });
      return [];
    });
  }
}
