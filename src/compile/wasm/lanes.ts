/** Emits the loops that the vectoriser chose: two iterations at a time, then the odd one out as scalar code. */
import { affine } from "../../ir/affine.ts";
import { tripCount } from "../../ir/builder.ts";
import type { Accumulate, Block, For, If, Let, Load, Store, Value } from "../../ir/ir.ts";
import { scalarOperations } from "../../ir/scalar-operations.ts";
import type { Access } from "./address.ts";
import type { FunctionEmitter } from "./function.ts";
import { LaneValues, pack, type Lane } from "./lane-values.ts";
import { get, i32, plus, set, tee, wasmType, type Tree } from "./tree.ts";
import { hasVectorForm, isInBounds, type Reduction, type VectorPlan } from "./vectorise.ts";

/** Of a loop's body in an iteration of the emitted loop, where it sums. */
const COPIES = 2;

/** Leaves the index at the first iteration not done, and the carried values as they are there. */
export function emitLanes(f: FunctionEmitter, loop: For, plan: VectorPlan): void {
  new LaneEmitter(f, loop, plan).emit();
}

class LaneEmitter extends LaneValues {
  /** The lanes' parts of each sum over the iterations, one for each copy of the body. */
  private readonly sums = new Map<Reduction | Accumulate, string[]>();
  private copy = 0;
  /** The lanes that the present block is for; both, without one. */
  private mask: string | undefined;

  emit(): void {
    const { f, loop } = this;
    const index = f.nameOf(loop.index);
    const up = loop.step > 0;
    const count = tripCount(loop.from, loop.to, loop.step);
    // Sums wait for the addition before; with several of them, one need not wait for another.
    const unrolled = this.hasSums() && (count === undefined || count >= 4 * COPIES) ? [this.iterations(COPIES)] : [];
    const rest = unrolled.length > 0 && count !== undefined && count % (2 * COPIES) < 2 ? [] : [this.iterations(1)];
    // Lane 0 is the iteration before the one that counting down begins with.
    if (!up) f.line(set(index, plus(get(index), i32(-1))));
    f.line(["if", this.more(1), ["then", ...this.before, ...unrolled, ...rest, ...f.collect(() => this.finish())]]);
    if (!up) f.line(set(index, plus(get(index), i32(1))));
  }

  /** Are there as many pairs of iterations left? */
  private more(pairs: number): Tree {
    const { f, loop } = this;
    const index = get(f.nameOf(loop.index));
    const to = f.use(loop.to);
    return loop.step > 0 ? ["i32.lt_s", plus(index, i32(2 * pairs - 1)), to] : ["i32.gt_s", plus(index, i32(2 - 2 * pairs)), to];
  }

  /** A loop that does so many pairs of iterations at a time. */
  private iterations(copies: number): Tree {
    const { f, loop, plan } = this;
    const index = f.nameOf(loop.index);
    const again = f.label();
    const body = f.collect(() => {
      for (this.copy = 0; this.copy < copies; this.copy++) {
        const sums = plan.reductions.map((reduction) => this.sumOf(reduction));
        plan.reductions.forEach(({ phi }, k) => this.held.set(phi, sums[k]));
        this.block(loop.body);
        f.line(
          ...loop.body.yields.map((value) => this.vector(value)),
          ...sums.toReversed().map((sum): Tree => ["local.set", sum]),
        );
        f.line(set(index, plus(get(index), i32(2 * loop.step))));
      }
      f.line(["br_if", again, this.more(copies)]);
    });
    return ["if", this.more(copies), ["then", ["loop", again, ...body]]];
  }

  // Sums

  private hasSums(): boolean {
    const { reductions, strides } = this.plan;
    return reductions.length > 0 || [...strides].some(([access, stride]) => access.kind === "accumulate" && stride === 0);
  }

  private sumOf(of: Reduction | Accumulate): string {
    let locals = this.sums.get(of);
    if (!locals) this.sums.set(of, (locals = []));
    if (!locals[this.copy]) {
      const start: Tree = "phi" in of && of.operation !== "add" ? ["f64x2.splat", get(this.f.nameOf(of.phi))] : ZERO;
      this.before.push(set((locals[this.copy] = this.f.local("v128")), start));
    }
    return locals[this.copy];
  }

