/** How a vectorised loop holds its values: once for both lanes, as a vector, or lane by lane; and how one is made of another. */
import type { For, Value } from "../../ir/ir.ts";
import type { FunctionEmitter } from "./function.ts";
import { get, i32, plus, set, wasmType, type Tree } from "./tree.ts";
import type { VectorPlan } from "./vectorise.ts";

export type Lane = 0 | 1;

export class LaneValues {
  /** Where a value of the loop is: in one local, or in one a lane. */
  protected readonly held = new Map<Value, string | readonly [string, string]>();
  /** What is done before the loop. */
  protected readonly before: Tree[] = [];
  /** Vectors of what the loop does not change. */
  private readonly splats = new Map<Value, string>();

  constructor(
    protected readonly f: FunctionEmitter,
    protected readonly loop: For,
    protected readonly plan: VectorPlan,
  ) {}

  protected isUniform(value: Value): boolean {
    return this.plan.shapes.has(value) ? this.plan.shapes.get(value) === "uniform" : true;
  }

  /** A value of one lane. */
  protected lane(value: Value, lane: Lane): Tree {
    if (value === this.loop.index) return lane ? plus(get(this.f.nameOf(value)), i32(1)) : get(this.f.nameOf(value));
    const held = this.held.get(value);
    if (held === undefined) return this.f.use(value);
    if (typeof held !== "string") return get(held[lane]);
    if (this.isUniform(value)) return get(held);
    if (value.type === "f64") return ["f64x2.extract_lane", lane, get(held)];
    return ["i32.and", ["i32.wrap_i64", ["i64x2.extract_lane", lane, get(held)]], i32(1)];
  }

  /** Both lanes: two f64s, or two masks. */
  protected vector(value: Value): Tree {
    const held = this.held.get(value);
    if (typeof held === "string" && !this.isUniform(value)) return get(held);
    if (held === undefined && value !== this.loop.index) return get(this.splat(value));
    if (this.isUniform(value)) return splatOf(value, get(held as string));
    const [a, b] = [this.lane(value, 0), this.lane(value, 1)];
    return value.type === "f64" ? pack(a, b) : ["i64x2.replace_lane", 1, splatOf(value, a), widened(b)];
  }

  private splat(value: Value): string {
    let local = this.splats.get(value);
    if (!local) {
      this.splats.set(value, (local = this.f.local("v128")));
      this.before.push(set(local, splatOf(value, this.f.use(value))));
    }
    return local;
  }

  protected holdVector(value: Value, tree: Tree): void {
    const local = this.f.local("v128");
    this.held.set(value, local);
    this.f.line(set(local, tree));
  }

  /** One scalar for both lanes, or one a lane. */
  protected holdScalars(value: Value, tree: (lane: Lane) => Tree): void {
    const type = wasmType(value.type);
    const local = (lane: Lane): string => {
      const name = this.f.local(type);
      this.f.line(set(name, tree(lane)));
      return name;
    };
    this.held.set(value, this.isUniform(value) ? local(0) : [local(0), local(1)]);
  }
}

export function pack(a: Tree, b: Tree): Tree {
  return ["f64x2.replace_lane", 1, ["f64x2.splat", a], b];
}

/** 0 or 1 as a mask. */
export function widened(bool: Tree): Tree {
  return ["i64.extend_i32_s", ["i32.sub", i32(0), bool]];
}

export function splatOf(value: Value, tree: Tree): Tree {
  return value.type === "f64" ? ["f64x2.splat", tree] : ["i64x2.splat", widened(tree)];
}
