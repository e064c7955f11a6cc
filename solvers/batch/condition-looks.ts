/** What kernels hold of the conditions of events of the state, and how they look at them along a step that was tried. */
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import { interpolate } from "../step-loop/interpolant.ts";
import { PARTS, SOON } from "../step-loop/condition-thresholds.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import type { KernelEvents } from "./kernel-events.ts";
import { Numbers } from "./numbers.ts";

/** Parts of a step at which conditions are looked at, and those besides after one was met. */
const FEW = Float64Array.of(...PARTS, 1);
const MANY = Float64Array.of(...[...SOON, ...PARTS].sort((a, b) => a - b), 1);

const WAY = { up: 1, down: -1, both: 0 } as const;

export abstract class ConditionLooks {
  /** The events that have conditions, by their indices among all. */
  readonly list: readonly number[];
  protected readonly length: number;
  protected readonly n: number;
  /** As in step-loop/conditions.ts. */
  protected readonly values: ArrayDeclaration;
  protected readonly signs: ArrayDeclaration;
  protected readonly ways: ArrayDeclaration;
  protected readonly residual: ArrayDeclaration;
  protected readonly sizes: ArrayDeclaration;
  protected readonly met: ArrayDeclaration;
  protected readonly counts: ArrayDeclaration;
  protected readonly nextValues: ArrayDeclaration;
  protected readonly nextSigns: ArrayDeclaration;
  protected readonly numbers: Numbers<"isUnseen" | "length">;
  /** The condition found of each, whether it was, and its values at samples, those of one sample after the other, with the times. */
  protected readonly foundT: ArrayDeclaration;
  protected readonly foundV: ArrayDeclaration;
  protected readonly isFound: ArrayDeclaration;
  protected readonly samples: ArrayDeclaration;
  protected readonly times: ArrayDeclaration;
  protected readonly dipT: ArrayDeclaration;
  protected readonly dipV: ArrayDeclaration;
  protected readonly hasDip: ArrayDeclaration;
  protected readonly state: ArrayDeclaration;
  protected readonly probe: ArrayDeclaration;
  protected readonly rounding: ArrayDeclaration;
  protected readonly directions: ArrayDeclaration;
  protected readonly few: ArrayDeclaration;
  protected readonly many: ArrayDeclaration;

  constructor(
    protected readonly b: BatchBuilder,
    protected readonly events: KernelEvents,
  ) {
    this.list = events.flatMap(({ when }, k) => (when ? [k] : []));
    const count = (this.length = this.list.length);
    const n = (this.n = b.primal.n);
    const kept = (name: string, size: number): ArrayDeclaration => b.remembered(`conditions_${name}`, size).array;
    [this.values, this.signs, this.ways, this.residual] = ["values", "signs", "ways", "residual"].map((name) =>
      kept(name, count),
    );
    [this.met, this.counts] = ["met", "counts"].map((name) => kept(name, count));
    this.sizes = kept("sizes", n);
    this.numbers = new Numbers(b, "conditions_found", ["isUnseen", "length"]);
    const local = (name: string, size: number): ArrayDeclaration => b.localArray(`conditions_${name}`, size);
    [this.nextValues, this.nextSigns, this.foundT, this.foundV, this.isFound, this.probe, this.rounding] = [
      "next_values",
      "next_signs",
      "found_t",
      "found_v",
      "is_found",
      "probe",
      "rounding",
    ].map((name) => local(name, count));
    const places = MANY.length + 1;
    [this.times, this.dipT, this.dipV, this.hasDip] = ["times", "dip_t", "dip_v", "has_dip"].map((name) => local(name, places));
    this.samples = local("samples", places * count);
    this.state = local("state", n);
    this.directions = b.constantArray(
      "directions",
      Float64Array.from(this.list, (k) => WAY[events[k].direction ?? "both"]),
    );
    this.few = b.constantArray("parts_few", FEW);
    this.many = b.constantArray("parts_many", MANY);
  }

