/** Steps that are dropped, to be taken again otherwise: what a try changed comes back. */
import type { Code } from "./prepare.ts";
import { integer } from "./registers.ts";

export class Retake {
  private readonly reals: Float64Array;
  private readonly integers: Int32Array;
  private readonly atol: Float64Array;

  constructor(private readonly view: Code["view"]) {
    this.reals = view.reals.slice();
    this.integers = view.integers.slice();
    this.atol = view.atol.slice();
  }

  /** To be called before each try. */
  remember(): void {
    this.reals.set(this.view.reals);
    this.integers.set(this.view.integers);
    this.atol.set(this.view.atol);
  }

  drop(): void {
    const { view } = this;
    const tries = view.integers[integer.tries];
    view.reals.set(this.reals);
    view.integers.set(this.integers);
    view.atol.set(this.atol);
    // Iterations with a matrix that was made for another length leave what the tolerances allow: where a step is to end at a root that is
    // found to rounding, that is seen.
    view.cache.fill(0);
    view.integers[integer.tries] = tries;
    view.integers[integer.slot] = 0;
  }
}
