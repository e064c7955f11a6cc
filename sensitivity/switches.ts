/** What switches along a solution that is differentiated, and whether the derivatives tell of it. */
import { Arena } from "../src/compile/arena.ts";
import { compile, type Target } from "../src/compile/compile.ts";
import type { ProblemCode } from "../src/code.ts";
import { outcomesOf, type Outcomes } from "../src/program/inspect/switching/outcomes.ts";
import { reaching } from "../src/program/inspect/structure.ts";
import { integrateWith } from "../solvers/auto.ts";
import { systemOf } from "../solvers/problem-system.ts";
import { stopsOf } from "../solvers/stops.ts";
import { timeSwitches, written, type Switch } from "../solvers/switches.ts";
import type { TakenSteps } from "../solvers/taken-steps.ts";
import { eventProgramOf } from "./events.ts";
import { componentOf } from "./finite-gradient.ts";
import { velocity } from "./methods/end-times.ts";
import { requireUncut } from "./methods/cut-short.ts";
import { lender, requestOf } from "./methods/task-solve.ts";
import type { GradientTask, UnplannedTask } from "./methods/method.ts";
import { crossingsAt, movesOf } from "./methods/saltation.ts";
import { crossingsOfTask } from "./methods/task-steps.ts";

/** Of the time: known before the solve. */
export function switchesInTime(task: UnplannedTask): Switch[] {
  const { problem } = task;
  const crossings = crossingsOfTask(task);
  const switches = timeSwitches(crossings, problem.name, (j) => componentOf("p", problem.layout.p, j));
  if (!task.wrt.p || switches.every(({ by }) => by.length === 0)) return switches;
  const [t0, t1] = problem.tspan;
  const together = stopsOf({ t0, t1, stops: crossings.map(({ t }) => t) }).filter(
    (stop) => crossingsAt(task, stop).some(({ slopes }) => slopes().size > 0) && !movesOf(task, stop),
  );
  const isApart = (t: number): boolean => !together.some(({ end, start }) => (t - end) * (start - t) >= 0);
  return switches.map((one) => (one.by.length === 0 ? one : { ...one, differentiated: one.times.every(isApart) }));
}

/** Times of each that are looked for. */
const MOST_TIMES = 100;
/** A step is halved so often to find where in it a decision turns. */
const HALVINGS = 40;
/** Sides of a component that differ by more than this part of its derivative in the step jump. */
const JUMP = 1e-7;

/** Of the state: by a forward solve, where the right-hand side decides on the state at all. Those whose two sides differ. */
function switchesInState(task: GradientTask): Switch[] {
  const { code, problem } = task;
  const outcomes = systemOf(code) && code.derived("outcomes", outcomesOf);
  if (!outcomes) return [];
  const times = turnsOf(task, outcomes);
  return outcomes.decisions.flatMap(({ source, p, u }, k): Switch[] => {
    if (times[k].length === 0) return [];
    const moving = reaching({ rhs: code.rhsProgram(), event: eventProgramOf(code) }, { u: new Set(u), p: new Set(p) });
    const sorted = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);
    const by = [
      ...sorted(moving.p).map((j) => componentOf("p", problem.layout.p, j)),
      ...sorted(moving.u).map((i) => componentOf("u0", problem.layout.u, i)),
    ];
    return [{ on: "state", ...written(source, problem.name), times: times[k], by, differentiated: false }];
  });
}

/** When each decision turns, and the derivative with it. */
function turnsOf(task: GradientTask, { program, decisions }: Outcomes): number[][] {
  const times = decisions.map((): number[] => []);
  const tell = teller(task.code, program, decisions.length, task.target);
  const n = task.u0.length;
  const between = new Float64Array(n);
  const { trajectory } = integrateWith(lender(task), task.solver, {
    onSteps(steps) {
      let before = tell(steps.state(0), task.p, steps.time(0));
      for (let i = 0; i < steps.count; i++) {
        const after = tell(steps.state(i + 1), task.p, steps.time(i + 1));
        const turned = decisions.flatMap((_, k) => (before[k] !== after[k] && times[k].length < MOST_TIMES ? [k] : []));
        for (const k of turned) {
          const t = turnWithin(task, steps, i, between, (state, at) => tell(state, task.p, at)[k] === before[k]);
          if (t !== undefined) times[k].push(t);
        }
        before = after;
      }
    },
    ...requestOf(task),
  });
  requireUncut("the solve that looks for switches", trajectory);
  return times;
}

