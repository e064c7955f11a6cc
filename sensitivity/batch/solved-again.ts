/** Trajectories that failed in a kernel of gradients, differentiated once more by themselves: what `solve` does about them, no kernel does. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { FailureReason } from "./failure-of.ts";
import type { GradientRows } from "./gradient-run.ts";
import type { Members } from "./one-by-one.ts";
import type { Warning } from "../../solvers/batch/warning.ts";

/** What is differentiated by itself. */
interface Alone extends GradientRows {
  readonly reasons: readonly ("success" | FailureReason)[];
  readonly warnings: readonly Warning[];
}

export interface Again {
  readonly rows: GradientRows;
  /** How many of them succeeded. */
  readonly solvedAgain: number;
  readonly warnings: readonly Warning[];
}

/** Those of the members that failed, where they succeed by themselves; others stay as they are. */
export async function withSolvedAgain(
  { layout }: OdeProblem,
  rows: GradientRows,
  { of, indexOf = (m) => m }: Members,
  differentiated: (members: Members) => Promise<Alone>,
): Promise<Again> {
  const failed = rows.outcomes.flatMap((outcome, m) => (outcome === "success" ? [] : [m]));
  if (failed.length === 0) return { rows, solvedAgain: 0, warnings: [] };
  const members = { count: failed.length, of: (k: number) => of(failed[k]), indexOf: (k: number) => indexOf(failed[k]) };
  const found = await differentiated(members);
  const [n, np] = [layout.u.size, layout.p.size];
  const outcomes = [...rows.outcomes];
  let solvedAgain = 0;
  failed.forEach((m, k) => {
    if (found.outcomes[k] !== "success") return;
    solvedAgain++;
    outcomes[m] = "success";
    rows.value[m] = found.value[k];
    rows.ends[m] = found.ends[k];
    rows.u0_bar.set(found.u0_bar.subarray(k * n, (k + 1) * n), m * n);
    rows.p_bar.set(found.p_bar.subarray(k * np, (k + 1) * np), m * np);
  });
  return { rows: { ...rows, outcomes }, solvedAgain, warnings: found.warnings };
}
