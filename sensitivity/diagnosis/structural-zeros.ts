/** Derivatives that are zero because there is no way from the input to the loss. */
import { recent } from "../../src/core/recent.ts";
import { NoInfluence } from "../../src/core/errors.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { LossPrograms } from "../losses/loss.ts";
import { influencing, type Influencing } from "../../src/analysis/structure.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { eventProgramOf } from "../task/events.ts";
import { componentOf } from "../task/finite-gradient.ts";
import type { FlatGradient, GradientTask } from "../task/task.ts";

/**
 * Names of the components that cannot influence the loss: "p.unused", "u0[3]", "t1". Looked for only where a derivative is zero,
 * and where functions can be read. Throws {@link NoInfluence} where nothing of p or u0 can, though it is asked for.
 */
export function structuralZeros(task: GradientTask, { p, u0, t1 }: FlatGradient): string[] {
  const { code, loss, problem } = task;
  const byEnd = t1 === 0 && !loss.integral && !loss.final ? ["t1"] : [];
  if (!executionOf(code).compiled || !(p?.includes(0) || u0?.includes(0))) return byEnd;
  const reaching = reachingLoss(code, loss);
  const zeros = (what: "p" | "u0", values: Float64Array | undefined, reached: ReadonlySet<number>): string[] => {
    if (!values) return [];
    const layout = what === "p" ? problem.layout.p : problem.layout.u;
    const names = [...values.keys()].filter((i) => !reached.has(i)).map((i) => componentOf(what, layout, i));
    if (names.length > 0 && names.length === values.length) throw new NoInfluence(problem.name, what);
    return names;
  };
  return [...zeros("p", p, reaching.p), ...zeros("u0", u0, reaching.u), ...byEnd];
}

const known = new WeakMap<object, { readonly loss: LossPrograms; readonly reaching: Influencing }[]>();

/** Found out once for a problem and a loss. */
function reachingLoss(code: ProblemCode, loss: LossPrograms): Influencing {
  const entries = known.get(code.identityWithEvents) ?? [];
  known.set(code.identityWithEvents, entries);
  return recent(
    entries,
    (entry) => PARTS.every((part) => entry.loss[part] === loss[part]),
    () => {
      const losses = PARTS.flatMap((part) => loss[part]?.value ?? []);
      return { loss, reaching: influencing({ rhs: code.rhsProgram(), event: eventProgramOf(code), losses }) };
    },
  ).reaching;
}

const PARTS = ["sum", "integral", "final"] as const;
