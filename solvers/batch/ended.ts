/** How trajectories end by what their last try said of itself. */
import type { Value } from "../../src/ir/ir.ts";
import { statuses, type Status } from "../step/verdict.ts";
import type { BatchBuilder } from "./batch-builder.ts";
import { outcomes, type Outcome } from "./told.ts";

const ends: Partial<Record<Status, Outcome>> = {
  nonFinite: "nonFinite",
  singular: "singularMatrix",
  notConverged: "convergenceFailure",
};

/** The number of the outcome of a trajectory whose last try ended with such a status, or of another where that tells of none. */
export function outcomeOf(b: BatchBuilder, status: Value, otherwise: Outcome): Value {
  const code = (name: Outcome): Value => b.f64(outcomes.indexOf(name));
  const byStatus = statuses.reduce((why, { name }, k) => {
    const end = ends[name];
    return end ? b.operation("select", b.operation("eq", status, b.f64(k)), code(end), why) : why;
  }, code(otherwise));
  const isEntry = b.operation("gt", b.said("entry"), b.f64(0));
  return b.operation("select", isEntry, code("nonFiniteJacobian"), byStatus);
}
