/** Chunks at work, so many at a time, and merged in their order whichever ends first. */

/** How chunks are done. */
export interface Doing<Result> {
  /** How many there are. */
  readonly chunks: number;
  /** Begun and not yet merged, at most: what waits for its turn is held in memory. */
  readonly inFlight: number;
  readonly run: (index: number) => Promise<Result>;
  /** In the order of the chunks. */
  readonly merge: (result: Result, index: number) => void;
}

/** The first error of a chunk ends it; those at work then are left to themselves. */
export async function inOrder<Result>({ chunks, inFlight, run, merge }: Doing<Result>): Promise<void> {
  const begun: Promise<Result>[] = [];
  let next = 0;
  for (let merging = 0; merging < chunks; merging++) {
    for (; next < chunks && next < merging + inFlight; next++) {
      const result = run(next);
      // It is looked at in its turn.
      result.catch(() => {});
      begun.push(result);
    }
    merge(await begun.shift()!, merging);
  }
}
