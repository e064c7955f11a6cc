/** Steps that are dropped, to be taken again otherwise: what a try changed comes back. */
import type { Code } from "./prepare.ts";
import { integer } from "./registers.ts";

export class Retake {
  /** Most solves have nothing to drop a step for. */
  private kept: Pick<Code["view"], "reals" | "integers" | "atol"> | undefined;

  constructor(private readonly view: Code["view"]) {}

  /** To be called before each try. */
  remember(): void {
    const { reals, integers, atol } = this.view;
    if (!this.kept) this.kept = { reals: reals.slice(), integers: integers.slice(), atol: atol.slice() };
    this.kept.reals.set(reals);
    this.kept.integers.set(integers);
    this.kept.atol.set(atol);
  }

  /** Of a try that was remembered. */
  drop(): void {
    const { view } = this;
    const { reals, integers: registers, atol } = this.kept!;
    const tries = view.integers[integer.tries];
    view.reals.set(reals);
    view.integers.set(registers);
    view.atol.set(atol);
    // Iterations with a matrix that was made for another length leave what the tolerances allow: where a step is to end at a root that is
    // found to rounding, that is seen.
    view.cache.fill(0);
    view.integers[integer.tries] = tries;
    view.integers[integer.slot] = 0;
  }
}
