/** Finds counters that never become negative, which the intervals of what changes from one iteration to the next do not tell. */
import type { Value } from "../../ir/ir.ts";
import { sidesOfJoin } from "../values/reach.ts";

/**
 * `next`: of carried integers that start at 0 or above, what each becomes in an iteration. Those that are never negative as long as none
 * of them is are so in all iterations. Returns whether an integer of the iteration is not negative.
 */
export function nonNegatives(next: ReadonlyMap<Value, Value>): (x: Value) => boolean {
  const open = new Set(next.keys());
  const cache = new Map<Value, boolean>();
  const holds = (x: Value): boolean => {
    if (x.min >= 0 || open.has(x)) return true;
    let found = cache.get(x);
    if (found === undefined) cache.set(x, (found = compute(x)));
    return found;
  };
  const compute = (x: Value): boolean => {
    const joined = sidesOfJoin(x);
    if (joined) return joined.every(holds);
    if (x.definition?.kind !== "let") return false;
    const { operation, args } = x.definition;
    if (operation === "i32.select") return args.slice(1).every(holds);
    if (operation === "i32.rem" || operation === "i32.shr") return holds(args[0]);
    return ["i32.add", "i32.mul", "i32.div"].includes(operation) && args.every(holds);
  };
  for (let size = -1; size !== open.size;) {
    size = open.size;
    cache.clear();
    for (const phi of open) if (!holds(next.get(phi)!)) open.delete(phi);
  }
  return holds;
}
