/** Loads and stores of lanes: of neighbouring elements as vectors, lane by lane where indices differ. */
import { affine } from "../../ir/affine.ts";
import type { Accumulate, ArrayDeclaration, Fill, Load, Program, Store, Value } from "../../ir/ir.ts";
import { elementSize, type Access } from "./address.ts";
import type { Surroundings } from "./function.ts";
import { LANES, PARTS, SpmdValues } from "./spmd-values.ts";
import { get, i32, plus, scaled, set, type Tree } from "./tree.ts";

export class SpmdMemory extends SpmdValues {
  private readonly parameters: ReadonlySet<ArrayDeclaration>;

  constructor(
    program: Program,
    protected readonly surroundings: Surroundings,
    shared: ReadonlySet<string>,
  ) {
    super(program, shared);
    this.parameters = new Set(program.parameters.flatMap((p) => (p.kind === "array" ? [p.array] : [])));
  }

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

  protected load(i: Load): void {
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

  protected store(i: Store): void {
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

  protected accumulate(i: Accumulate): void {
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

  protected fill({ array, value }: Fill): void {
    const at = this.local("i32");
    const end = this.local("i32");
    const again = this.label();
    const start = array.role === "local" ? plus(this.base(array), i32(this.surroundings.offsetOf(array))) : this.base(array);
    const stride = elementSize(array) * LANES;
    const stores = array.element === "f64" ? PARTS.map((part) => this.filledPart(value, part, at)) : this.filledLanes(value, at);
    this.line(set(at, start), set(end, plus(get(at), i32(array.size * stride))), [
      "loop",
      again,
      ...stores,
      set(at, plus(get(at), i32(stride))),
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
}
