/** Timing of works that may wait: they take turns, so that what else the machine does is shared. */
import { median } from "./timing.ts";

export interface Times {
  /** Seconds on the wall. */
  readonly wall: number;
  /** Seconds on the processor, all threads together: unlike those on the wall, much the same on a busy machine. */
  readonly processor: number;
}

/** A work returns its times where it takes them itself. */
export type Work = () => Promise<Times | void> | Times | void;

/** The medians of each work, after one turn that is not counted. */
export async function timesOfEach(
  works: Readonly<Record<string, Work>>,
  rounds: number,
  onProgress: (line: string) => void = () => {},
): Promise<Record<string, Times>> {
  const samples: Record<string, Times[]> = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      onProgress(`${name}, turn ${round} of ${rounds}`);
      const times = await timesOf(work);
      if (round > 0) samples[name].push(times);
    }
  }
  return Object.fromEntries(
    Object.entries(samples).map(([name, taken]) => [
      name,
      { wall: median(taken.map(({ wall }) => wall)), processor: median(taken.map(({ processor }) => processor)) },
    ]),
  );
}

async function timesOf(work: Work): Promise<Times> {
  const processor = process.cpuUsage();
  const wall = performance.now();
  const own = await work();
  const { user, system } = process.cpuUsage(processor);
  return own ?? { wall: (performance.now() - wall) / 1e3, processor: (user + system) / 1e6 };
}
