/**
 * The first half of a reverse program: runs the primal again and keeps what the plan says, in caches (one array a value,
 * one element an iteration) or on the tape (a record at the end of each block under a loop of unknown length, popped in the
 * opposite order).
 */
import { InternalError } from "../errors.ts";
import { tripCount, type Builder } from "../program/builder.ts";
import type { ArrayDeclaration, Block, Instruction, Program, Value, While } from "../program/ir.ts";
import type { AdjointPlan, Place } from "./adjoint-plan.ts";

export class ForwardSweep {
  private readonly values = new Map<Value, Value>();
  private readonly arrays = new Map<ArrayDeclaration, ArrayDeclaration>();
  private readonly caches = new Map<Value, ArrayDeclaration>();
  private readonly counts = new Map<While, Value>();
  private tape: { readonly data: ArrayDeclaration; readonly pointer: ArrayDeclaration } | undefined;

  constructor(
    private readonly b: Builder,
    private readonly program: Program,
    private readonly plan: AdjointPlan,
    readonly tapeCapacity: number,
  ) {}

  declareInputs(): void {
    const { b } = this;
    for (const parameter of this.program.parameters) {
      if (parameter.kind === "scalar") {
        const { type, min, max } = parameter.value;
        this.values.set(parameter.value, b.scalarParameter(parameter.name, type, min, max));
      } else if (parameter.array.role === "input") {
        this.arrays.set(
          parameter.array,
          b.arrayParameter(parameter.array.name, parameter.array.size, "input", parameter.array.element),
        );
      } else if (parameter.array.role === "inout") {
        throw new InternalError(`reverse: ${parameter.array.name} is read and written`);
      }
    }
  }

  /** Locals, outputs (which the derived program keeps to itself), constants, and the tape. */
  declareLocals(): void {
    const { b, plan } = this;
    for (const array of this.program.arrays) {
      if (array.role === "constant") this.arrays.set(array, b.constantArray(array.name, array.data!));
      else if (array.role !== "input") this.arrays.set(array, b.localArray(array.name, array.size, array.element));
    }
    for (const value of plan.cached) {
      const { place } = plan.origins.get(value)!;
      if (!plan.isStatic(place)) continue;
      const size = plan.loopsAround(place).reduce((product, loop) => product * tripCount(loop.from, loop.to, loop.step)!, 1);
      this.caches.set(value, b.localArray(`kept_${value.id}`, size, value.type === "f64" ? "f64" : "i32"));
    }
    if (plan.usesTape(this.program.body)) {
      this.tape = { data: b.localArray("tape", this.tapeCapacity), pointer: b.localArray("tape_pointer", 1, "i32") };
    }
  }

  run(): void {
    if (this.tape) this.b.store(this.tape.pointer, this.b.i32(0), this.b.i32(0));
    this.block(this.plan.root);
  }

  /** How many numbers the tape had to hold; undefined without a tape. */
  tapeNeeded(): Value | undefined {
    return this.tape && this.b.load(this.tape.pointer, this.b.i32(0));
  }

  /** A parameter, constant, or value of the function's own block: the two sweeps share it. */
  value(value: Value): Value {
    if (value.constant !== undefined) return this.constant(value);
    const mapped = this.values.get(value);
    if (!mapped) throw new InternalError(`reverse: value ${value.id} of ${this.program.name} is not defined yet`);
    return mapped;
  }

  array(array: ArrayDeclaration): ArrayDeclaration {
    return this.arrays.get(array)!;
  }

  /** Reads a kept value back; `primal` gives the loop indices around it. */
  readCache(value: Value, place: Place, primal: (value: Value) => Value): Value {
    const cache = this.caches.get(value);
    if (!cache) throw new InternalError(`reverse: value ${value.id} of ${this.program.name} is not on the tape`);
    return this.decode(value, this.b.load(cache, this.cacheIndex(place, primal)));
  }

  /** How often a `while` ran. */
  readCount(loop: While, place: Place): Value {
    if (this.plan.isTopLevel(place)) return this.counts.get(loop)!;
    return this.b.operation("i32.from_f64", this.pop(1)(0));
  }

  /** Takes a block's record off the tape. */
  popRecord(place: Place): [Value, Value][] {
    const taped = this.plan.tapedIn(place);
    if (!taped.length) return [];
    const read = this.pop(taped.length);
    return taped.map((value, k) => {
      const stored = read(k);
      return [value, value.type === "f64" ? stored : this.decode(value, this.b.operation("i32.from_f64", stored))];
    });
  }

  // Within

  private constant(value: Value): Value {
    const { b } = this;
    return value.type === "f64"
      ? b.f64(value.constant!)
      : value.type === "i32"
        ? b.i32(value.constant!)
        : b.bool(value.constant !== 0);
  }

  private decode(value: Value, stored: Value): Value {
    return value.type === "bool" ? this.b.operation("i32.ne", stored, this.b.i32(0)) : stored;
  }

