/**
 * Where the solve begins on a switch, an event leaves the state on one or takes place at one, or the loss sees the state at one: a small
 * change leads to either side of it, so there is a derivative to either side only. Unless what is asked by does not lead away from it.
 */
import type { Outcomes } from "../../src/analysis/switching/outcomes.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import { stateSizes } from "../../src/problem/sizes.ts";
import { written, type Switch } from "../../solvers/events/switches.ts";
import { EndlessEvents, SlidingMode } from "../../solvers/solution/errors.ts";
import { gapAt } from "../../solvers/step-loop/stops.ts";
import type { Jump } from "../../solvers/step-loop/trajectory.ts";
import { randomDirection } from "../adjoints/shared/directions.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import { appliedLoss } from "../losses/compiled.ts";
import type { GradientTask } from "../task/task.ts";
import { JUMP, type CrossingTime } from "./held-switches.ts";
import { outcomesAt, type Side } from "./state-crossings.ts";

/** Gaps (see stops.ts) within which things are at once. */
const AT_ONCE = 4;
/** Of the size of a component: how far off the sides of a switch are looked for, beside the way of the solution. */
const OFF = 2 ** -46;
/** Of what is asked by: a change that leads away from a switch. */
const CHANGE = 1e-6;

/** What decides, with where it jumps along a solution. */
export interface Jumping {
  readonly outcomes: Outcomes;
  readonly crossings: readonly CrossingTime[];
}

/** A solution: of the right-hand side and of the integrand where they jump, and the events that took place. */
export interface Course {
  readonly inRhs?: Jumping;
  readonly inIntegrand?: Jumping;
  readonly events: readonly Jump[];
}

/** A switch, and what it is together with. */
interface Coincidence {
  readonly t: number;
  readonly written: Pick<Switch, "function" | "line" | "column" | "text">;
  readonly where: string;
}

/** A warning for each; `courseOf` follows the solution of another task. */
export function coincidences(task: GradientTask, course: Course, courseOf: (task: GradientTask) => Course): string[] {
  const found = coincidencesIn(task, course);
  if (found.length === 0) return [];
  const changed = changedTask(task);
  const left = coincidencesIn(changed, ifItSolves(() => courseOf(changed)) ?? { events: [] });
  const countIn = (list: readonly Coincidence[], of: Coincidence): number => list.filter((one) => isAlike(one, of)).length;
  return found
    .filter((one, k) => found.findIndex((other) => isAlike(other, one)) === k && countIn(left, one) < countIn(found, one))
    .map(({ written: of, t, where }) => coincidenceOf(of, t, where));
}

/** Undefined where a solution next to one that exists does not. */
function ifItSolves<T>(follow: () => T): T | undefined {
  try {
    return follow();
  } catch (error) {
    if (error instanceof SlidingMode || error instanceof EndlessEvents) return undefined;
    throw error;
  }
}

/** A warning of a switch that coincides with something else. */
export function coincidenceOf(
  { function: name, line, text }: Pick<Switch, "function" | "line" | "text">,
  t: number,
  where: string,
): string {
  return (
    `${name}, line ${line}: \`${text}\` switches at t = ${Number(t.toPrecision(6))}, where ${where}: there is a derivative to either side ` +
    "only, and this is one of them."
  );
}

function isAlike(a: Coincidence, b: Coincidence): boolean {
  const keys = ["function", "line", "column", "text"] as const;
  return a.where === b.where && keys.every((key) => a.written[key] === b.written[key]);
}

/** With all that derivatives are asked by moved a little. */
function changedTask(task: GradientTask): GradientTask {
  const { wrt, p, u0, problem } = task;
  const direction = randomDirection(task);
  const moved = (x: Float64Array, by: Float64Array | undefined): Float64Array =>
    x.map((value, i) => value + CHANGE * (by?.[i] ?? 0));
  const [t0, t1] = problem.tspan;
  return {
    ...task,
    p: moved(p, direction.p),
    u0: wrt.u0 ? moved(u0, direction.u0) : u0,
    problem: wrt.t0 ? { ...problem, tspan: [t0 - CHANGE * (t1 - t0), t1] } : problem,
  };
}

function coincidencesIn(task: GradientTask, { inRhs, inIntegrand, events }: Course): Coincidence[] {
  const { problem, loss, u0 } = task;
  const [t0, t1] = problem.tspan;
  const isAt = (t: number, other: number): boolean => Math.abs(t - other) <= AT_ONCE * gapAt(t, t0, t1);
  const places = [
    { t: t0, u: u0, where: "the solve begins" },
    ...events
      .filter(({ t }, k) => events[k - 1]?.t !== t)
      .map(({ t, before }) => ({ t, u: before, where: "an event takes place" })),
    ...events
      .filter(({ ends, t }, k) => !ends && events[k + 1]?.t !== t)
      .map(({ t, after }) => ({ t, u: after, where: "an event leaves the state" })),
  ];
  return [inRhs, inIntegrand].flatMap((jumping) => {
    if (!jumping) return [];
    const { outcomes, crossings } = jumping;
    const named = (decisions: readonly number[], at: Omit<Coincidence, "written">): Coincidence[] =>
      decisions.map((k) => ({ ...at, written: written(outcomes.decisions[k].source, problem.name) }));
    const there = places.flatMap(({ t, u, where }) =>
      named(onSwitch(task, outcomes, { t, u }, jumping === inIntegrand), { t, where }),
    );
    const seen = crossings.flatMap(({ t, decisions }) =>
      jumping === inRhs && loss.times.some((at) => isAt(at, t)) ? named(decisions, { t, where: "the loss sees the state" }) : [],
    );
    return [...there, ...seen];
  });
}

/** The decisions on whose switch a state is, where something jumps with that. */
function onSwitch(task: GradientTask, { program, decisions }: Outcomes, { t, u }: Side, isIntegrand: boolean): number[] {
  const { p, target, problem } = task;
  const [t0, t1] = problem.tspan;
  const later = Math.sign(t1 - t0) * 2 * gapAt(t, t0, t1);
  const [f, sizes, random] = [velocity(task, u, t), stateSizes(u), pseudoRandom()];
  const off = u.map((_, i) => later * f[i] + OFF * sizes[i] * random());
  const [before, after] = [-1, 1].map((way): Side => ({ t: t + way * later, u: u.map((x, i) => x + way * off[i]) }));
  const [old, other] = [before, after].map(outcomesAt(program, decisions.length, p, target));
  const which = [...old.keys()].filter((k) => old[k] !== other[k]);
  if (which.length === 0) return [];
  const loss = appliedLoss(task);
  // No state of the solve: the functions need not be ones for it, and may throw.
  const values = ifItCanBe(() =>
    [before, after].map((side) => (isIntegrand ? [loss.integrand(side.t, side.u)] : velocity(task, side.u, side.t))),
  );
  if (!values) return [];
  const [low, high] = values;
  const span = Math.abs(t1 - t0);
  const jumps = Array.from(low, (x, i) => {
    const jump = Math.abs(high[i] - x);
    return jump > JUMP * Math.max(Math.abs(x), Math.abs(high[i])) && (isIntegrand || span * jump > JUMP * sizes[i]);
  });
  return jumps.includes(true) ? which : [];
}
