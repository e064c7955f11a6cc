/** The check that a solution that is solved backward comes back to where it came from. */
import { componentNames } from "../../../src/arrays/layout.ts";
import { BacksolveDrifted } from "../../task/errors.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { GradientTask } from "../../task/task.ts";

/** The largest error that both solves may add up to between two checkpoints, in units of the tolerances. */
const ALLOWED = 1e3;

/**
 * Requires the state solved backward to be close to the checkpoint.
 *
 * @throws {@link BacksolveDrifted}
 */
export function requireNoDrift({ problem, rtol, atol }: GradientTask, { t, state }: Checkpoint, backward: Float64Array): void {
  const allowed = (i: number): number => (typeof atol === "number" ? atol : atol[i]);
  const drift = state.map((u, i) => Math.abs(backward[i] - u) / (allowed(i) + rtol * Math.abs(u)));
  const worst = drift.reduce((at, x, i) => (x <= drift[at] ? at : i), 0);
  if (drift[worst] <= ALLOWED) return;
  const name = componentNames(problem.layout.u, "u")[worst];
  throw new BacksolveDrifted(
    `backsolve: at t = ${t} the state solved backward has ${name} = ${backward[worst]}, the forward solution ${state[worst]}: ` +
      `${drift[worst].toPrecision(3)} times the tolerance apart, and ${ALLOWED} are allowed. The problem is unstable backward in time: ` +
      `take adjoint: "gauss" or "interpolating".`,
  );
}
