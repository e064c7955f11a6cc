/** A builder that knows the parameters of the step loop, which its programs share. */
import type { ArrayArgument, ArrayDeclaration, External, Program, Value } from "../../src/ir/ir.ts";
import { Registers } from "../../src/ir/registers.ts";
import { noHistory, StepBuilder, type StepPrograms } from "../step/builder.ts";
import type { System } from "../step/system.ts";
import { count, verdict, type Counter } from "../step/verdict.ts";
import { integer, real } from "./registers.ts";

export interface StepLoopSizes {
  /** How many fit; a run of the loop ends where there is no slot for the next step's end. */
  readonly slots: number;
  readonly saves: number;
  /** Numbers in a slot. */
  readonly stride: number;
}

export class StepLoopBuilder extends StepBuilder {
  readonly slots: ArrayDeclaration;
  readonly ends: ArrayDeclaration;
  readonly records: ArrayDeclaration;
  readonly saved: ArrayDeclaration;
  readonly direction: ArrayDeclaration;
  readonly reals: Registers<keyof typeof real>;
  readonly integers: Registers<keyof typeof integer>;
  readonly saveTimes: ArrayDeclaration;
  readonly cache: ArrayDeclaration;
  readonly p: ArrayDeclaration;
  readonly atol: ArrayDeclaration;
  readonly verdict: Registers<keyof typeof verdict>;

  constructor(
    name: string,
    private readonly of: System,
    private readonly programs: StepPrograms,
    private readonly sizes: StepLoopSizes,
  ) {
    super(name, of, false);
    const { slots, stride, saves } = sizes;
    this.slots = this.arrayParameter("slots", slots * stride, "inout");
    this.ends = this.arrayParameter("ends", slots, "inout");
    this.records = this.arrayParameter("records", slots * programs.recordSize, "inout");
    this.saved = this.arrayParameter("saved", saves * of.n, "inout");
    this.direction = this.arrayParameter("direction", of.n, "inout");
    this.reals = new Registers(this, "reals", real, "f64");
    this.integers = new Registers(this, "integers", integer, "i32");
    this.saveTimes = this.arrayParameter("saveTimes", saves + 1, "input");
    this.cache = this.arrayParameter("cache", programs.cacheSize ?? 0, "inout");
    this.p = this.arrayParameter("p", of.np, "input");
    this.atol = this.arrayParameter("atol", of.n, "inout");
    this.verdict = new Registers(this, "verdict", verdict, "f64");
  }

  next(i: Value): Value {
    return this.operation("i32.add", i, this.i32(1));
  }

  slot(index: Value): Record<"u" | "f" | "work" | "memory" | "history" | "numbers", ArrayArgument> {
    const start = this.operation("i32.mul", index, this.i32(this.sizes.stride));
    const at = (offset: number): ArrayArgument => ({
      array: this.slots,
      offset: this.operation("i32.add", start, this.i32(offset)),
    });
    const { n } = this.of;
    const { workSize, history: { offset, numbers } = noHistory } = this.programs;
    const memory = 2 * n + workSize;
    return {
      u: at(0),
      f: at(n),
      work: at(2 * n),
      memory: at(memory),
      history: at(memory + offset + numbers),
      numbers: at(memory + offset),
    };
  }

  record(index: Value): ArrayArgument {
    return { array: this.records, offset: this.operation("i32.mul", index, this.i32(this.programs.recordSize)) };
  }

  end(index: Value): Value {
    return this.load(this.ends, index);
  }

  whole(array: ArrayDeclaration): ArrayArgument {
    return { array, offset: this.i32(0) };
  }

  /** The arguments of a program that has the same parameters. */
  get shared(): ArrayArgument[] {
    const { slots, ends, records, saved, direction, reals, integers, saveTimes, cache, p, atol, verdict } = this;
    const arrays = [
      slots,
      ends,
      records,
      saved,
      direction,
      reals.array,
      integers.array,
      saveTimes,
      cache,
      p,
      atol,
      verdict.array,
    ];
    return arrays.map((array) => this.whole(array));
  }

  /** Is a time to save not after t? */
  isDue(index: Value, t: Value): Value {
    const ahead = this.operation("sub", this.load(this.saveTimes, index), t);
    return this.operation("le", this.times(this.reals.get("direction"), ahead), this.f64(0));
  }

  rhs(into: ArrayArgument, u: ArrayArgument, t: Value): void {
    this.call(this.of.rhs as Program | External, [into, u, this.whole(this.p), t]);
    this.count("rhsCalls", 1);
  }

  count(counter: Counter, by: number): void {
    count(this, this.whole(this.verdict.array), counter, by);
  }
}
