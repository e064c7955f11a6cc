/**
 * The order in which a stretch of steps is computed again from its first state and swept in reverse, with room for few states (A. Griewank,
 * A. Walther, Algorithm 799: revolve, ACM Trans. Math. Softw. 26 (2000) 19–45).
 */

/** What can be done with a stretch of steps. */
export interface Stretch {
  /** Computes the state at step `to` from that at step `from`. */
  advance(state: Float64Array, from: number, to: number): Float64Array;
  /** Sweeps over the steps, at most a block, which are computed again from the state at `from`. */
  sweep(state: Float64Array, from: number, to: number): void;
  /** Tells that a state more, or one less, is held. */
  hold(change: 1 | -1): void;
}

/** Sweeps from step `to` back to step `from`, whose state is given, with room for `slots` states besides. */
export function revolve(stretch: Stretch, state: Float64Array, from: number, to: number, block: number, slots: number): void {
  let end = to;
  while (end - from > block) {
    const middle = from + block * splitOf(Math.ceil((end - from) / block), slots);
    const later = stretch.advance(state, from, middle);
    if (slots === 0) stretch.sweep(later, middle, end);
    else {
      stretch.hold(1);
      revolve(stretch, later, middle, end, block, slots - 1);
      stretch.hold(-1);
    }
    end = middle;
  }
  stretch.sweep(state, from, end);
}

/**
 * The number of blocks before the next checkpoint. With c states, the first among them, β(c, r) = (c + r)! / (c! r!) blocks can be swept by
 * advancing over none more than r times. Those before the checkpoint are advanced over once more than those behind it: where r are needed
 * in all, they are to be β(c, r - 1) at most, and to leave β(c - 1, r - 1) = β(c, r - 1) - β(c, r - 2) behind it, with a state less, at least.
 */
function splitOf(blocks: number, slots: number): number {
  let [reach, before, twoBefore] = [1, 0, 0];
  for (let repeats = 1; reach < blocks; repeats++) {
    [twoBefore, before] = [before, reach];
    reach = (reach * (slots + 1 + repeats)) / repeats;
  }
  return Math.min(before, blocks - (before - twoBefore));
}
