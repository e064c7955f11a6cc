/** How often long work looks at the clock: after so many pieces as take some milliseconds. */

const MOST_PIECES = 64;
/** Milliseconds between looks, about. */
const INTERVAL = 5;

export class Pace {
  /** Until the next look. */
  pieces = 1;
  private last = performance.now();

  /** Returns the time. */
  look(): number {
    const now = performance.now();
    this.pieces = now - this.last > INTERVAL ? Math.max(1, this.pieces >> 1) : Math.min(MOST_PIECES, 2 * this.pieces);
    this.last = now;
    return now;
  }
}
