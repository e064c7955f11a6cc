/** How far an ensemble has come, and how long it will take. */
import type { EnsembleProgress } from "./options.ts";

export interface Told {
  /** A chunk tells how many of its trajectories are done. */
  readonly within: (chunk: number) => (done: number) => void;
  /** A chunk is done. */
  readonly done: (chunk: number, count: number) => void;
}

/** Nothing is counted where nobody listens. */
export function progressOf(onProgress: ((progress: EnsembleProgress) => void) | undefined, of: number): Told | undefined {
  if (!onProgress) return undefined;
  const start = performance.now();
  /** Of chunks at work. */
  const parts = new Map<number, number>();
  let whole = 0;
  const tell = (): void => {
    const done = whole + [...parts.values()].reduce((sum, x) => sum + x, 0);
    const seconds = (performance.now() - start) / 1e3;
    onProgress({ done, of, secondsLeft: done > 0 ? (seconds / done) * (of - done) : Infinity });
  };
  return {
    within: (chunk) => (done) => {
      parts.set(chunk, done);
      tell();
    },
    done: (chunk, count) => {
      parts.delete(chunk);
      whole += count;
      tell();
    },
  };
}
