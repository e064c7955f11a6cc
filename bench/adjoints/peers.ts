/** Other programs' gradients of the same problems, where they are installed: error against time over a range of tolerances. */
import { PeerUnavailable } from "../peers/execute.ts";
import { type PeerGradient } from "../peers/run.ts";
import { errorOf, type GradientCase } from "./cases.ts";
import type { Point } from "../shared/equal-error.ts";

export interface GradientPeer {
  readonly name: string;
  /** One gradient a tolerance. Throws {@link PeerUnavailable} where it is not installed. */
  readonly measure: (rtols: readonly number[]) => readonly PeerGradient[];
}

/** At one tolerance. */
export interface PeerPoint extends Point {
  readonly rtol: number;
  /** Beside `seconds`, and once for all. */
  readonly compileSeconds?: number;
}

export interface PeerCurve {
  readonly name: string;
  /** From loose tolerances to tight ones. */
  readonly points: readonly PeerPoint[];
}

/** One curve for each peer that can be run; of the others `notes` say why, once. */
export function peerCurves(task: GradientCase, rtols: readonly number[], reference: Float64Array, notes: string[]): PeerCurve[] {
  return task.peers.flatMap(({ name, measure }) => {
    try {
      const points = measure(rtols).map(({ tol, seconds, compileSeconds, gradient }) => ({
        rtol: tol,
        seconds,
        compileSeconds,
        error: errorOf(task, gradient, reference),
      }));
      return [{ name, points }];
    } catch (error) {
      if (!(error instanceof PeerUnavailable)) throw error;
      const note = `No figures of ${name}: ${error.message.split("\n")[0]}`;
      if (!notes.includes(note)) notes.push(note);
      return [];
    }
  });
}
