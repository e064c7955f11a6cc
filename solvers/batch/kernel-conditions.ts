/**
 * The conditions of events of the state along a trajectory's steps, in kernels: where one reaches zero within a step, and when they do so too
 * often. The rules are those of single solves (step-loop/conditions.ts).
 */
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import { DIRECTIONS, FOLLOWED, RESIDUAL, ROUNDING } from "../step-loop/conditions.ts";
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
    this.numbers.set("jumping", b.f64(-1));
    this.numbers.set("isUnseen", b.f64(0));
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
    const { b, values, signs, ways, residual } = this;
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
    const { b, values, signs, residual, nextValues, nextSigns } = this;
    this.each((j) => {
      b.store(values, j, b.load(nextValues, j));
      const sign = b.load(nextSigns, j);
      b.store(signs, j, sign);
      b.store(residual, j, b.operation("select", b.operation("ne", sign, b.f64(0)), b.f64(0), b.load(residual, j)));
    });
  }

  /** Those that were found are met, where the state is here: what they have to leave. Returns whether that is so ever more often. */
  meet(t: Value): Value {
    const { b, met, residual, probe, samples, state, sizes, numbers, n } = this;
    const count = this.length;
    const here = b.slice(b.here.u);
    const isEndless = this.recurrence.note(met, t);
    this.evaluate(probe, b.i32(0), here, t);
    const most = (j: Value): readonly [ArrayDeclaration, Value] => [samples, b.operation("i32.add", j, b.i32(count))];
    this.each((j) => b.store(...most(j), b.times(b.operation("abs", b.load(probe, j)), RESIDUAL)));
    const moves = b.constantArray(
      "roundings",
      Float64Array.from({ length: DIRECTIONS * n }, (_, at) => Math.sin(1 + Math.floor(at / n) + DIRECTIONS * (at % n))),
    );
    b.for(b.i32(0), b.i32(DIRECTIONS), 1, [], (k) => {
      b.range(0, n, (i) => {
        const move = b.load(moves, b.operation("i32.add", b.operation("i32.mul", k, b.i32(n)), i));
        const by = b.times(b.times(b.load(sizes, i), ROUNDING), move);
        b.store(state, i, b.plus(b.get(b.element(b.here.u, i)), by));
      });
      this.evaluate(samples, b.i32(0), this.whole, t);
      this.each((j) => {
        const moved = b.operation("abs", b.operation("sub", b.load(samples, j), b.load(probe, j)));
        const before = b.load(...most(j));
        const isMore = b.operation("bool.and", b.operation("gt", moved, before), b.operation("finite", moved));
        b.store(...most(j), b.operation("select", isMore, moved, before));
      });
      return [];
    });
    this.each((j) => {
      const jumps = b.operation("eq", b.toF64(j), numbers.get("jumping"));
      const left = b.operation("select", jumps, b.f64(0), b.load(...most(j)));
      const isMet = b.operation("ne", b.load(met, j), b.f64(0));
      b.store(residual, j, b.operation("select", isMet, left, b.load(residual, j)));
    });
    return b.operation("bool.or", isEndless, b.operation("ne", numbers.get("isUnseen"), b.f64(0)));
  }
}
