/** Timing: the median over batches, each long enough for the clock. */

/** A batch shorter than this measures the clock. */
const batchSeconds = 5e-3;
const batches = 15;
/** Engines compile what runs often once more, and better. */
const warmUpSeconds = 0.1;
/** All batches together take about as long as this at most, where no other time is given. */
const totalSeconds = 2;

/**
 * Seconds that one call of `work` takes: the median over batches, after a warm-up that also finds the size of a batch. Work
 * that takes longer than a batch is called singly; what takes all the time there is (`total` seconds), once.
 */
export function secondsOf(work: () => void, total = totalSeconds): number {
  return secondsOfEach([work], total)[0];
}

/** Of several works, to be compared: their batches take turns, so that what else the machine does is shared. */
export function secondsOfEach(works: readonly (() => void)[], total = totalSeconds): number[] {
  const measured = works.map((work) => ({ work, ...warmedUp(work), samples: [] as number[] }));
  for (let round = 0; round < batches; round++) {
    for (const { work, calls, seconds, samples } of measured) {
      if ((round + 1) * seconds <= total) samples.push(batch(work, calls) / calls);
    }
  }
  return measured.map(({ seconds, calls, samples }) => (samples.length === 0 ? seconds / calls : median(samples)));
}

/** How many calls make a batch, and what that takes. */
function warmedUp(work: () => void): { calls: number; seconds: number } {
  let calls = 1;
  let spent = 0;
  let seconds: number;
  do {
    seconds = batch(work, calls);
    spent += seconds;
    if (seconds < batchSeconds) calls = Math.ceil(calls * Math.min(10, (1.2 * batchSeconds) / Math.max(seconds, 1e-9)));
  } while (seconds < batchSeconds || spent < warmUpSeconds);
  return { calls, seconds };
}

function batch(work: () => void, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) work();
  return (performance.now() - start) / 1e3;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
