/**
 * A program as one WebAssembly function that runs it for several trajectories at once, one a lane (single program, multiple
 * data; Pharr, Mark, "ispc: A SPMD compiler for high-performance CPU programming", InPar 2012). What all lanes have in common stays
 * scalar. Where lanes part, at a branch or at a loop's end, a mask says for which of them an instruction counts.
 *
 * An array that each lane has of its own lies interleaved: element i of lane l at place i * LANES + l.
 */
import { affine } from "../../program/affine.ts";
import {
  walk,
  type Accumulate,
  type ArrayDeclaration,
  type Block,
  type Fill,
  type For,
  type If,
  type Let,
  type Load,
  type Program,
  type Store,
  type Value,
  type While,
} from "../../program/ir.ts";
import { InternalError } from "../../errors.ts";
import { scalarOperations, type ScalarOperationName } from "../../program/operations/scalar.ts";
import { elementSize, type Access } from "./address.ts";
import { divergentValues } from "./divergence.ts";
import type { Surroundings } from "./function.ts";
import { pack, splatOf, widened } from "./lane-values.ts";
import { constant, get, i32, plus, scaled, set, wasmType, type Tree } from "./tree.ts";
import { hasVectorForm } from "./vectorise.ts";
import { Writer } from "./writer.ts";

/** Trajectories a call: three vectors, so that one does not wait for the results of another, and registers still suffice. */
export const LANES = 6;
const EVERY_LANE = Array.from({ length: LANES }, (_, lane) => lane);
/** The vectors that a value is held in, two lanes each. */
const PARTS = Array.from({ length: LANES / 2 }, (_, part) => part);

/** `shared`: the parameters that all lanes read from one place. Constants are shared too, locals are not. */
export function emitSpmd(program: Program, name: string, surroundings: Surroundings, shared: ReadonlySet<string>): Tree {
  return new SpmdEmitter(program, surroundings, shared).emit(name);
}

class SpmdEmitter extends Writer {
  private readonly divergent: ReadonlySet<Value>;
  private readonly parameters: ReadonlySet<ArrayDeclaration>;
  /** Vectors of what lanes have in common, made where it is computed: engines would make them anew at every use. */
  private readonly splats = new Map<Value, string>();
  private readonly constants: Tree[] = [];
  /** Locals of values that lanes hold apart: one a part (f64s, masks), or one a lane (integers). */
  private readonly held = new Map<Value, readonly string[]>();
  /** The lanes that the present instruction counts for; all, without one. */
  private mask: readonly string[] | undefined;

  constructor(
    program: Program,
    private readonly surroundings: Surroundings,
    private readonly sharedNames: ReadonlySet<string>,
  ) {
    super(program, new Map());
    this.divergent = divergentValues(program, (array) => this.isShared(array));
    this.parameters = new Set(program.parameters.flatMap((p) => (p.kind === "array" ? [p.array] : [])));
    for (const i of walk(program.body)) {
      if (i.kind !== "let" || !this.isDivergent(i.result)) continue;
      for (const arg of i.args) if (arg.type === "f64" && (arg.constant !== undefined || arg.definition)) this.spread(arg);
    }
  }

  private spread(value: Value): void {
    if (this.isDivergent(value) || this.splats.has(value)) return;
    const local = this.local("v128");
    this.splats.set(value, local);
    if (value.constant !== undefined) this.constants.push(set(local, splatOf(value, constant(value))));
  }

  emit(name: string): Tree {
    const declared = this.program.parameters.map((parameter): Tree => {
      if (parameter.kind === "array") return ["param", `$a${parameter.array.id}`, "i32"];
      this.names.set(parameter.value, `$p${parameter.value.id}`);
      return ["param", `$p${parameter.value.id}`, wasmType(parameter.value.type)];
    });
    this.instructions(this.program.body);
    return ["func", name, ...declared, ...this.locals, ...this.constants, ...this.statements];
  }

  private isShared(array: ArrayDeclaration): boolean {
    return array.role === "constant" || (array.role !== "local" && this.sharedNames.has(array.name));
  }

  private isDivergent(value: Value): boolean {
    return this.divergent.has(value);
  }

  // Values

