/** How large the components of a solution are, at ends of its steps: whether their absolute tolerances are small enough for them. */
import { copyNumbers } from "../../src/core/growing-array.ts";
import { GrowthBelow, type Growth, type ObservedSteps } from "./growth-below.ts";

/** Lists are made where there is something in them: one of these is made in every solve. */
export class ComponentSizes {
  /** Those that a loss depends on where they are about as small as their tolerances. */
  inLoss: readonly number[] = [];
  private below: GrowthBelow | undefined;
  private hasBegun = false;

  constructor(
    /** Of each component the largest magnitude. */
    readonly largest: Float64Array,
    /** Those whose sizes are known: not such as begin at zero and are made by others, until these made them large. */
    private readonly isKnown = new Uint8Array(largest.length),
  ) {}

  /** Those that grew below their absolute tolerances. */
  get grown(): readonly Growth[] {
    return this.below?.found ?? [];
  }

  /** Of the components the first `watched` may grow below their tolerances; others are derivatives of them. */
  observe(steps: ObservedSteps, watched: number): void {
    const { largest, isKnown } = this;
    const { data, stride, count, atol } = steps;
    const n = largest.length;
    let low: number[] | undefined;
    for (let i = 0; i < n; i++) {
      const first = Math.abs(data[i]);
      let most = Math.abs(data[count * stride + i]);
      let least = Math.min(first, most);
      for (let k = 1; k < count; k++) {
        const size = Math.abs(data[k * stride + i]);
        if (size > most) most = size;
        else if (size < least) least = size;
      }
      if (most > largest[i]) largest[i] = most;
      const isLow = least < atol[i] && atol[i] < Infinity && i < watched;
      if (isLow && (isKnown[i] === 1 || most >= atol[i] || first >= atol[i] || (!this.hasBegun && first > 0)))
        (low ??= []).push(i);
      else this.below?.begin(i);
      if (first >= atol[i] || most >= atol[i] || (!this.hasBegun && first > 0)) isKnown[i] = 1;
    }
    this.hasBegun = true;
    if (low) this.observeLow(low, steps, watched);
  }

  private observeLow(low: readonly number[], steps: ObservedSteps, watched: number): void {
    const below = (this.below ??= new GrowthBelow(watched));
    const { data, stride, count, atol } = steps;
    for (let k = 1, at = 0; k <= count; k++, at += stride)
      for (const i of low) {
        const before = Math.abs(data[at + i]);
        if (before > 0 && before < atol[i]) below.observe(i, k, steps);
      }
  }

  /** Over a jump of the state. A component that it changes is made large or small by it; what others have lost stays lost. */
  jump(before: Float64Array, after: Float64Array): void {
    for (let i = 0; i < this.largest.length; i++) if (after[i] !== before[i]) this.below?.begin(i);
  }

  /** Those of the first n components. */
  leading(n: number): ComponentSizes {
    const part = new ComponentSizes(new Float64Array(n), this.isKnown);
    copyNumbers(this.largest, 0, n, part.largest, 0);
    part.below = this.below;
    part.inLoss = this.inLoss;
    return part;
  }
}
