/**
 * Dependence: what carries any information of given parameters, be it through comparisons, integers, indices or the choice of a
 * branch. Wider than activity, which follows derivatives only.
 */
import { operandsOf, type ArrayDeclaration, type Block, type Instruction, type Program, type Value } from "../ir/ir.ts";
import { rootsOf } from "./activity.ts";
import { arraysOf } from "../ir/calls.ts";

export interface Dependence {
  readonly values: ReadonlySet<Value>;
  readonly arrays: ReadonlySet<ArrayDeclaration>;
}

/** What depends on the parameters (arrays or scalars) of these names. */
export function dependence(program: Program, parameterNames: readonly string[]): Dependence {
  return dependenceOn(program, rootsOf(program, parameterNames));
}

export function dependenceOn(program: Program, roots: readonly (Value | ArrayDeclaration)[]): Dependence {
  const flow = new Flow();
  for (const root of roots) flow.mark(root);
  do {
    flow.changed = false;
    flow.block(program.body, false);
  } while (flow.changed);
  return flow;
}

class Flow implements Dependence {
  readonly values = new Set<Value>();
  readonly arrays = new Set<ArrayDeclaration>();
  changed = false;

  mark(what: Value | ArrayDeclaration): void {
    const before = this.values.size + this.arrays.size;
    if ("role" in what) this.arrays.add(what);
    else if (what.constant === undefined) this.values.add(what);
    if (this.values.size + this.arrays.size !== before) this.changed = true;
  }

  private any(values: readonly Value[]): boolean {
    return values.some((value) => this.values.has(value));
  }

  /** `chosen`: whether the block runs at all depends on the parameters. */
  block(block: Block, chosen: boolean): void {
    for (const instruction of block.instructions) this.instruction(instruction, chosen);
  }

  private instruction(i: Instruction, chosen: boolean): void {
    switch (i.kind) {
      case "let":
        if (this.any(i.args)) this.mark(i.result);
        return;
      case "load":
        if (this.arrays.has(i.array) || this.values.has(i.index)) this.mark(i.result);
        return;
      case "store":
      case "accumulate":
      case "fill":
        if (chosen || this.any(operandsOf(i))) this.mark(i.array);
        return;
      case "if": {
        const branches = this.values.has(i.condition);
        this.block(i.then, chosen || branches);
        this.block(i.else, chosen || branches);
        i.results.forEach((result, k) => {
          if (branches || this.any([i.then.yields[k], i.else.yields[k]])) this.mark(result);
        });
        return;
      }
      case "for":
      case "while": {
        const counted = i.kind === "for" ? this.any([i.from, i.to]) : this.any(i.condition.yields);
        if (i.kind === "for" && counted) this.mark(i.index);
        if (i.kind === "while") this.block(i.condition, chosen || counted);
        this.block(i.body, chosen || counted);
        i.carried.forEach((c, k) => {
          if (this.any([c.initial, i.body.yields[k]])) this.mark(c.phi);
          if (counted || this.values.has(c.phi)) this.mark(i.results[k]);
        });
        return;
      }
      case "call": {
        const { inputs, outputs } = arraysOf(i);
        if (!chosen && !this.any(operandsOf(i)) && !inputs.some((a) => this.arrays.has(a.at.array))) return;
        outputs.forEach((a) => this.mark(a.at.array));
        if (i.result) this.mark(i.result);
      }
    }
  }
}
