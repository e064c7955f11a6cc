/** Everything that is asked of a written function, and what came of it. */
import { byBackends, byModes, difference } from "./derivatives.ts";
import { judge, points } from "./judge.ts";
import { byLanes } from "./lanes.ts";
import { byVerbs } from "./verbs.ts";
import type { Form } from "./writer.ts";

export interface Counts {
  refused: Record<string, number>;
  /** Programs that are steady at their point, so that differences tell their derivative, and those that compared it. */
  steady: number;
  compared: number;
  /** Programs of each backend that gave a derivative, and that refused. */
  gave: Record<string, number>;
  verbs: number;
  verbsRefused: Record<string, number>;
}

export function newCounts(): Counts {
  return { refused: {}, steady: 0, compared: 0, gave: {}, verbs: 0, verbsRefused: {} };
}

/** What is wrong with a function, if anything. Dear questions are asked of some alone. */
export async function complaint(form: Form, body: string, seed: number, counts?: Counts): Promise<string | undefined> {
  const at = points[(seed >> 2) % 4];
  const verdict = judge({ form, body });
  if (verdict.kind === "wrong") return verdict.what;
  if (verdict.kind === "refused") count(counts?.refused, `${verdict.error.name}: ${verdict.error.construct}`);
  const slope = difference(form, body, at);
  if (counts && slope !== undefined) counts.steady++;
  if (verdict.kind === "right") {
    const { complaint: wrong, derivative } = byModes(verdict.program, at, slope, seed % 4 === 0);
    if (wrong) return wrong;
    if (counts && slope !== undefined && derivative !== undefined) counts.compared++;
    const apart = seed % 4 === 0 ? await byLanes(form, body, verdict.program) : undefined;
    if (apart) return apart;
  }
  if (slope !== undefined && seed % 12 === 1 && (form === "rhs" || form === "value")) {
    const { complaint: wrong, gave, refused } = byBackends(form, body, at, slope, verdict.kind === "right");
    for (const name of [...gave, ...refused]) count(counts?.gave, name);
    if (wrong) return wrong;
  }
  if (seed % 16 !== 0) return undefined;
  const { complaint: wrong, refused } = byVerbs(form, body, at, verdict.kind === "right");
  if (counts) counts.verbs++;
  if (refused) count(counts?.verbsRefused, refused);
  return wrong;
}

export function count(counts: Record<string, number> | undefined, key: string, n = 1): void {
  if (counts) counts[key] = (counts[key] ?? 0) + n;
}
