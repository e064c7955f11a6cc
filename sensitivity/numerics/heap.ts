/** An item with its score. */
interface Entry<T> {
  readonly item: T;
  readonly score: number;
}

/** A binary heap, from which the item with the largest score comes first. */
export class Heap<T> {
  private readonly entries: Entry<T>[] = [];

  push(item: T, score: number): void {
    const { entries } = this;
    let i = entries.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (entries[parent].score >= score) break;
      entries[i] = entries[parent];
      i = parent;
    }
    entries[i] = { item, score };
  }

  /** The item with the largest score, which is removed; undefined of an empty heap. */
  pop(): Entry<T> | undefined {
    const { entries } = this;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return last;
    const [first] = entries;
    let i = 0;
    for (let child = 1; child < entries.length; child = 2 * i + 1) {
      if (child + 1 < entries.length && entries[child + 1].score > entries[child].score) child++;
      if (entries[child].score <= last.score) break;
      entries[i] = entries[child];
      i = child;
    }
    entries[i] = last;
    return first;
  }
}
