/** How far a gradient is, as its user is told. */
import type { Progress } from "../../solvers/step-loop/request.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

export interface GradientProgress extends Progress {
  /** The solve, with derivatives carried along where the method does so; or the way back over it. `fraction` and `steps` are of it. */
  readonly phase: "forward" | "backward";
}

/** Who is told, and of the gradient of what. */
interface Listening {
  readonly problem: Pick<OdeProblem, "tspan">;
  readonly onProgress?: (progress: GradientProgress) => void;
}

/** Tells of a solve forward, the `part`-th of several. */
export function forwardProgress({ onProgress }: Listening, part = 0, parts = 1): ((progress: Progress) => void) | undefined {
  return (
    onProgress && ((progress) => onProgress({ ...progress, phase: "forward", fraction: (part + progress.fraction) / parts }))
  );
}

/** Tells of the way back, which has come to t by so many steps. */
export function tellBackward({ onProgress, problem }: Listening, t: number, steps: number): void {
  const [t0, t1] = problem.tspan;
  onProgress?.({ phase: "backward", t, fraction: (t1 - t) / (t1 - t0), steps });
}
