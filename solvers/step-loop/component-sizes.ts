/** How large the components of a solution are, at ends of its steps: whether their absolute tolerances are small enough for them. */
import { isBelow } from "./tolerances.ts";

/** Ends of steps in a row below its tolerance, after which a component is lost, and not on its way through zero. */
const LOST = 3;

export class ComponentSizes {
  /** Of each component the largest magnitude. */
  readonly largest: Float64Array;
  /** Not zero where a component was large, fell below its absolute tolerance for a while, and grew large again, of the same sign. */
  readonly regrown: Uint8Array;
  /** Those that a loss depends on where they are about as small as their tolerances. */
  readonly inLoss = new Set<number>();
  /** Ends of steps in a row at which a component was below its tolerance, since it was large. */
  private readonly below: Uint8Array;
  private readonly sign: Int8Array;

  constructor(n: number) {
    this.largest = new Float64Array(n);
    this.regrown = new Uint8Array(n);
    this.below = new Uint8Array(n);
    this.sign = new Int8Array(n);
  }

  /** Of a step whose ends lie at `start` and `end` of `data`, the derivatives behind the states. */
  observe(data: Float64Array, start: number, end: number, atol: Float64Array): void {
    const { largest } = this;
    const n = largest.length;
    for (let i = 0; i < n; i++) {
      const x = data[end + i];
      const size = Math.abs(x);
      if (size > largest[i]) largest[i] = size;
      if (this.below[i] > 0 && isFed(data[start + i], x, data[start + n + i], data[end + n + i])) this.below[i] = 0;
      if (size < atol[i]) this.wane(i);
      else if (this.below[i] > 0) this.recover(i, x, atol[i]);
      else this.sign[i] = x < 0 ? -1 : 1;
    }
  }

  private wane(i: number): void {
    if (this.sign[i] !== 0 && this.below[i] < LOST) this.below[i]++;
  }

  private recover(i: number, x: number, atol: number): void {
    if (isBelow(Math.abs(x), atol)) return;
    const sign = x < 0 ? -1 : 1;
    if (this.below[i] === LOST && sign === this.sign[i]) this.regrown[i] = 1;
    this.below[i] = 0;
    this.sign[i] = sign;
  }

  /** After a jump, which may make large by itself. */
  begin(): void {
    this.below.fill(0);
  }

  /** Those of the first n components. */
  leading(n: number): ComponentSizes {
    const part = new ComponentSizes(n);
    part.largest.set(this.largest.subarray(0, n));
    part.regrown.set(this.regrown.subarray(0, n));
    for (const i of this.inLoss) part.inLoss.add(i);
    return part;
  }
}

/** Did it grow otherwise than in proportion to itself? Its derivative is then nearly what it was. */
function isFed(before: number, after: number, slopeBefore: number, slopeAfter: number): boolean {
  const growth = Math.abs(after / before);
  return growth > 2 && Math.abs(slopeAfter) < Math.sqrt(growth) * Math.abs(slopeBefore);
}
