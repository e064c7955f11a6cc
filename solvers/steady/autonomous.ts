/** Whether a problem is one of a right-hand side alone, which does not change with t: only of such are steady states searched for. */
import { memo } from "../../src/core/memo.ts";
import { dependence } from "../../src/analysis/dependence.ts";
import { outputsOf } from "../../src/analysis/activity.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import { inlineCalls } from "../../src/passes/inline-calls.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Program } from "../../src/ir/ir.ts";
import { NotAutonomous } from "../solution/errors.ts";
import { systemOf } from "../systems/problem-system.ts";

/** In units of the time span, where a function that cannot be read is called to see whether it changes. */
const TRIED = [0.1, 0.37, 1, 10];

/** Throws {@link NotAutonomous}. */
export function requireAutonomous(
  { name, code, events }: OdeProblem,
  u: Float64Array,
  p: Float64Array,
  t0: number,
  unit: number,
): void {
  if (events?.length) {
    throw new NotAutonomous(
      `${name} has events, which a steady state does not outlast. Leave them out of the problem, or solve it over a long time.`,
    );
  }
  if (code.implicitBy !== undefined) {
    throw new NotAutonomous(
      `${name} ${code.implicitBy}, with which steady states are not searched for yet. Solve it over a long time.`,
    );
  }
  const changes = systemOf(code) ? changesWithTime(code.rhsProgram()) : changesWhereCalled();
  if (!changes) return;
  throw new NotAutonomous(
    `${name} depends on t, so that no state is steady for good. Pass what it makes of t as a constant, or as a parameter in \`p\`; of what ` +
      "repeats itself solve many periods.",
  );

  function changesWhereCalled(): boolean {
    const at = (t: number): Float64Array | undefined =>
      ifItCanBe(() => {
        const du = new Float64Array(code.output.size);
        code.plain(du, u, p, t);
        return du;
      });
    const before = at(t0);
    return TRIED.some((part) => {
      const now = at(t0 + part * unit);
      return before && now && now.some((x, i) => !Object.is(x, before[i]));
    });
  }
}

const changesWithTime = memo((whole: Program): boolean => {
  const program = inlineCalls(whole, (callee) => callee.rules !== undefined);
  const byTime = dependence(program, ["t"]);
  return outputsOf(program).some((output) => ("role" in output ? byTime.arrays.has(output) : byTime.values.has(output)));
});