  private hold(value: Value): readonly string[] {
    let locals = this.held.get(value);
    if (!locals) {
      const of = value.type === "i32" ? EVERY_LANE : PARTS;
      this.held.set(value, (locals = of.map(() => this.local(value.type === "i32" ? "i32" : "v128"))));
    }
    return locals;
  }

  private uniform(value: Value): Tree {
    return value.constant === undefined ? get(this.nameOf(value)) : constant(value);
  }

  private lane(value: Value, lane: number): Tree {
    if (!this.isDivergent(value)) return this.uniform(value);
    const locals = this.hold(value);
    if (value.type === "i32") return get(locals[lane]);
    const half = get(locals[lane >> 1]);
    return value.type === "f64" ? ["f64x2.extract_lane", lane & 1, half] : ["i32.and", maskLane(half, lane & 1), i32(1)];
  }

  private part(value: Value, part: number): Tree {
    const splat = this.splats.get(value);
    if (splat) return get(splat);
    if (!this.isDivergent(value)) return splatOf(value, this.uniform(value));
    return get(this.hold(value)[part]);
  }

  private setParts(value: Value, tree: (part: number) => Tree): void {
    const locals = this.hold(value);
    for (const part of PARTS) this.line(set(locals[part], tree(part)));
  }

  private setUniform(value: Value, tree: Tree): void {
    this.line(set(this.nameOf(value), tree));
    const splat = this.splats.get(value);
    if (splat) this.line(set(splat, splatOf(value, this.uniform(value))));
  }

  /** The value from what computes it in each lane. */
  private setLanes(value: Value, tree: (lane: number) => Tree): void {
    const locals = this.hold(value);
    if (value.type === "i32") for (const lane of EVERY_LANE) this.line(set(locals[lane], tree(lane)));
    else
      this.setParts(value, (part) => {
        const [a, b] = [tree(2 * part), tree(2 * part + 1)];
        return value.type === "f64" ? pack(a, b) : ["i64x2.replace_lane", 1, splatOf(value, a), widened(b)];
      });
  }

  /** One local after the other, all read before the first is written. */
  private assign(pairs: readonly (readonly [to: Value, from: Value])[]): void {
    const moves = pairs.flatMap(([to, from]): { local: string; tree: Tree }[] => {
      if (to === from) return [];
      if (!this.isDivergent(to)) return [{ local: this.nameOf(to), tree: this.uniform(from) }];
      return this.hold(to).map((local, k) => ({ local, tree: this.blended(to, from, k) }));
    });
    this.line(...moves.map(({ tree }) => tree), ...moves.reverse().map(({ local }): Tree => ["local.set", local]));
  }

  /** The new value where the mask holds, the old one elsewhere. */
  private blended(to: Value, from: Value, k: number): Tree {
    const old = get(this.hold(to)[k]);
    const next = to.type === "i32" ? this.lane(from, k) : this.part(from, k);
    if (!this.mask) return next;
    return to.type === "i32" ? ["select", next, old, this.active(k)] : ["v128.bitselect", next, old, get(this.mask[k])];
  }

  // Masks

  private active(lane: number): Tree {
    return maskLane(get(this.mask![lane >> 1]), lane & 1);
  }

  private anyOf(mask: readonly string[]): Tree {
    return ["v128.any_true", mask.map(get).reduce((all, part): Tree => ["v128.or", all, part])];
  }

  /** The present mask and another. */
  private within(mask: (part: number) => Tree): readonly string[] {
    const outer = this.mask;
    return PARTS.map((part) => {
      const local = this.local("v128");
      this.line(set(local, outer ? ["v128.and", mask(part), get(outer[part])] : mask(part)));
      return local;
    });
  }

  private under(mask: readonly string[] | undefined, emit: () => void): void {
    const outer = this.mask;
    this.mask = mask;
    emit();
    this.mask = outer;
  }

  private eachActive(effect: (lane: number) => Tree): void {
    for (const lane of EVERY_LANE) {
      this.line(this.mask ? ["if", this.active(lane), ["then", effect(lane)]] : effect(lane));
    }
  }

  /** What would trap, or read outside of the memory, for a lane that does not count. */
  private guarded(lane: number, type: "f64" | "i32", tree: Tree): Tree {
    return this.mask ? ["if", ["result", type], this.active(lane), ["then", tree], ["else", [`${type}.const`, 0]]] : tree;
  }

