/** Arrays of the reverse program that hold cotangents: given ones, gradients to fill, and a shadow of each active array. */
import type { Activity, Root } from "../analysis/activity.ts";
import { outputsOf } from "../analysis/activity.ts";
import { InternalError } from "../core/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { ArrayDeclaration, Program, Value } from "../ir/ir.ts";
import type { AdjointPlan } from "./adjoint-plan.ts";
import { countsUnlessZero, given, type Contribution } from "./contribution.ts";

export class Shadows {
  private readonly arrays = new Map<ArrayDeclaration, ArrayDeclaration>();
  /** Cotangents that are given, of arrays whose shadows are reset. */
  private readonly seeds = new Map<ArrayDeclaration, ArrayDeclaration>();
  private readonly scalarGradients = new Map<Value, ArrayDeclaration>();

  /** `dying`: values and arrays whose cotangents may be zero because a choice went by them. */
  constructor(
    private readonly b: Builder,
    private readonly program: Program,
    private readonly plan: AdjointPlan,
    private readonly dying: Activity,
    private readonly wanted: { readonly roots: readonly Root[]; readonly names: readonly string[] },
  ) {}

  get(array: ArrayDeclaration): ArrayDeclaration | undefined {
    return this.arrays.get(array);
  }

  has(array: ArrayDeclaration): boolean {
    return this.arrays.has(array);
  }

  /** Returns the cotangent of the result. */
  declareCotangents(): Value | undefined {
    const { b, plan } = this;
    let result: Value | undefined;
    for (const root of outputsOf(this.program)) {
      if (!("role" in root)) {
        result = b.scalarParameter("result_bar");
        continue;
      }
      if (root.element !== "f64") continue;
      const seed = b.arrayParameter(`${root.name}_bar`, root.size, "input");
      (plan.isNeverReset(root) ? this.arrays : this.seeds).set(root, seed);
    }
    return result;
  }

  declareGradients(): void {
    const { b } = this;
    this.wanted.roots.forEach((root, k) => {
      if (!("role" in root)) {
        this.scalarGradients.set(root, b.arrayParameter(`${this.wanted.names[k]}_bar`, 1, "output"));
        return;
      }
      if (root.role !== "input") throw new InternalError(`reverse: ${root.name} is not an input`);
      const gradient = b.arrayParameter(`${root.name}_bar`, root.size, "output");
      this.arrays.set(root, gradient);
      b.fill(gradient, b.f64(0));
    });
  }

  declareLocals(): void {
    const { b } = this;
    for (const array of this.program.arrays) {
      if (this.arrays.has(array) || !this.plan.isActiveArray(array)) continue;
      const shadow = b.localArray(`${array.name}_bar`, array.size);
      this.arrays.set(array, shadow);
      const seed = this.seeds.get(array);
      if (!seed) b.fill(shadow, b.f64(0));
      else b.for(b.i32(0), b.i32(array.size), 1, [], (i) => (b.store(shadow, i, b.load(seed, i)), []));
    }
  }

  /** The cotangent of what an array's element was given. */
  ofElement(array: ArrayDeclaration, value: Value): Contribution {
    if (this.arrays.get(array)!.role === "input") return given(value);
    return this.dying.arrays.has(array) ? countsUnlessZero(value) : { value };
  }

  storeScalarGradients(cotangentOf: (root: Value) => Value | undefined): void {
    const { b } = this;
    for (const [root, gradient] of this.scalarGradients) b.store(gradient, b.i32(0), cotangentOf(root) ?? b.f64(0));
  }

  /** Where the reverse sweep does not run, nobody is to take zeros for gradients. */
  spoilGradients(): void {
    const { b } = this;
    for (const root of this.wanted.roots) {
      b.fill("role" in root ? this.arrays.get(root)! : this.scalarGradients.get(root)!, b.f64(NaN));
    }
  }
}
