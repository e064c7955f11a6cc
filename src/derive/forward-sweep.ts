/**
 * The first half of a reverse program: runs the primal again and keeps what the plan says, in caches (one array a value,
 * one element an iteration) or on the tape (a record at the end of each block under a loop of unknown length, popped in the
 * opposite order).
 */
import { InternalError } from "../core/errors.ts";
import { tripCount, type Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Block, Call, Instruction, Program, Value, While } from "../ir/ir.ts";
import type { AdjointPlan } from "./adjoint-plan.ts";
import type { Region } from "./primal-survey.ts";
import { copyStretch } from "./rules.ts";
import { Tape } from "./tape.ts";

export class ForwardSweep {
  private readonly values = new Map<Value, Value>();
  private readonly arrays = new Map<ArrayDeclaration, ArrayDeclaration>();
  private readonly caches = new Map<Value, ArrayDeclaration>();
  private readonly counts = new Map<While, Value>();
  private readonly contents = new Map<Call, ReadonlyMap<number, ArrayDeclaration>>();
  /** At least the longest record. */
  readonly tapeCapacity: number;
  private tape: Tape | undefined;

  constructor(
    private readonly b: Builder,
    private readonly program: Program,
    private readonly plan: AdjointPlan,
    tapeCapacity: number,
  ) {
    const stretches = [...plan.contents].flatMap(([call, { positions }]) => positions.map((k) => sizeOf(call, k)));
    this.tapeCapacity = Math.max(tapeCapacity, ...stretches);
  }

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
      const { region } = plan.origins.get(value)!;
      if (!plan.isStatic(region)) continue;
      this.caches.set(value, b.localArray(`kept_${value.id}`, this.iterationsOf(region), value.type === "f64" ? "f64" : "i32"));
    }
    for (const [call, { region, positions }] of plan.contents) {
      if (!plan.isStatic(region)) continue;
      const kept = (k: number): ArrayDeclaration =>
        b.localArray(`kept_${call.callee.name}`, this.iterationsOf(region) * sizeOf(call, k));
      this.contents.set(call, new Map(positions.map((k) => [k, kept(k)])));
    }
    if (plan.usesTape(this.program.body)) this.tape = new Tape(b, this.tapeCapacity);
  }

  run(): void {
    this.tape?.begin();
    this.block(this.plan.root);
  }

  /** How many numbers the tape had to hold; undefined without a tape. */
  tapeNeeded(): Value | undefined {
    return this.tape?.needed();
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
  readCache(value: Value, region: Region, primal: (value: Value) => Value): Value {
    const cache = this.caches.get(value);
    if (!cache) throw new InternalError(`reverse: value ${value.id} of ${this.program.name} is not on the tape`);
    return this.decode(value, this.b.load(cache, this.cacheIndex(region, primal)));
  }

  /** How often a `while` ran. */
  readCount(loop: While, region: Region): Value {
    if (this.plan.isTopLevel(region)) return this.counts.get(loop)!;
    return this.b.operation("i32.from_f64", this.tape!.pop(1)(0));
  }

  /** Takes a block's record off the tape. */
  popRecord(region: Region): [Value, Value][] {
    const taped = this.plan.tapedIn(region);
    if (!taped.length) return [];
    const read = this.tape!.pop(taped.length);
    return taped.map((value, k) => {
      const stored = read(k);
      return [value, value.type === "f64" ? stored : this.decode(value, this.b.operation("i32.from_f64", stored))];
    });
  }

  /** Where a call's arguments hold what they held then; `primal` gives values of the primal. */
  readContents(i: Call, region: Region, primal: (value: Value) => Value): ArrayArgument[] {
    const args = (i.args as readonly ArrayArgument[]).map(({ array, offset }) => ({
      array: this.array(array),
      offset: primal(offset),
    }));
    const positions = this.plan.contents.get(i)?.positions ?? [];
    for (const k of [...positions].reverse()) {
      const cache = this.contents.get(i)?.get(k);
      args[k] = cache ? this.cachedStretch(i, k, cache, region, primal) : this.tape!.popStretch(sizeOf(i, k));
    }
    return args;
  }

  // Within

  private iterationsOf(region: Region): number {
    return this.plan.loopsAround(region).reduce((product, loop) => product * tripCount(loop.from, loop.to, loop.step)!, 1);
  }

  private cachedStretch(
    i: Call,
    k: number,
    cache: ArrayDeclaration,
    region: Region,
    primal: (value: Value) => Value,
  ): ArrayArgument {
    return { array: cache, offset: this.b.operation("i32.mul", this.cacheIndex(region, primal), this.b.i32(sizeOf(i, k))) };
  }

  private call(i: Call, region: Region): void {
    const { b } = this;
    const args = i.args.map((argument) =>
      "array" in argument ? { array: this.array(argument.array), offset: this.value(argument.offset) } : this.value(argument),
    );
    b.call(i.callee, args);
    for (const k of this.plan.contents.get(i)?.positions ?? []) {
      const cache = this.contents.get(i)?.get(k);
      const size = sizeOf(i, k);
      const to = cache ? this.cachedStretch(i, k, cache, region, (v) => this.value(v)) : this.tape!.reserve(size);
      copyStretch(b, args[k] as ArrayArgument, to, size);
    }
  }

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

  private cacheIndex(region: Region, primal: (value: Value) => Value): Value {
    const { b } = this;
    let index = b.i32(0);
    for (const loop of this.plan.loopsAround(region)) {
      const offset = b.operation("i32.sub", primal(loop.index), b.i32(loop.from.constant!));
      const iteration = loop.step === 1 ? offset : b.operation("i32.div", offset, b.i32(loop.step));
      index = b.operation("i32.add", b.operation("i32.mul", index, b.i32(tripCount(loop.from, loop.to, loop.step)!)), iteration);
    }
    return index;
  }

  private keep(value: Value, region: Region): void {
    const cache = this.caches.get(value);
    if (!cache) return;
    const { b } = this;
    const mapped = this.value(value);
    const stored = value.type === "bool" ? b.operation("i32.from_bool", mapped) : mapped;
    b.store(
      cache,
      this.cacheIndex(region, (v) => this.value(v)),
      stored,
    );
  }

  private block(region: Region): void {
    for (const instruction of region.block.instructions) {
      this.b.source = "source" in instruction ? instruction.source : undefined;
      this.instruction(instruction, region);
    }
    const taped = this.plan.tapedIn(region);
    if (taped.length) this.tape!.push(taped.map((value) => this.value(value)));
  }

  private inner(block: Block): Value[] {
    this.block(this.plan.regions.get(block)!);
    return block.yields.map((value) => this.value(value));
  }

  private instruction(i: Instruction, region: Region): void {
    const { b, plan } = this;
    switch (i.kind) {
      case "let":
        this.values.set(i.result, b.operation(i.operation, ...i.args.map((arg) => this.value(arg))));
        return this.keep(i.result, region);
      case "load":
        this.values.set(i.result, b.load(this.array(i.array), this.value(i.index)));
        return this.keep(i.result, region);
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
          region,
        );
      case "for": {
        const initial = i.carried.map((c) => this.value(c.initial));
        const body = (index: Value, carried: readonly Value[]): readonly Value[] => {
          this.values.set(i.index, index);
          this.bind(
            i.carried.map((c) => c.phi),
            carried,
            plan.regions.get(i.body)!,
          );
          return this.inner(i.body);
        };
        const results = b.for(this.value(i.from), this.value(i.to), i.step, initial, body, i.mayNotEnd);
        return this.bind(i.results, results, region);
      }
      case "while":
        return this.while(i, region);
      case "call":
        return this.call(i, region);
    }
  }

  private while(i: While, region: Region): void {
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
        this.bind(phis, carried, plan.regions.get(i.body)!);
        const next = this.inner(i.body);
        return counted ? [...next, b.operation("i32.add", carried[phis.length], b.i32(1))] : next;
      },
      [],
      i.mayNotEnd,
    );
    this.bind(i.results, results, region);
    if (!counted) return;
    if (plan.isTopLevel(region)) this.counts.set(i, results[phis.length]);
    else this.tape!.push([results[phis.length]]);
  }

  private bind(targets: readonly Value[], values: readonly Value[], region: Region): void {
    targets.forEach((target, k) => {
      this.values.set(target, values[k]);
      this.keep(target, region);
    });
  }
}

function sizeOf(call: Call, position: number): number {
  const parameter = call.callee.parameters[position];
  return parameter.kind === "array" ? parameter.array.size : 1;
}
