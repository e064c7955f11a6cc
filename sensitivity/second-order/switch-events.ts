/**
 * Switches of the right-hand side by the state as events that change nothing: what a decision switches at is the condition, and what its
 * movement makes of the tangent is that of any event (see tangent-events.ts). When they take place a solve has found before.
 */
import { memo } from "../../src/core/memo.ts";
import { gapsOf } from "../../src/analysis/switching/gaps.ts";
import { defaultTarget } from "../../src/compile/compile.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import type { EventOperators, ProblemCode } from "../../src/problem/code.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { Operator } from "../../src/problem/operator.ts";
import { operators } from "../../src/problem/operators.ts";
import { crossingSlopes, sidesOf } from "../switching/crossing-slopes.ts";
import type { Held } from "../switching/deciding.ts";
import { SecondDerivativesRefused } from "../task/errors.ts";
import type { EventMet, GradientTask } from "../task/task.ts";

/** Events, and when they take place, by their index from the problem's own on. */
export interface SwitchEvents {
  readonly events: readonly EventOperators[];
  readonly met: readonly EventMet[];
}

/** Of decisions that a solve held. Throws SecondDerivativesRefused where the time of one has no derivative. */
export function switchEvents(task: GradientTask, { deciding: { program }, switches }: Held): SwitchEvents {
  const { code, problem } = task;
  const events: EventOperators[] = [];
  const counts: number[] = [];
  const met = switches.map((one): EventMet => {
    const sides = sidesOf(task, program, one);
    const which = sides && crossingSlopes(task, program, sides)?.which;
    if (which === undefined) {
      throw new SecondDerivativesRefused(
        problem.name,
        `a comparison switches at t = ${one.t} where it touches what it compares with, or with something else`,
        "Take differences of gradients, beside this time: there is a derivative to either side only.",
      );
    }
    const event = decisionEvent(code, program, which);
    const known = events.indexOf(event);
    const k = known < 0 ? events.push(event) - 1 : known;
    counts[k] = (counts[k] ?? -1) + 1;
    return { t: one.t, event: code.events.length + k, index: counts[k] };
  });
  return { events, met };
}

const decisionEvent = memo((code: ProblemCode, program: Program, which: number): EventOperators => {
  const { u, p } = code.layout;
  const name = `decision ${which} of ${code.name}`;
  const operator = new Operator(operators.when, {
    fn: () => NaN,
    name,
    spaces: { u, p },
    constants: undefined,
    points: () => [],
  });
  const when = gapProgram(program, which);
  return {
    name,
    when: operator.instead({
      program: () => when,
      number: ([state, parameters, t]) =>
        compiledAlone(when, defaultTarget()).run([state as Float64Array, parameters as Float64Array], [t as number]).result,
    }),
  };
});

/** (input u, input p, scalar t), which returns what the decision switches at. */
const gapProgram = memo((program: Program, which: number): Program => {
  const { gap } = gapsOf(program);
  const b = new Builder(`${program.name}_gap`);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const value = b.localArray("gap", 1);
  const inputs = gap.parameters.flatMap((parameter) =>
    parameter.kind === "array" && parameter.array.role === "input"
      ? [whole(b.arrayParameter(parameter.array.name, parameter.array.size, "input"))]
      : [],
  );
  inline(b, gap, [whole(value), ...inputs, b.scalarParameter("t"), b.f64(which)]);
  return eliminate(b.finish(b.load(value, b.i32(0))));
});
