/** Which equation is solved for which unknown: a matching of rows and columns (Kuhn's augmenting paths, H. W. Kuhn 1955). */

interface Candidate {
  readonly place: number;
  /** Of the entry; the larger, the better a pivot. */
  readonly size: number;
}

/**
 * Of each row a place among those that are open, by its entries: its own, open[row], where it has an entry there, otherwise one as large
 * as can be had. Rows for which no entry is left get what is left of places.
 */
export function matching(candidates: readonly (readonly Candidate[])[], open: readonly number[]): number[] {
  const taken = new Map<number, number>();
  const ordered = candidates.map((entries, row) =>
    entries
      .filter(({ size }) => size > 0)
      .sort((a, b) => Number(b.place === open[row]) - Number(a.place === open[row]) || b.size - a.size)
      .map(({ place }) => place),
  );
  for (let row = 0; row < ordered.length; row++) augment(row, ordered, taken);
  const places = new Array<number>(ordered.length).fill(-1);
  for (const [place, row] of taken) places[row] = place;
  const free = open.filter((place) => !taken.has(place));
  return places.map((place) => (place < 0 ? free.pop()! : place));
}

/** Finds a place for a row, by a path along which rows that have one move on to another. */
function augment(start: number, ordered: readonly (readonly number[])[], taken: Map<number, number>): void {
  const cameFrom = new Map<number, { row: number; before: number | undefined }>();
  const queue: { row: number; before: number | undefined }[] = [{ row: start, before: undefined }];
  for (let head = 0; head < queue.length; head++) {
    const { row, before } = queue[head];
    for (const place of ordered[row]) {
      if (cameFrom.has(place)) continue;
      cameFrom.set(place, { row, before });
      const holder = taken.get(place);
      if (holder !== undefined) {
        queue.push({ row: holder, before: place });
        continue;
      }
      for (let at: number | undefined = place; at !== undefined;) {
        const step: { row: number; before: number | undefined } = cameFrom.get(at)!;
        taken.set(at, step.row);
        at = step.before;
      }
      return;
    }
  }
}
