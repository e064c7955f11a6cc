/** Turns of the event loop between trajectories that are done one by one. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import { breathe } from "./device.ts";

/** Milliseconds of work. */
const TURN = 50;

export class Turns {
  private start = performance.now();

  constructor(
    private readonly signal: AbortSignalLike | undefined,
    private readonly onProgress: ((done: number) => void) | undefined,
  ) {}

  get isOver(): boolean {
    return performance.now() - this.start >= TURN;
  }

  /** Throws the signal's reason. */
  async end(done: number): Promise<void> {
    await breathe(this.signal);
    this.onProgress?.(done);
    this.start = performance.now();
  }
}
