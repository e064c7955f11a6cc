/** Derivatives that are zero by structure, because no path leads from the input to the loss. */
import { captureAdvice } from "../../src/problem/captured.ts";
import { MANY, memo } from "../../src/core/memo.ts";
import { NoInfluence } from "../task/errors.ts";
import { influencing, type Influencing } from "../../src/analysis/structure.ts";
import { asRead } from "../losses/part.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { endingConditionsOf, eventChangesOf } from "../task/events.ts";
import { statedReach } from "../task/changed-parameters.ts";
import { componentOf } from "../task/finite-gradient.ts";
import type { FlatGradient, GradientTask } from "../task/task.ts";

/**
 * The names of the components that cannot influence the loss, such as "p.unused", "u0[3]" or "t1". They are looked for where a derivative
 * is zero and functions can be read.
 *
 * @throws {@link NoInfluence} where nothing of p or u0 can influence the loss, though it is asked for.
 */
export function structuralZeros(task: GradientTask, { p, u0, t1 }: Pick<FlatGradient, "p" | "u0" | "t1">): string[] {
  const { code, loss, problem } = task;
  const byEnd = t1 === 0 && !loss.integral && !loss.final ? ["t1"] : [];
  // What one of all times depends on is not looked for.
  if (loss.all || !executionOf(code).compiled || !(p?.includes(0) || u0?.includes(0))) return byEnd;
  const reaching = statedReach(task, reachingLoss(task));
  const zeros = (what: "p" | "u0", values: Float64Array | undefined, reached: ReadonlySet<number>): string[] => {
    if (!values) return [];
    const layout = what === "p" ? code.layout.p : code.layout.u;
    const names = [...values.keys()].filter((i) => !reached.has(i)).map((i) => componentOf(what, layout, i));
    if (names.length > 0 && names.length === values.length) {
      throw new NoInfluence(problem.name, what, what === "p" ? captureAdvice(code) : "");
    }
    return names;
  };
  return [...zeros("p", p, reaching.p), ...zeros("u0", u0, reaching.u), ...byEnd];
}

/** What can influence a loss, found once for a problem and a loss. */
const reachingLoss = memo(
  ({ code, loss, problem }: GradientTask): Influencing => {
    const { sum, integral, final, steady } = loss;
    const parts = [sum, integral && asRead(integral), final, steady];
    const losses = [...parts.flatMap((part) => part?.value ?? []), ...endingConditionsOf(problem)];
    return influencing({ rhs: code.asRead.rhsProgram(), events: eventChangesOf(code), losses });
  },
  {
    by: ({ code, loss: { sum, integral, final, steady }, problem }) => [
      code.asRead.identityWithEvents,
      sum,
      integral && asRead(integral),
      final,
      steady,
      endsOf(problem),
    ],
    most: MANY,
  },
);

/** Which events end the solve. */
function endsOf({ events = [] }: GradientTask["problem"]): string {
  return events.flatMap(({ terminal }, k) => (terminal ? [k] : [])).join();
}