  protected each(body: (j: Value) => void): void {
    this.b.for(this.b.i32(0), this.b.i32(this.length), 1, [], (j) => (body(j), []));
  }

  /** All of them at a state, into `into` from `offset` on. */
  protected evaluate(into: ArrayDeclaration, offset: Value, u: ArrayArgument, t: Value): void {
    const { b, list, events } = this;
    list.forEach((k, j) => {
      const value = b.call(events[k].when!, [u, b.slice(b.p), t])!;
      b.store(into, b.operation("i32.add", offset, b.i32(j)), value);
    });
  }

  protected get whole(): ArrayArgument {
    return { array: this.state, offset: this.b.i32(0) };
  }

  /** Is some condition at zero yet? */
  protected hasZero(among: ArrayDeclaration): Value {
    const { b, signs, ways } = this;
    const [found] = b.for(b.i32(0), b.i32(this.length), 1, [b.f64(0)], (j, [so]) => {
      const isOpen = b.operation("eq", b.load(signs, j), b.f64(0));
      const counts = among === ways ? b.operation("bool.and", isOpen, b.operation("eq", b.load(ways, j), b.f64(0))) : isOpen;
      return [b.operation("select", counts, b.f64(1), so)];
    });
    return b.operation("ne", found, b.f64(0));
  }

  /** The state within the step that was tried, into `state`. */
  protected interpolate(t: Value, end: Value, at: Value): void {
    const { b, n } = this;
    const theta = b.operation("div", b.operation("sub", at, t), b.operation("sub", end, t));
    interpolate(b, this.whole, b.slice(b.record), theta, n, b.record.array.size / b.of.n, b.of.n);
  }

  /** Condition j at a time within the step. */
  protected within(t: Value, end: Value, j: Value): (at: Value) => Value {
    const { b, probe } = this;
    return (at) => {
      this.interpolate(t, end, at);
      this.evaluate(probe, b.i32(0), this.whole, at);
      return b.load(probe, j);
    };
  }

  /** Looks at all conditions along the step; returns how many looks there are behind that at its start. */
  protected sample(t: Value, end: Value): Value {
    const { b, times, samples, values, few, many } = this;
    const isMany = this.hasZero(this.signs);
    const count = b.operation("i32.select", isMany, b.i32(MANY.length), b.i32(FEW.length));
    b.store(times, b.i32(0), t);
    this.each((j) => b.store(samples, j, b.load(values, j)));
    b.for(b.i32(0), count, 1, [], (k) => {
      const fewer = b.operation("i32.select", b.operation("i32.lt", k, b.i32(FEW.length)), k, b.i32(FEW.length - 1));
      const part = b.operation("select", isMany, b.load(many, k), b.load(few, fewer));
      const isEnd = b.operation("eq", part, b.f64(1));
      const at = b.operation("select", isEnd, end, b.plus(t, b.times(part, b.operation("sub", end, t))));
      this.interpolate(t, end, at);
      const place = b.operation("i32.add", k, b.i32(1));
      b.store(times, place, at);
      this.evaluate(samples, b.operation("i32.mul", place, b.i32(this.length)), this.whole, at);
      return [];
    });
    return count;
  }

  protected value(place: Value, j: Value): Value {
    const { b, samples } = this;
    return b.load(samples, b.operation("i32.add", b.operation("i32.mul", place, b.i32(this.length)), j));
  }

  protected before(place: Value, by: number): Value {
    return this.b.operation("i32.sub", place, this.b.i32(by));
  }

  protected isSomeNotANumber(count: Value): Value {
    const { b } = this;
    const [found] = b.for(
      b.i32(0),
      b.operation("i32.mul", b.operation("i32.add", count, b.i32(1)), b.i32(this.length)),
      1,
      [b.f64(0)],
      (k, [so]) => {
        const value = b.load(this.samples, k);
        return [b.operation("select", b.operation("ne", value, value), b.f64(1), so)];
      },
    );
    return b.operation("ne", found, b.f64(0));
  }
}
