/** Failures of a batch in words. */
import { outcomes, type Outcome } from "../../solvers/batch/told.ts";

/** What is not in the sums, in a sentence. */
export function failures(each: readonly Outcome[]): string[] {
  const kinds = outcomes.filter((outcome) => outcome !== "success" && each.includes(outcome));
  if (kinds.length === 0) return [];
  const counts = kinds.map((kind) => `${each.filter((outcome) => outcome === kind).length} ${kind}`);
  const failed = each.filter((outcome) => outcome !== "success").length;
  return [
    `${failed} of ${each.length} trajectories failed (${counts.join(", ")}): the value and the gradient are of the others alone.`,
  ];
}
