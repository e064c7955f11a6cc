/** What the dynamics do while they are followed, for the message where they do not come to rest. */
import type { TakenSteps } from "../step-loop/taken-steps.ts";

/** Turns of a component within a stretch of steps, from which on it oscillates. */
const TURNS = 4;
/** From one stretch to the next, to what part the range of an oscillation that lasts may shrink. */
const LASTING = 0.8;
/** Of its tolerance, the least range that counts. */
const VISIBLE = 100;
/** The length of the first stretch, in steps; each is twice as long as the one before. */
const FIRST_STRETCH = 32;

interface Stretch {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly turns: Float64Array;
}

export interface Oscillation {
  readonly component: number;
  readonly low: number;
  readonly high: number;
  readonly lasts: boolean;
}

/** Remembers, of the last stretches of steps, the range of each component, and how often it turned. */
export class Course {
  private before: Stretch | undefined;
  private last: Stretch | undefined;
  private now: Stretch;
  private readonly sign: Int8Array;
  private left = FIRST_STRETCH;
  private length = FIRST_STRETCH;

  constructor(
    private readonly n: number,
    private readonly atol: Float64Array,
  ) {
    this.now = emptyStretch(n);
    this.sign = new Int8Array(n);
  }

  observe(steps: TakenSteps): void {
    for (let k = 1; k <= steps.count; k++) {
      this.note(steps.state(k), steps.state(k - 1));
      if (--this.left > 0) continue;
      [this.before, this.last, this.now] = [this.last, this.now, emptyStretch(this.n)];
      this.left = this.length *= 2;
    }
  }

  private note(u: Float64Array, before: Float64Array): void {
    const { now, sign } = this;
    for (let i = 0; i < this.n; i++) {
      now.low[i] = Math.min(now.low[i], u[i]);
      now.high[i] = Math.max(now.high[i], u[i]);
      const direction = Math.sign(u[i] - before[i]);
      if (direction === 0 || direction === sign[i]) continue;
      if (sign[i] !== 0) now.turns[i]++;
      sign[i] = direction;
    }
  }

  /** Of the component with the largest relative range. */
  get oscillation(): Oscillation | undefined {
    const { before, last, atol } = this;
    if (!before || !last) return undefined;
    let found: Oscillation | undefined;
    let most = 0;
    for (let i = 0; i < this.n; i++) {
      const [low, high] = [last.low[i], last.high[i]];
      const range = high - low;
      const relative = range / Math.max(Math.abs(low), Math.abs(high));
      if (last.turns[i] < TURNS || !(range > VISIBLE * atol[i]) || !(relative > most)) continue;
      most = relative;
      found = { component: i, low, high, lasts: range >= LASTING * (before.high[i] - before.low[i]) };
    }
    return found;
  }
}

function emptyStretch(n: number): Stretch {
  return { low: new Float64Array(n).fill(Infinity), high: new Float64Array(n).fill(-Infinity), turns: new Float64Array(n) };
}