  /** Brings the parts of the sums together. */
  private finish(): void {
    const { f } = this;
    for (const [of, [sum, ...others]] of this.sums) {
      const operation = "phi" in of ? of.operation : "add";
      for (const other of others) f.line(set(sum, [`f64x2.${operation}`, get(sum), get(other)]));
      const lanes = ([0, 1] as const).map((lane): Tree => ["f64x2.extract_lane", lane, get(sum)]);
      const total = (start: Tree): Tree => [`f64.${operation}`, start, [`f64.${operation}`, ...lanes]];
      if ("phi" in of) f.line(set(f.nameOf(of.phi), total(get(f.nameOf(of.phi)))));
      else f.line(["f64.store", f.offset(of), this.address(of), total(["f64.load", f.offset(of), this.address(of)])]);
    }
  }

  // Instructions

  private block(block: Block): void {
    for (const i of block.instructions) {
      switch (i.kind) {
        case "let":
          if (this.f.isUsed(i.result)) this.let(i);
          break;
        case "load":
          if (this.f.isUsed(i.result)) this.load(i);
          break;
        case "store":
          this.store(i);
          break;
        case "accumulate":
          this.accumulate(i);
          break;
        case "if":
          this.if(i);
      }
    }
  }

  private let({ result, operation: name, args }: Let): void {
    if (this.plan.shapes.get(result) !== "vector") {
      return this.holdScalars(result, (lane) =>
        this.f.operation(
          name,
          args.map((arg) => this.lane(arg, lane)),
        ),
      );
    }
    if (name === "f64.from_i32") return this.holdVector(result, this.converted(args[0]));
    if (!hasVectorForm(name)) {
      const [a, b] = ([0, 1] as const).map((lane) =>
        this.f.operation(
          name,
          args.map((arg) => this.lane(arg, lane)),
        ),
      );
      return this.holdVector(result, pack(a, b));
    }
    if (name === "select") return this.holdVector(result, this.select(args[0], this.vector(args[1]), this.vector(args[2])));
    const vectors = args.map((arg) => this.vector(arg));
    const { simd } = scalarOperations[name];
    this.holdVector(result, simd ? [simd, ...vectors] : ["call", this.f.surroundings.vectorFunction(name), ...vectors]);
  }

  private select(condition: Value, a: Tree, b: Tree): Tree {
    return this.isUniform(condition)
      ? ["select", a, b, this.lane(condition, 0)]
      : ["v128.bitselect", a, b, this.vector(condition)];
  }

  /** Integers as f64s. Where the lanes differ by a constant, one of them will do. */
  private converted(value: Value): Tree {
    const form = affine(value);
    const others = [...form.terms.keys()].some((term) => term !== this.loop.index && !this.isUniform(term));
    const first: Tree = ["i32x4.splat", this.lane(value, 0)];
    const step = String(form.terms.get(this.loop.index) ?? 0);
    if (!others) return ["f64x2.convert_low_i32x4_s", ["i32x4.add", first, ["v128.const", "i32x4", "0", step, "0", "0"]]];
    return ["f64x2.convert_low_i32x4_s", ["i32x4.replace_lane", 1, first, this.lane(value, 1)]];
  }

  private address(access: Access, lane: Lane = 0): Tree {
    return this.f.address(access, (value) => this.lane(value, lane));
  }

  private load(i: Load): void {
    const { f } = this;
    const element = (lane: Lane): Tree => [`${i.array.element}.load`, f.offset(i), this.address(i, lane)];
    if (this.plan.shapes.get(i.result) !== "vector") return this.holdScalars(i.result, element);
    if (this.plan.strides.get(i) === 1) return this.holdVector(i.result, ["v128.load", f.offset(i), this.address(i)]);
    const low: Tree = ["v128.load64_zero", f.offset(i), this.address(i)];
    this.holdVector(i.result, ["v128.load64_lane", f.offset(i), 1, this.address(i, 1), low]);
  }