/** Where in a step an outcome turns; undefined where the derivative is the same on both sides. */
function turnWithin(
  task: GradientTask,
  steps: TakenSteps,
  i: number,
  state: Float64Array,
  isBefore: (state: Float64Array, t: number) => boolean,
): number | undefined {
  let [low, high] = [steps.time(i), steps.time(i + 1)];
  const at = (t: number): Float64Array => (steps.interpolate(i, t, state), state);
  for (let k = 0; k < HALVINGS; k++) {
    const middle = low + (high - low) / 2;
    if (isBefore(at(middle), middle)) low = middle;
    else high = middle;
  }
  const [before, after] = [velocity(task, at(low), low), velocity(task, at(high), high)];
  const [first, last] = [steps.time(i), steps.time(i + 1)].map((t) => velocity(task, at(t), t));
  // Each component by its own size, as a large one has nothing to say of a small one.
  const jumps = before.some((f, j) => {
    const size = Math.max(...[first, before, after, last].map((slopes) => Math.abs(slopes[j])));
    return Math.abs(after[j] - f) > JUMP * size;
  });
  return jumps ? high : undefined;
}

/** The outcomes at a state, in a new array each time. */
function teller(
  code: ProblemCode,
  program: Outcomes["program"],
  count: number,
  target: Target,
): (u: Float64Array, p: Float64Array, t: number) => Float64Array {
  const { tell, arena, at, n, np } = code.kept(`outcomes:${target}`, () => {
    const arena = new Arena();
    const unit = compile({ tell: program }, arena, target);
    const [n, np] = [code.layout.u.size, code.layout.p.size];
    const at = { outcomes: arena.reserve(count), u: arena.reserve(n), p: arena.reserve(np) };
    return { tell: unit.link().tell, arena, at, n, np };
  });
  return (u, p, t) => {
    arena.f64(at.u, n).set(u);
    arena.f64(at.p, np).set(p);
    tell(at.outcomes, at.u, at.p, t);
    return arena.f64(at.outcomes, count).slice();
  };
}

export interface Switching {
  /**
   * Comparisons, and what rounds, that turn along the solution: those of the time, at which the solve stops, and those of the state
   * whose two sides differ. What parameters do through times of the first kind is in the derivatives; of the second kind it is not.
   */
  readonly switches: readonly Switch[];
  /** What one must know of these numbers: what is not in them. Empty where there is nothing to say. */
  readonly warnings: readonly string[];
}

export function switchingOf(task: GradientTask): Switching {
  const switches = [...switchesInTime(task), ...switchesInState(task)];
  return { switches, warnings: warningsOf(switches) };
}

/** What a reader of derivatives must know, in sentences. */
function warningsOf(switches: readonly Switch[]): string[] {
  return switches
    .filter(({ differentiated }) => !differentiated)
    .map(({ on, text, function: name, line, times, by }) => {
      const where = `${name}, line ${line}: \`${text}\` turns at t = ${Number(times[0].toPrecision(6))}`;
      const more = times.length > 1 ? ` and ${times.length - 1} more times` : "";
      const why =
        on === "state"
          ? "where the derivative of the solution jumps"
          : "together with another switch that moves otherwise, so there is a derivative to either side only";
      const what = by.length
        ? `What ${by.slice(0, 6).join(", ")}${by.length > 6 ? ", …" : ""} do through its time`
        : "What moves its time";
      return `${where}${more}, ${why}. ${what} is not in these derivatives.`;
    });
}