  private cacheIndex(place: Place, primal: (value: Value) => Value): Value {
    const { b } = this;
    let index = b.i32(0);
    for (const loop of this.plan.loopsAround(place)) {
      const offset = b.operation("i32.sub", primal(loop.index), b.i32(loop.from.constant!));
      const iteration = loop.step === 1 ? offset : b.operation("i32.div", offset, b.i32(loop.step));
      index = b.operation("i32.add", b.operation("i32.mul", index, b.i32(tripCount(loop.from, loop.to, loop.step)!)), iteration);
    }
    return index;
  }

  private keep(value: Value, place: Place): void {
    const cache = this.caches.get(value);
    if (!cache) return;
    const { b } = this;
    const mapped = this.value(value);
    const stored = value.type === "bool" ? b.operation("i32.from_bool", mapped) : mapped;
    b.store(
      cache,
      this.cacheIndex(place, (v) => this.value(v)),
      stored,
    );
  }

  private block(place: Place): void {
    for (const instruction of place.block.instructions) {
      this.b.source = "source" in instruction ? instruction.source : undefined;
      this.instruction(instruction, place);
    }
    const taped = this.plan.tapedIn(place);
    if (taped.length) this.push(taped.map((value) => this.value(value)));
  }

  private inner(block: Block): Value[] {
    this.block(this.plan.places.get(block)!);
    return block.yields.map((value) => this.value(value));
  }

  private instruction(i: Instruction, place: Place): void {
    const { b, plan } = this;
    switch (i.kind) {
      case "let":
        this.values.set(i.result, b.operation(i.operation, ...i.args.map((arg) => this.value(arg))));
        return this.keep(i.result, place);
      case "load":
        this.values.set(i.result, b.load(this.array(i.array), this.value(i.index)));
        return this.keep(i.result, place);
      case "store":
      case "accumulate":
        return b[i.kind](this.array(i.array), this.value(i.index), this.value(i.value));
      case "fill":
        return b.fill(this.array(i.array), this.value(i.value));
      case "if":
        return this.bind(
          i.results,
          b.if(
            this.value(i.condition),
            () => this.inner(i.then),
            () => this.inner(i.else),
          ),
          place,
        );
      case "for": {
        const initial = i.carried.map((c) => this.value(c.initial));
        const results = b.for(this.value(i.from), this.value(i.to), i.step, initial, (index, carried) => {
          this.values.set(i.index, index);
          this.bind(
            i.carried.map((c) => c.phi),
            carried,
            plan.places.get(i.body)!,
          );
          return this.inner(i.body);
        });
        return this.bind(i.results, results, place);
      }
      case "while":
        return this.while(i, place);
      case "call":
        throw new InternalError(`reverse: cannot differentiate the call of ${i.callee.name}`);
    }
  }

  private while(i: While, place: Place): void {
    const { b, plan } = this;
    const counted = plan.counted.has(i);
    const initial = [...i.carried.map((c) => this.value(c.initial)), ...(counted ? [b.i32(0)] : [])];
    const phis = i.carried.map((c) => c.phi);
    const results = b.while(
      initial,
      (carried) => {
        phis.forEach((phi, k) => this.values.set(phi, carried[k]));
        return this.inner(i.condition)[0];
      },
      (carried) => {
        this.bind(phis, carried, plan.places.get(i.body)!);
        const next = this.inner(i.body);
        return counted ? [...next, b.operation("i32.add", carried[phis.length], b.i32(1))] : next;
      },
    );
    this.bind(i.results, results, place);
    if (!counted) return;
    if (plan.isTopLevel(place)) this.counts.set(i, results[phis.length]);
    else this.push([results[phis.length]]);
  }

  private bind(targets: readonly Value[], values: readonly Value[], place: Place): void {
    targets.forEach((target, k) => {
      this.values.set(target, values[k]);
      this.keep(target, place);
    });
  }

  /** Puts numbers on the tape; past its end they go nowhere useful, which `tapeNeeded` tells. */
  private push(values: readonly Value[]): void {
    const { b } = this;
    const { data, pointer } = this.tape!;
    const top = b.load(pointer, b.i32(0));
    const last = b.i32(this.tapeCapacity - values.length);
    const base = b.operation("i32.select", b.operation("i32.le", top, last), top, last);
    values.forEach((value, k) => b.store(data, b.operation("i32.add", base, b.i32(k)), b.toF64(value)));
    b.store(pointer, b.i32(0), b.operation("i32.add", top, b.i32(values.length)));
  }

  private pop(count: number): (k: number) => Value {
    const { b } = this;
    const { data, pointer } = this.tape!;
    const base = b.operation("i32.sub", b.load(pointer, b.i32(0)), b.i32(count));
    b.store(pointer, b.i32(0), base);
    return (k) => b.load(data, b.operation("i32.add", base, b.i32(k)));
  }
}
