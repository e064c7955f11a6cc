/**
 * In which order a stretch of steps is computed again from its first state and gone back over, with room for few states
 * (A. Griewank, A. Walther, Algorithm 799: revolve, ACM Trans. Math. Softw. 26 (2000) 19–45).
 */

export interface Stretch {
  /** The state at step `to`, computed from that at step `from`. */
  advance(u: Float64Array, from: number, to: number): Float64Array;
  /** Goes back over the steps, at most a block, computed again from the state at `from`. */
  goBack(u: Float64Array, from: number, to: number): void;
  /** A state more, or one less, is held. */
  hold(change: 1 | -1): void;
}

/** Goes back from step `to` to step `from`, whose state is u, with room for `slots` states besides. */
export function revolve(stretch: Stretch, u: Float64Array, from: number, to: number, block: number, slots: number): void {
  let end = to;
  while (end - from > block) {
    const middle = from + block * splitOf(Math.ceil((end - from) / block), slots);
    const later = stretch.advance(u, from, middle);
    if (slots === 0) stretch.goBack(later, middle, end);
    else {
      stretch.hold(1);
      revolve(stretch, later, middle, end, block, slots - 1);
      stretch.hold(-1);
    }
    end = middle;
  }
  stretch.goBack(u, from, end);
}

/**
 * Blocks before the next checkpoint. With s free slots, β(s, r) = (s + r)! / (s! r!) blocks can be gone back over advancing over
 * none more than r times; those before the checkpoint are advanced over once more than those after it.
 */
function splitOf(blocks: number, slots: number): number {
  if (slots === 0) return blocks - 1;
  let [reach, before, repeats] = [1, 1, 0];
  while (reach < blocks) {
    repeats++;
    before = reach;
    reach = (reach * (slots + repeats)) / repeats;
  }
  return Math.min(blocks - 1, before);
}
