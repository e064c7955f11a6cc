/** Reads a loop as often as its plan grows. */
import type { AnyNode } from "acorn";
import { ReadError } from "../../core/errors.ts";
import type { Value } from "../../ir/ir.ts";
import { Retry, Iteration } from "./iteration.ts";
import { unrollFor } from "../state/open-loops.ts";
import { unreadable, type Site } from "../state/site.ts";

/** Far more than plans can grow in practice. */
const MOST_ATTEMPTS = 200;

function notResting(at: Site): never {
  return unreadable(
    at,
    "loop",
    "What the variables of this loop hold takes another form each time that it is read",
    "Give objects all their properties where they are made, and let a variable hold things of one form.",
  );
}

/**
 * Reads a loop as often as its plan grows. `nodes`: the text that runs every iteration. `bounds`: of its counter, where it has one: it can
 * be read iteration by iteration where they are constant, or become so in the iterations of a loop around.
 */
export function planned(
  at: Site,
  key: object,
  nodes: readonly (AnyNode | null | undefined)[],
  read: (iteration: Iteration) => void,
  bounds?: readonly Value[],
): void {
  const { r } = at;
  const plan = r.plans.of(at.scope, key);
  for (let attempt = 0; ; attempt++) {
    if (attempt > MOST_ATTEMPTS) return notResting(at);
    const mark = r.journal.mark();
    const copies = r.sharing.mark();
    const depth = r.openLoops.length;
    const built = r.builder.mark();
    const iteration = new Iteration(at, plan, nodes);
    try {
      return read(iteration);
    } catch (reason) {
      const mayLearn = reason instanceof ReadError && iteration.hasOpen && !plan.startsAsNothing;
      if (mayLearn) plan.startsAsNothing = true;
      else if (!(reason instanceof Retry) || reason.iteration !== iteration) throw reason;
      if (plan.unrolled && !areConstant(bounds)) {
        bounds?.forEach((bound) => unrollFor(r, bound));
        unreadable(
          at,
          "loop",
          "What this loop computes with changes shape or kind from one iteration to the next",
          "Use a counted loop with known bounds, which is read iteration by iteration.",
        );
      }
      r.builder.giveUp(built);
      r.journal.rollback(mark);
      r.sharing.rollback(copies);
      r.openLoops.length = depth;
    }
  }
}

/** Is it known how many iterations there are? */
function areConstant(bounds: readonly Value[] | undefined): boolean {
  return bounds !== undefined && bounds.every((bound) => bound.constant !== undefined);
}
