/** How large the components of a solution are, at ends of its steps: whether their absolute tolerances are small enough for them. */
import { copyNumbers } from "../../src/core/growing-array.ts";
import { isBelow } from "./tolerances.ts";

/** Ends of steps in a row below its tolerance, after which a component is lost, and not on its way through zero. */
const LOST = 3;

/** Of its derivative, what is left of it without the components that are lost, where something else feeds it. */
const FED = 0.1;

/** The derivative at the end of step k, the first number 1, with zeros in place of these components. */
export type SlopeWithout = (k: number, components: readonly number[]) => ArrayLike<number>;

/** Lists are made where there is something in them: one of these is made in every solve. */
export class ComponentSizes {
  /** Those that were large, fell below their absolute tolerance for a while, and grew large again. */
  regrown: readonly number[] = [];
  /** Those that a loss depends on where they are about as small as their tolerances. */
  inLoss: readonly number[] = [];

  constructor(
    /** Of each component the largest magnitude. */
    readonly largest: Float64Array,
    /**
     * Of each component its sign when it was large, 0 before, times one more than the number of ends of steps in a row at which it was
     * below its tolerance since then.
     */
    private readonly phase = new Int8Array(largest.length),
  ) {}

  /**
   * Of so many steps one after the other, whose ends lie `stride` apart in `data`, the derivatives behind the states. `slopeWithout` tells what is fed by
   * others from what grows out of itself; undefined where it cannot be known, and only what keeps its sign is told.
   */
  observe(data: Float64Array, stride: number, count: number, atol: Float64Array, slopeWithout: SlopeWithout | undefined): void {
    const { largest, phase } = this;
    const n = largest.length;
    for (let i = 0; i < n; i++) {
      const last = data[count * stride + i];
      let most = Math.abs(last);
      let least = most;
      for (let k = 1; k < count; k++) {
        const size = Math.abs(data[k * stride + i]);
        if (size > most) most = size;
        else if (size < least) least = size;
      }
      if (most > largest[i]) largest[i] = most;
      if (least >= atol[i] && phase[i] >= -1 && phase[i] <= 1) phase[i] = last < 0 ? -1 : 1;
      else if (phase[i] !== 0 || most >= atol[i]) this.observeEach(i, data, stride, count, atol[i], slopeWithout);
    }
  }

  private observeEach(
    i: number,
    data: Float64Array,
    stride: number,
    count: number,
    atol: number,
    slopeWithout: SlopeWithout | undefined,
  ): void {
    const { phase, largest } = this;
    const n = largest.length;
    for (let k = 1, start = 0, end = stride; k <= count; k++, start = end, end += stride) {
      const x = data[end + i];
      if (Math.abs(x) >= atol && phase[i] >= -1 && phase[i] <= 1) phase[i] = x < 0 ? -1 : 1;
      else if (phase[i] !== 0) {
        if (isFed(data[start + i], x, data[start + n + i], data[end + n + i])) phase[i] = Math.sign(phase[i]);
        const sign = Math.sign(phase[i]);
        if (!this.growsAnew(i, x, atol) || this.regrown.includes(i) || (!slopeWithout && phase[i] !== sign)) continue;
        const lost = [...phase.keys()].filter((j) => j === i || Math.abs(phase[j]) > LOST || this.regrown.includes(j));
        const rest = slopeWithout?.(k, lost)[i] ?? 0;
        if (!(Math.abs(rest) > FED * Math.abs(data[end + n + i]))) this.regrown = [...this.regrown, i];
      }
    }
  }

  /** Does a component that is below its tolerance, or was since it was large, grow large again from where it was lost? */
  private growsAnew(i: number, x: number, atol: number): boolean {
    const { phase } = this;
    const sign = Math.sign(phase[i]);
    const below = Math.abs(phase[i]) - 1;
    if (Math.abs(x) < atol) phase[i] = sign * (1 + Math.min(LOST, below + 1));
    else if (below === 0 || !isBelow(Math.abs(x), atol)) {
      phase[i] = x < 0 ? -1 : 1;
      return below === LOST;
    }
    return false;
  }

  /** Over a jump of the state. A component that it changes is made large or small by it; what others have lost stays lost. */
  jump(before: Float64Array, after: Float64Array): void {
    for (let i = 0; i < this.phase.length; i++) if (after[i] !== before[i]) this.phase[i] = Math.sign(this.phase[i]);
  }

  /** Those of the first n components. */
  leading(n: number): ComponentSizes {
    const part = new ComponentSizes(new Float64Array(n), this.phase);
    copyNumbers(this.largest, 0, n, part.largest, 0);
    if (this.regrown.length > 0) part.regrown = this.regrown.filter((i) => i < n);
    part.inLoss = this.inLoss;
    return part;
  }
}

/** Did it grow otherwise than in proportion to itself? Its derivative is then nearly what it was. */
function isFed(before: number, after: number, slopeBefore: number, slopeAfter: number): boolean {
  const growth = Math.abs(after / before);
  return growth > 2 && Math.abs(slopeAfter) < Math.sqrt(growth) * Math.abs(slopeBefore);
}