  // Instructions

  private instructions(block: Block): void {
    for (const i of block.instructions) {
      switch (i.kind) {
        case "let":
          this.let(i);
          break;
        case "load":
          this.load(i);
          break;
        case "store":
          this.store(i);
          break;
        case "accumulate":
          this.accumulate(i);
          break;
        case "fill":
          this.fill(i);
          break;
        case "if":
          this.if(i);
          break;
        case "for":
          this.for(i);
          break;
        case "while":
          this.while(i);
          break;
        case "call":
          throw new InternalError(`spmd: a call of ${i.callee.name} was not inlined`);
      }
    }
  }

  private let({ result, operation: name, args }: Let): void {
    if (!this.isDivergent(result)) {
      return this.setUniform(
        result,
        this.operation(
          name,
          args.map((arg) => this.uniform(arg)),
        ),
      );
    }
    if (name === "f64.from_i32") return this.setParts(result, (part) => this.converted(args[0], part));
    if (name === "select" || name === "bool.select") {
      return this.setParts(result, (part) => {
        const sides = [this.part(args[1], part), this.part(args[2], part)];
        return this.isDivergent(args[0])
          ? ["v128.bitselect", ...sides, this.part(args[0], part)]
          : ["select", ...sides, this.uniform(args[0])];
      });
    }
    if (hasVectorForm(name)) {
      const { simd } = scalarOperations[name];
      return this.setParts(result, (part) => {
        const parts = args.map((arg) => this.part(arg, part));
        return simd ? [simd, ...parts] : ["call", this.surroundings.vectorFunction(name), ...parts];
      });
    }
    const traps = name === "i32.div" || name === "i32.rem";
    this.setLanes(result, (lane) => {
      const tree = this.operation(
        name,
        args.map((arg) => this.lane(arg, lane)),
      );
      return traps ? this.guarded(lane, "i32", tree) : tree;
    });
  }

  private operation(name: ScalarOperationName, args: readonly Tree[]): Tree {
    const { wasm } = scalarOperations[name];
    if (typeof wasm !== "string") return ["call", this.surroundings.math(wasm.math), ...args];
    if (wasm === "") return args[0];
    return wasm === "select" ? ["select", args[1], args[2], args[0]] : [wasm, ...args];
  }

  private converted(value: Value, part: number): Tree {
    const [a, b] = [this.lane(value, 2 * part), this.lane(value, 2 * part + 1)];
    return ["f64x2.convert_low_i32x4_s", ["i32x4.replace_lane", 1, ["i32x4.splat", a], b]];
  }

  // Memory

  /** Address of an element in lane 0, and what the instruction adds to it. */
  private at(access: Access, value: (value: Value) => Tree): { readonly address: Tree; readonly offset: number } {
    const { array, index } = access;
    const size = elementSize(array) * (this.isShared(array) ? 1 : LANES);
    const inRegion = array.role === "local" || array.role === "constant";
    const base = this.base(array);
    const region = inRegion ? this.surroundings.offsetOf(array) : 0;
    const { constant: shift, terms } = affine(index);
    const least = [...terms].reduce((sum, [term, factor]) => sum + factor * (factor > 0 ? term.min : term.max), 0);
    // The instruction's offset is unsigned and added without wrapping: the rest must not be negative.
    const direct = shift >= 0 && least >= 0;
    const sum = [...terms].reduce((total, [term, factor]) => plus(total, scaled(value(term), factor * size)), base);
    return direct || shift === 0
      ? { address: sum, offset: region + shift * size }
      : { address: plus(sum, i32(shift * size)), offset: region };
  }

  private base(array: ArrayDeclaration): Tree {
    return this.parameters.has(array) ? get(`$a${array.id}`) : ["global.get", "$region"];
  }

  private isTogether({ array, index }: Access): boolean {
    return array.element === "f64" && !this.isShared(array) && this.termsAgree(index);
  }

  private termsAgree(index: Value): boolean {
    return [...affine(index).terms.keys()].every((term) => !this.isDivergent(term));
  }

  private laneAt(access: Access, lane: number): { readonly address: Tree; readonly offset: string } {
    const { address, offset } = this.at(access, (value) => this.lane(value, lane));
    const within = this.isShared(access.array) ? 0 : lane * elementSize(access.array);
    return { address, offset: `offset=${offset + within}` };
  }

