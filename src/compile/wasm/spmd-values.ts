/** How lanes hold their values, side by side or in common, and which of them an instruction counts for. */
import { walk, type ArrayDeclaration, type Program, type Value } from "../../ir/ir.ts";
import { divergentValues } from "./divergence.ts";
import { pack, splatOf, widened } from "./lane-values.ts";
import { constant, get, i32, set, type Tree } from "./tree.ts";
import { Writer } from "./writer.ts";

/** Trajectories a call: three vectors, so that one does not wait for the results of another, and registers still suffice. */
export const LANES = 6;
export const EVERY_LANE = Array.from({ length: LANES }, (_, lane) => lane);
/** The vectors that a value is held in, two lanes each. */
export const PARTS = Array.from({ length: LANES / 2 }, (_, part) => part);

export class SpmdValues extends Writer {
  /** Vectors of what lanes have in common, made where it is computed: engines would make them anew at every use. */
  private readonly splats = new Map<Value, string>();
  protected readonly constants: Tree[] = [];
  /** Locals of values that lanes hold apart: one a part (f64s, masks), or one a lane (integers). */
  protected readonly held = new Map<Value, readonly string[]>();
  /** The lanes that the present instruction counts for; all, without one. */
  protected mask: readonly string[] | undefined;
  private readonly divergent: ReadonlySet<Value>;

  /** `sharedNames`: the parameters that all lanes read from one place. */
  constructor(
    program: Program,
    private readonly sharedNames: ReadonlySet<string>,
  ) {
    super(program, new Map());
    this.divergent = divergentValues(program, (array) => this.isShared(array));
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

  /** Constants are shared too, locals are not. */
  protected isShared(array: ArrayDeclaration): boolean {
    return array.role === "constant" || (array.role !== "local" && this.sharedNames.has(array.name));
  }

  protected isDivergent(value: Value): boolean {
    return this.divergent.has(value);
  }

  // Values

  protected hold(value: Value): readonly string[] {
    let locals = this.held.get(value);
    if (!locals) {
      const of = value.type === "i32" ? EVERY_LANE : PARTS;
      this.held.set(value, (locals = of.map(() => this.local(value.type === "i32" ? "i32" : "v128"))));
    }
    return locals;
  }

  protected uniform(value: Value): Tree {
    return value.constant === undefined ? get(this.nameOf(value)) : constant(value);
  }

  protected lane(value: Value, lane: number): Tree {
    if (!this.isDivergent(value)) return this.uniform(value);
    const locals = this.hold(value);
    if (value.type === "i32") return get(locals[lane]);
    const half = get(locals[lane >> 1]);
    return value.type === "f64" ? ["f64x2.extract_lane", lane & 1, half] : ["i32.and", maskLane(half, lane & 1), i32(1)];
  }

  protected part(value: Value, part: number): Tree {
    const splat = this.splats.get(value);
    if (splat) return get(splat);
    if (!this.isDivergent(value)) return splatOf(value, this.uniform(value));
    return get(this.hold(value)[part]);
  }

  protected setParts(value: Value, tree: (part: number) => Tree): void {
    const locals = this.hold(value);
    for (const part of PARTS) this.line(set(locals[part], tree(part)));
  }

  protected setUniform(value: Value, tree: Tree): void {
    this.line(set(this.nameOf(value), tree));
    const splat = this.splats.get(value);
    if (splat) this.line(set(splat, splatOf(value, this.uniform(value))));
  }

  /** The value from what computes it in each lane. */
  protected setLanes(value: Value, tree: (lane: number) => Tree): void {
    const locals = this.hold(value);
    if (value.type === "i32") for (const lane of EVERY_LANE) this.line(set(locals[lane], tree(lane)));
    else
      this.setParts(value, (part) => {
        const [a, b] = [tree(2 * part), tree(2 * part + 1)];
        return value.type === "f64" ? pack(a, b) : ["i64x2.replace_lane", 1, splatOf(value, a), widened(b)];
      });
  }

  /** One local after the other, all read before the first is written. */
  protected assign(pairs: readonly (readonly [to: Value, from: Value])[]): void {
    const moves = pairs.flatMap(([to, from]): { local: string; tree: Tree }[] => {
      if (to === from) return [];
      if (!this.isDivergent(to)) return [{ local: this.nameOf(to), tree: this.uniform(from) }];
      return this.hold(to).map((local, k) => ({ local, tree: this.blended(to, from, k) }));
    });
    this.line(...moves.map(({ tree }) => tree), ...moves.reverse().map(({ local }): Tree => ["local.set", local]));
  }

  /** The new value where the mask holds, the old one elsewhere. */
  protected blended(to: Value, from: Value, k: number): Tree {
    const old = get(this.hold(to)[k]);
    const next = to.type === "i32" ? this.lane(from, k) : this.part(from, k);
    if (!this.mask) return next;
    return to.type === "i32" ? ["select", next, old, this.active(k)] : ["v128.bitselect", next, old, get(this.mask[k])];
  }

  // Masks

  protected active(lane: number): Tree {
    return maskLane(get(this.mask![lane >> 1]), lane & 1);
  }

  protected anyOf(mask: readonly string[]): Tree {
    return ["v128.any_true", mask.map(get).reduce((all, part): Tree => ["v128.or", all, part])];
  }

  /** The present mask and another. */
  protected within(mask: (part: number) => Tree): readonly string[] {
    const outer = this.mask;
    return PARTS.map((part) => {
      const local = this.local("v128");
      this.line(set(local, outer ? ["v128.and", mask(part), get(outer[part])] : mask(part)));
      return local;
    });
  }

  protected under(mask: readonly string[] | undefined, emit: () => void): void {
    const outer = this.mask;
    this.mask = mask;
    emit();
    this.mask = outer;
  }

  protected eachActive(effect: (lane: number) => Tree): void {
    for (const lane of EVERY_LANE) {
      this.line(this.mask ? ["if", this.active(lane), ["then", effect(lane)]] : effect(lane));
    }
  }

  /** What would trap, or read outside of the memory, for a lane that does not count. */
  protected guarded(lane: number, type: "f64" | "i32", tree: Tree): Tree {
    return this.mask ? ["if", ["result", type], this.active(lane), ["then", tree], ["else", [`${type}.const`, 0]]] : tree;
  }
}

function maskLane(part: Tree, lane: number): Tree {
  return ["i32.wrap_i64", ["i64x2.extract_lane", lane, part]];
}
