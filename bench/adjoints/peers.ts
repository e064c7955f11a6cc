/** The adjoint of CVODES on the same problems, where it can be built: error against time over a range of tolerances. */
import { PeerUnavailable, runGradient } from "../peers/run.ts";
import { errorOf, type GradientCase } from "./cases.ts";
import type { Point } from "../equal-error.ts";

export interface PeerCurve {
  readonly name: string;
  /** From loose tolerances to tight ones. */
  readonly points: readonly Point[];
}

/** One curve a solver; none where the peers cannot be built, which `notes` then say once. */
export function peerCurves(task: GradientCase, rtols: readonly number[], reference: Float64Array, notes: string[]): PeerCurve[] {
  try {
    return task.peers.map((solver) => ({
      name: `CVODES ${solver}`,
      points: runGradient(task.name, solver, rtols).map(({ seconds, gradient }) => ({
        seconds,
        error: errorOf(task, gradient, reference),
      })),
    }));
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    const note = `No figures of CVODES: ${error.message.split("\n")[0]}`;
    if (!notes.includes(note)) notes.push(note);
    return [];
  }
}