  private partAt(access: Access, part: number): { readonly address: Tree; readonly offset: string } {
    const { address, offset } = this.at(access, (value) => this.uniform(value));
    return { address, offset: `offset=${offset + 16 * part}` };
  }

  private load(i: Load): void {
    const { element } = i.array;
    const read = (lane: number): Tree => {
      const { address, offset } = this.laneAt(i, lane);
      return [`${element}.load`, offset, address];
    };
    if (!this.isDivergent(i.result)) return this.setUniform(i.result, read(0));
    if (!this.isTogether(i)) {
      return this.setLanes(i.result, (lane) => (this.termsAgree(i.index) ? read(lane) : this.guarded(lane, element, read(lane))));
    }
    this.setParts(i.result, (part) => {
      const { address, offset } = this.partAt(i, part);
      return ["v128.load", offset, address];
    });
  }

  private store(i: Store): void {
    if (!this.isTogether(i)) {
      return this.eachActive((lane) => {
        const { address, offset } = this.laneAt(i, lane);
        return [`${i.array.element}.store`, offset, address, this.lane(i.value, lane)];
      });
    }
    for (const part of PARTS) {
      const { address, offset } = this.partAt(i, part);
      const old: Tree = ["v128.load", offset, address];
      this.line(["v128.store", offset, address, this.counted(this.part(i.value, part), old, part)]);
    }
  }

  private accumulate(i: Accumulate): void {
    const { element } = i.array;
    if (!this.isTogether(i)) {
      return this.eachActive((lane) => {
        const { address, offset } = this.laneAt(i, lane);
        return [
          `${element}.store`,
          offset,
          address,
          [`${element}.add`, [`${element}.load`, offset, address], this.lane(i.value, lane)],
        ];
      });
    }
    for (const part of PARTS) {
      const { address, offset } = this.partAt(i, part);
      const value = this.part(i.value, part);
      const counted: Tree = this.mask ? ["v128.and", value, get(this.mask[part])] : value;
      this.line(["v128.store", offset, address, ["f64x2.add", ["v128.load", offset, address], counted]]);
    }
  }

  private fill({ array, value }: Fill): void {
    const at = this.local("i32");
    const end = this.local("i32");
    const again = this.label();
    const start = array.role === "local" ? plus(this.base(array), i32(this.surroundings.offsetOf(array))) : this.base(array);
    const turn = elementSize(array) * LANES;
    const stores = array.element === "f64" ? PARTS.map((part) => this.filledPart(value, part, at)) : this.filledLanes(value, at);
    this.line(set(at, start), set(end, plus(get(at), i32(array.size * turn))), [
      "loop",
      again,
      ...stores,
      set(at, plus(get(at), i32(turn))),
      ["br_if", again, ["i32.lt_u", get(at), get(end)]],
    ]);
  }

  private filledPart(value: Value, part: number, at: string): Tree {
    const offset = `offset=${16 * part}`;
    return ["v128.store", offset, get(at), this.counted(this.part(value, part), ["v128.load", offset, get(at)], part)];
  }

  private filledLanes(value: Value, at: string): readonly Tree[] {
    return this.collect(() => this.eachActive((lane) => ["i32.store", `offset=${4 * lane}`, get(at), this.lane(value, lane)]));
  }

  /** The new value in the lanes that count, the old one in the others. */
  private counted(value: Tree, old: Tree, part: number): Tree {
    return this.mask ? ["v128.bitselect", value, old, get(this.mask[part])] : value;
  }

  // Control flow

  private if(i: If): void {
    if (!this.isDivergent(i.condition)) return this.branch(i);
    const ways = [i.then, i.else].map((block, k) => {
      const mask = this.within((part) => (k === 0 ? this.part(i.condition, part) : ["v128.not", this.part(i.condition, part)]));
      return { block, mask };
    });
    for (const { block, mask } of ways) {
      if (!block.instructions.length) continue;
      const body = this.collect(() => this.under(mask, () => this.instructions(block)));
      this.line(["if", this.anyOf(mask), ["then", ...body]]);
    }
    i.results.forEach((result, k) => {
      const [a, b] = [i.then.yields[k], i.else.yields[k]];
      if (result.type === "i32")
        this.setLanes(result, (lane) => ["select", this.lane(a, lane), this.lane(b, lane), this.lane(i.condition, lane)]);
      else
        this.setParts(result, (part) => ["v128.bitselect", this.part(a, part), this.part(b, part), this.part(i.condition, part)]);
    });
  }

