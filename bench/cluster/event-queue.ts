/** What happens, in the order of its times; of equal ones in the order that it was put in. A binary heap. */

interface Event {
  readonly t: number;
  readonly order: number;
  readonly act: () => void;
}

export class EventQueue {
  private readonly heap: Event[] = [];
  private pushed = 0;

  push(t: number, act: () => void): void {
    const { heap } = this;
    let at = heap.push({ t, order: this.pushed++, act }) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(heap[at], heap[above]); above = (at - 1) >> 1)
      at = this.exchange(at, above);
  }

  /** Lets the first happen. */
  next(): void {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let at = 0, below = this.firstBelow(0); below > 0; below = this.firstBelow(at)) at = this.exchange(at, below);
    }
    first.act();
  }

  /** Of the two below, the one that is first, where that is before the one at `at`; else 0. */
  private firstBelow(at: number): number {
    const { heap } = this;
    const [left, right] = [2 * at + 1, 2 * at + 2];
    if (left >= heap.length) return 0;
    const below = right < heap.length && isBefore(heap[right], heap[left]) ? right : left;
    return isBefore(heap[below], heap[at]) ? below : 0;
  }

  private exchange(from: number, to: number): number {
    const { heap } = this;
    [heap[from], heap[to]] = [heap[to], heap[from]];
    return to;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.t < b.t || (a.t === b.t && a.order < b.order);
}
