/** A problem's events, as an integration takes them. */
import { memo } from "../../src/core/memo.ts";
import { componentName } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { NonFinite } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { TimedEvents } from "../step-loop/request.ts";

/**
 * The events within [t0, t1), or (t1, t0] of a span that runs backwards, in the order of integration. They call the user's own
 * function: a few calls are not worth compiling.
 */
export function eventsWithin(
  { events, code }: OdeProblem,
  p: Float64Array,
  [t0, t1]: readonly [number, number],
): TimedEvents | undefined {
  if (!events) return undefined;
  const direction = Math.sign(t1 - t0);
  const times = events.at
    .filter((t) => direction * (t - t0) >= 0 && direction * (t1 - t) > 0)
    .sort((a, b) => direction * (a - b));
  return { times, apply: (u, t) => apply(code, u, p, t) };
}

/** Of problems whose function was called: whether it ever changed anything. */
const effectOf = memo((_code: ProblemCode): { changes?: boolean } => ({}));

function apply(code: ProblemCode, u: Float64Array, p: Float64Array, t: number): void {
  const before = u.slice();
  code.operators.apply!.evaluate(u, [u, p, t]);
  effectOf(code).changes ||= u.some((x, i) => x !== before[i]);
  const i = u.findIndex((x, k) => !Number.isFinite(x) && Number.isFinite(before[k]));
  if (i < 0) return;
  const name = componentName(code.layout.u, i, "u");
  throw new NonFinite(
    `events.apply makes ${name} ${u[i]} at t = ${t}, where it was ${before[i]}. Look at what it computes that of.`,
  );
}

/** A warning where events never did anything. */
export function idleEvents(code: ProblemCode): readonly string[] {
  if (effectOf(code).changes !== false) return [];
  return [
    "events.apply was called, and changed nothing. It changes what it is given, u.gut += p.dose: assigning to a variable of its own, " +
      "as a destructured { gut } is, does nothing.",
  ];
}