  /** All lanes go the same way. */
  private branch(i: If): void {
    const way = (block: Block): Tree[] =>
      this.collect(() => {
        this.instructions(block);
        this.under(undefined, () => this.assign(i.results.map((result, k) => [result, block.yields[k]])));
      });
    this.line(["if", this.uniform(i.condition), ["then", ...way(i.then)], ["else", ...way(i.else)]]);
  }

  private for(i: For): void {
    this.enter(i);
    if (this.isDivergent(i.index)) this.setLanes(i.index, (lane) => this.lane(i.from, lane));
    else this.line(set(this.nameOf(i.index), this.uniform(i.from)));
    const compare = i.step > 0 ? "i32.lt_s" : "i32.gt_s";
    if (this.isDivergent(i.index)) {
      const more = (part: number): Tree => {
        const [a, b] = [2 * part, 2 * part + 1].map((lane): Tree => [compare, this.lane(i.index, lane), this.lane(i.to, lane)]);
        return ["i64x2.replace_lane", 1, ["i64x2.splat", widened(a)], widened(b)];
      };
      this.apart(
        i,
        () => more,
        () => this.setLanes(i.index, (lane) => plus(this.lane(i.index, lane), i32(i.step))),
      );
      return this.leave(i);
    }
    const again = this.label();
    const body = this.collect(() => this.turn(i));
    const index = this.nameOf(i.index);
    this.line([
      "if",
      [compare, get(index), this.uniform(i.to)],
      [
        "then",
        [
          "loop",
          again,
          ...body,
          set(index, plus(get(index), i32(i.step))),
          ["br_if", again, [compare, get(index), this.uniform(i.to)]],
        ],
      ],
    ]);
    this.leave(i);
  }

  private while(i: While): void {
    this.enter(i);
    const [condition] = i.condition.yields;
    if (this.isDivergent(condition)) {
      this.apart(i, () => {
        this.instructions(i.condition);
        return (part) => this.part(condition, part);
      });
    } else {
      const [again, done] = [this.label(), this.label()];
      const body = this.collect(() => {
        this.instructions(i.condition);
        this.line(["br_if", done, ["i32.eqz", this.uniform(condition)]]);
        this.turn(i);
      });
      this.line(["block", done, ["loop", again, ...body, ["br", again]]]);
    }
    this.leave(i);
  }

  /** A loop that lanes leave at different times: it goes on while one is left. */
  private apart(i: For | While, condition: () => (part: number) => Tree, advance?: () => void): void {
    const [again, done] = [this.label(), this.label()];
    const active = this.within(() => ["v128.const", "i64x2", "-1", "-1"]);
    const body = this.collect(() =>
      this.under(active, () => {
        const more = condition();
        for (const part of PARTS) this.line(set(active[part], ["v128.and", get(active[part]), more(part)]));
        this.line(["br_if", done, ["i32.eqz", this.anyOf(active)]]);
        this.turn(i);
        advance?.();
      }),
    );
    this.line(["block", done, ["loop", again, ...body, ["br", again]]]);
  }

  /** Inside a mask phis start afresh for every lane: those of the others are not looked at. */
  private enter(i: For | While): void {
    this.under(undefined, () => this.assign(i.carried.map(({ phi, initial }) => [phi, initial])));
  }

  private turn(i: For | While): void {
    this.instructions(i.body);
    this.assign(i.carried.map(({ phi }, k) => [phi, i.body.yields[k]]));
  }

  /** The phis keep their last values, so they also stand for the results. */
  private leave(i: For | While): void {
    i.results.forEach((result, k) => {
      const { phi } = i.carried[k];
      if (this.isDivergent(phi)) this.held.set(result, this.hold(phi));
      else this.names.set(result, this.nameOf(phi));
    });
  }
}

function maskLane(part: Tree, lane: number): Tree {
  return ["i32.wrap_i64", ["i64x2.extract_lane", lane, part]];
}
