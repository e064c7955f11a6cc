/** Reports to the user of how far a gradient is. */
import type { Progress } from "../../solvers/step-loop/request.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

/** How far a gradient is. */
export interface GradientProgress extends Progress {
  /**
   * "forward" is the solve, with derivatives carried along where the method does so; "backward" goes back over it. `fraction` and `steps`
   * are those of the phase.
   */
  readonly phase: "forward" | "backward";
}

/** The task that is reported of, and who listens. */
interface Listening {
  readonly problem: Pick<OdeProblem, "tspan">;
  readonly onProgress?: (progress: GradientProgress) => void;
}

/** What reports of a forward solve, the `part`-th of several; undefined where nobody listens. */
export function forwardProgress({ onProgress }: Listening, part = 0, parts = 1): ((progress: Progress) => void) | undefined {
  return (
    onProgress && ((progress) => onProgress({ ...progress, phase: "forward", fraction: (part + progress.fraction) / parts }))
  );
}

/** Reports that the backward phase has come to t by so many steps. */
export function reportBackward({ onProgress, problem }: Listening, t: number, steps: number): void {
  const [t0, t1] = problem.tspan;
  onProgress?.({ phase: "backward", t, fraction: (t1 - t) / (t1 - t0), steps });
}
