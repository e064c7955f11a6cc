/** The budget of loops that may not end, in a function that is being written. */
import { MOST_OPERATIONS, operationsOfIteration, outOfBudget } from "../../ir/budget.ts";
import type { For, While } from "../../ir/ir.ts";
import type { Surroundings } from "./function.ts";
import { get, i32, plus, set, tee, type Tree } from "./tree.ts";
import type { Writer } from "./writer.ts";

export class Budget {
  /** The local that counts the operations, within such a loop. */
  private spent: string | undefined;

  constructor(
    private readonly writer: Writer,
    private readonly name: string,
    private readonly surroundings: Surroundings,
  ) {}

  /** Writes a loop: it has the budget together with those within. */
  of({ mayNotEnd }: For | While, emit: () => void): void {
    const outer = this.spent;
    if (mayNotEnd && !outer) this.writer.line(set((this.spent = this.writer.local("i32")), i32(0)));
    emit();
    this.spent = outer;
  }

  /** Takes from the budget what a `while` needs for an iteration. */
  iteration(loop: While): void {
    if (loop.mayNotEnd) this.spend(loop, i32(operationsOfIteration(loop)));
  }

  /** Takes from the budget what a `for` needs for all of its iterations. */
  iterations(loop: For, from: Tree, to: Tree): void {
    if (!loop.mayNotEnd) return;
    const distance: Tree = ["f64.sub", ["f64.convert_i32_s", to], ["f64.convert_i32_s", from]];
    const operations: Tree = ["f64.mul", distance, ["f64.const", operationsOfIteration(loop) / loop.step]];
    this.spend(loop, ["i32.trunc_sat_f64_s", ["f64.max", operations, ["f64.const", 0]]]);
  }

  /** Of what was spent before there is less than 2^31, as of what is added, so that their sum is right without a sign. */
  private spend(loop: For | While, operations: Tree): void {
    const over = this.surroundings.callee(outOfBudget(loop, this.name));
    const more = plus(get(this.spent!), operations);
    this.writer.line(["if", ["i32.gt_u", tee(this.spent!, more), i32(MOST_OPERATIONS)], ["then", ["call", over]]]);
  }
}