  private store(i: Store): void {
    const { f } = this;
    if (!this.isContiguous(i)) {
      return this.eachLane((lane) => [`${i.array.element}.store`, f.offset(i), this.address(i, lane), this.lane(i.value, lane)]);
    }
    const old: Tree = ["v128.load", f.offset(i), this.address(i)];
    const value = this.mask ? (["v128.bitselect", this.vector(i.value), old, get(this.mask)] as const) : this.vector(i.value);
    f.line(["v128.store", f.offset(i), this.address(i), value]);
  }

  private accumulate(i: Accumulate): void {
    const { f } = this;
    const { element } = i.array;
    if (element === "f64" && this.plan.strides.get(i) === 0) {
      const sum = this.sumOf(i);
      return f.line(set(sum, ["f64x2.add", get(sum), this.masked(i.value)]));
    }
    const address = f.local("i32");
    if (this.isContiguous(i)) {
      const old: Tree = ["v128.load", f.offset(i), get(address)];
      return f.line(["v128.store", f.offset(i), tee(address, this.address(i)), ["f64x2.add", old, this.masked(i.value)]]);
    }
    this.eachLane((lane) => {
      const old: Tree = [`${element}.load`, f.offset(i), get(address)];
      const sum: Tree = [`${element}.add`, old, this.lane(i.value, lane)];
      return [`${element}.store`, f.offset(i), tee(address, this.address(i, lane)), sum];
    });
  }

  /** Both elements as one vector; under a mask only where the lane that is off may be touched too. */
  private isContiguous(access: Access): boolean {
    return access.array.element === "f64" && this.plan.strides.get(access) === 1 && (!this.mask || isInBounds(access));
  }

  private masked(value: Value): Tree {
    return this.mask ? ["v128.and", this.vector(value), get(this.mask)] : this.vector(value);
  }

  /** In the order of the iterations: the lanes may name the same element. */
  private eachLane(effect: (lane: Lane) => Tree): void {
    for (const lane of this.loop.step > 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const tree = effect(lane);
      this.f.line(this.mask ? ["if", ["i32.wrap_i64", ["i64x2.extract_lane", lane, get(this.mask)]], ["then", tree]] : tree);
    }
  }

  private if(i: If): void {
    if (this.isUniform(i.condition)) this.branch(i);
    else this.blend(i);
  }

  /** Both lanes take the same branch. */
  private branch(i: If): void {
    const { f } = this;
    const results = i.results.filter((result) => f.isUsed(result));
    for (const result of results) {
      const shape = this.plan.shapes.get(result);
      const local = (): string => f.local(shape === "vector" ? "v128" : wasmType(result.type));
      this.held.set(result, shape === "pair" ? [local(), local()] : local());
    }
    const side = (block: Block): Tree[] =>
      f.collect(() => {
        this.block(block);
        for (const result of results) {
          const value = block.yields[i.results.indexOf(result)];
          const held = this.held.get(result)!;
          if (typeof held !== "string") f.line(set(held[0], this.lane(value, 0)), set(held[1], this.lane(value, 1)));
          else f.line(set(held, this.plan.shapes.get(result) === "vector" ? this.vector(value) : this.lane(value, 0)));
        }
      });
    f.line(["if", this.lane(i.condition, 0), ["then", ...side(i.then)], ["else", ...side(i.else)]]);
  }

  /** Both branches are taken, each for the lanes that it is for. */
  private blend(i: If): void {
    const { f } = this;
    const outer = this.mask;
    const within = (mask: Tree): string => {
      const local = f.local("v128");
      f.line(set(local, outer ? ["v128.and", mask, get(outer)] : mask));
      return local;
    };
    this.mask = within(this.vector(i.condition));
    this.block(i.then);
    this.mask = within(["v128.not", this.vector(i.condition)]);
    this.block(i.else);
    this.mask = outer;
    i.results.forEach((result, k) => {
      if (!f.isUsed(result)) return;
      const [a, b] = [i.then.yields[k], i.else.yields[k]];
      if (result.type !== "i32") this.holdVector(result, this.select(i.condition, this.vector(a), this.vector(b)));
      else this.holdScalars(result, (lane) => ["select", this.lane(a, lane), this.lane(b, lane), this.lane(i.condition, lane)]);
    });
  }
}

const ZERO: Tree = ["v128.const", "f64x2", 0, 0];
