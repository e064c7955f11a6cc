/** What a forward program keeps of the one it is made of: for each value and array the same, and its tangents. */
import type { Activity } from "../analysis/activity.ts";
import { outputsOf, rootsOf } from "../analysis/activity.ts";
import { InternalError } from "../core/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { ArrayDeclaration, Program, Value } from "../ir/ir.ts";
import { countsUnlessZero, given, settled, type Contribution } from "./contribution.ts";

/** Of each direction. */
export type Tangents = readonly Contribution[];

export class Dual {
  readonly values = new Map<Value, Value>();
  readonly tangents = new Map<Value, Tangents>();
  readonly arrays = new Map<ArrayDeclaration, ArrayDeclaration>();
  /** The tangents of arrays, direction after direction. */
  readonly shadows = new Map<ArrayDeclaration, ArrayDeclaration>();

  /** `resting`: values and arrays whose tangents may be zero because a choice went by them. */
  constructor(
    private readonly b: Builder,
    private readonly program: Program,
    private readonly activity: Activity,
    private readonly resting: Activity,
    private readonly wrt: readonly string[],
    /** Directions. */
    private readonly k: number,
  ) {}

  /** Parameters, those of the program first, and arrays. */
  declare(): void {
    const { b, program, k } = this;
    for (const parameter of program.parameters) {
      if (parameter.kind === "array") {
        const { name, size, role, element } = parameter.array;
        this.arrays.set(parameter.array, b.arrayParameter(name, size, role as "input" | "output" | "inout", element));
      } else {
        this.values.set(
          parameter.value,
          b.scalarParameter(parameter.name, parameter.value.type, parameter.value.min, parameter.value.max),
        );
      }
    }
    for (const array of program.arrays) {
      if (array.role === "local") this.arrays.set(array, b.localArray(array.name, array.size, array.element));
      if (array.role === "constant") this.arrays.set(array, b.constantArray(array.name, array.data!));
    }
    for (const root of rootsOf(program, this.wrt)) this.seed(root);
    this.declareOutputs();
    for (const array of program.arrays) {
      if (array.role === "local" && this.activity.arrays.has(array))
        this.shadows.set(array, b.localArray(`${array.name}_dot`, k * array.size));
    }
  }

  private seed(root: ArrayDeclaration | Value): void {
    const { b, k } = this;
    if ("role" in root) {
      if (root.role === "output") throw new InternalError(`forward: ${root.name} is an output`);
      this.shadows.set(root, b.arrayParameter(`${root.name}_dot`, k * root.size, root.role === "input" ? "input" : "inout"));
      return;
    }
    const parameter = this.program.parameters.find((p) => p.kind === "scalar" && p.value === root);
    const array = b.arrayParameter(`${(parameter as { name: string }).name}_dot`, k, "input");
    this.tangents.set(
      root,
      Array.from({ length: k }, (_, d) => given(b.load(array, b.i32(d)))),
    );
  }

  private declareOutputs(): void {
    const { b, k } = this;
    for (const root of outputsOf(this.program)) {
      if (!("role" in root) || root.element !== "f64" || this.shadows.has(root)) continue;
      const shadow = b.arrayParameter(`${root.name}_dot`, k * root.size, "output");
      if (this.activity.arrays.has(root)) this.shadows.set(root, shadow);
      else b.fill(shadow, b.f64(0));
    }
  }

  value(value: Value): Value {
    if (value.constant !== undefined)
      return value.type === "f64"
        ? this.b.f64(value.constant)
        : value.type === "i32"
          ? this.b.i32(value.constant)
          : this.b.bool(value.constant !== 0);
    const mapped = this.values.get(value);
    if (!mapped) throw new InternalError(`forward: value ${value.id} of ${this.program.name} is not defined yet`);
    return mapped;
  }

  /** As numbers: zeros for a value that does not vary. */
  settledTangents(value: Value): readonly Value[] {
    const tangents = this.tangents.get(value);
    return this.directions((d) => (tangents ? settled(this.b, tangents[d]) : this.b.f64(0)));
  }

  ofElement(array: ArrayDeclaration, tangent: Value): Contribution {
    if (array.role === "input") return given(tangent);
    return this.resting.arrays.has(array) ? countsUnlessZero(tangent) : { value: tangent };
  }

  shadowIndex(array: ArrayDeclaration, index: Value, direction: number): Value {
    return this.b.operation("i32.add", index, this.b.i32(direction * array.size));
  }

  directions<T>(make: (direction: number) => T): T[] {
    return Array.from({ length: this.k }, (_, d) => make(d));
  }
}
