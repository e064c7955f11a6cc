/** Where the decisions of programs on the state change along a solution: the crossings of their thresholds. */
import { integrateWith } from "../../solvers/solve/auto.ts";
import { failureOf } from "../../solvers/solution/failure.ts";
import type { BranchModes, BranchSwitch, Jump } from "../../solvers/step-loop/trajectory.ts";
import type { TakenSteps } from "../../solvers/step-loop/taken-steps.ts";
import type { Branches } from "../../src/analysis/switching/branches.ts";
import type { Outcomes } from "../../src/analysis/switching/outcomes.ts";
import type { Target } from "../../src/compile/compile.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { requireNotStopped } from "../adjoints/shared/solve-failure.ts";
import { requestOf, preparedFor } from "../task/solve.ts";
import type { GradientTask } from "../task/task.ts";

/** One side of a crossing. */
export interface Side {
  readonly t: number;
  readonly u: Float64Array;
}

/** Two sides of a time at which decisions change, as close as numbers tell apart. */
export interface Sides {
  readonly before: Side;
  readonly after: Side;
}

export interface StateCrossing extends Sides {
  /** The indices of the decisions that change. */
  readonly decisions: readonly number[];
}

/** A program whose decisions are watched, and what is made of its crossings. */
export interface WatchedProgram<T> {
  readonly outcomes: Outcomes;
  /** The decisions are taken at the ends of steps, and in at least so many even parts of the span. */
  readonly parts: number;
  /** Makes something of a crossing within a step with these ends; undefined where the crossing does not matter. */
  readonly examine: (crossing: StateCrossing, ends: readonly [Side, Side]) => T | undefined;
}

/** The number of bisections that find a crossing in a part of a step. */
const BISECTIONS = 40;
/** The largest number of crossings within a part of a step that are told apart. */
const MOST_WITHIN = 16;
/** The largest number of crossings that matter. */
export const MOST_CROSSINGS = 10_000;

/** What is found along one forward solve, in its order: crossings of two programs, at most {@link MOST_CROSSINGS} of each, and switches. */
export interface Along<A, B> {
  readonly first: readonly A[];
  readonly second: readonly B[];
  /** Of decisions that are held. */
  readonly switches: readonly BranchSwitch[];
  readonly branchModes: readonly BranchModes[];
  /** Were they let go on the way? */
  readonly released: boolean;
  /** What took place. */
  readonly events: readonly Jump[];
}

/** What is looked at along a forward solve: crossings of two programs, and decisions that are held. */
export interface Looked<A, B> {
  readonly first?: WatchedProgram<A>;
  readonly second?: WatchedProgram<B>;
  readonly branches?: Branches;
  readonly onSteps?: (steps: TakenSteps) => void;
}

/**
 * What is made of the crossings along a forward solve.
 *
 * @throws SlidingMode, and EndlessEvents of decisions that switch without an end.
 */
export function crossingsAlong<A, B>(task: GradientTask, { first, second, branches, onSteps }: Looked<A, B>): Along<A, B> {
  const [ofFirst, ofSecond] = [first && new CrossingFinder(task, first), second && new CrossingFinder(task, second)];
  const finders = [ofFirst, ofSecond].filter((finder) => finder !== undefined);
  const { trajectory, solver } = integrateWith(preparedFor(task, branches), task.solver, {
    onSteps(steps) {
      finders.forEach((finder) => finder.over(steps));
      onSteps?.(steps);
    },
    onRestart: () => finders.forEach((finder) => finder.forget()),
    ...requestOf(task, branches),
  });
  const { kind, decision } = trajectory.result;
  requireNotStopped("the solve that looks for switches", trajectory);
  if (decision !== undefined) throw failureOf(task.code, task.p, trajectory, solver);
  // Of others the solve that differentiates says better what is wrong.
  if (kind !== "success") return { first: [], second: [], switches: [], branchModes: [], released: false, events: [] };
  const { switches, branchModes, released, jumps } = trajectory;
  const events = jumps.filter(({ event }) => event !== undefined);
  return { first: ofFirst?.found ?? [], second: ofSecond?.found ?? [], switches, branchModes, released, events };
}

/** With how decisions turn out there. */
type Taken = readonly [Side, Float64Array];

class CrossingFinder<T> {
  readonly found: T[] = [];
  /** Where the steps ended so far. */
  private last: Taken | undefined;
  private readonly outcomesAt: (side: Side) => Float64Array;
  /** The length of a part of the span. */
  private readonly part: number;

  constructor(
    { p, target, problem: { tspan } }: GradientTask,
    private readonly watched: WatchedProgram<T>,
  ) {
    const { program, decisions } = watched.outcomes;
    this.outcomesAt = outcomesAt(program, decisions.length, p, target);
    this.part = Math.abs(tspan[1] - tspan[0]) / watched.parts;
  }

  over(steps: TakenSteps): void {
    const start = endOf(steps, 0);
    let here = this.outcomesAt(start);
    if (this.last) this.overStop(steps, this.last, [start, here]);
    for (let i = 0; i < steps.count; i++) {
      const [t, length] = [steps.time(i), steps.time(i + 1) - steps.time(i)];
      const parts = Math.max(1, Math.ceil(Math.abs(length) / this.part - ROUNDING));
      const sideAt = (k: number): Side => {
        if (k === 0 || k === parts) return endOf(steps, i + k / parts);
        return within(steps, i, t + (k / parts) * length);
      };
      for (let k = 1; k <= parts; k++) {
        const to = sideAt(k);
        const there = this.outcomesAt(to);
        if (differ(here, there)) this.between(steps, i, [sideAt(k - 1), here], [to, there]);
        here = there;
      }
    }
    this.last = [endOf(steps, steps.count), here];
  }

  /** At a stop the time goes on a little without a step: what switches with the time does so there. An event changes the state, too. */
  private overStop(steps: TakenSteps, [before, here]: Taken, [after, there]: Taken): void {
    if (before.t === after.t || !differ(here, there) || differ(before.u, after.u)) return;
    this.note({ before, after, decisions: changed(here, there) }, [before, endOf(steps, 1)]);
  }

  private note(crossing: StateCrossing, ends: readonly [Side, Side]): void {
    const found = this.watched.examine(crossing, ends);
    if (found !== undefined) this.found.push(found);
  }

  forget(): void {
    this.found.length = 0;
    this.last = undefined;
  }

  /** Finds the crossings within step i from one side to another, each given with its outcomes. */
  private between(steps: TakenSteps, i: number, first: Taken, last: Taken): void {
    const ends = [endOf(steps, i), endOf(steps, i + 1)] as const;
    let [from, here] = first;
    for (let k = 0; k < MOST_WITHIN && differ(here, last[1]) && this.found.length < MOST_CROSSINGS; k++) {
      const [before, after] = this.firstAfter(steps, i, [from, here], last[0]);
      const there = this.outcomesAt(after);
      this.note({ before, after, decisions: changed(here, there) }, ends);
      [from, here] = [after, there];
    }
  }

  /** Bisects to the two sides of a crossing. */
  private firstAfter(steps: TakenSteps, i: number, [from, outcomes]: Taken, end: Side): readonly [Side, Side] {
    let [low, high] = [from, end];
    for (let k = 0; k < BISECTIONS; k++) {
      const middle = within(steps, i, low.t + (high.t - low.t) / 2);
      if (differ(outcomes, this.outcomesAt(middle))) high = middle;
      else low = middle;
    }
    return [low, high];
  }
}

/** The rounding of a number of parts. */
const ROUNDING = 1e-9;

function endOf(steps: TakenSteps, i: number): Side {
  return { t: steps.time(i), u: steps.state(i).slice() };
}

function within(steps: TakenSteps, i: number, t: number): Side {
  const u = new Float64Array(steps.components);
  steps.interpolate(i, t, u);
  return { t, u };
}

function differ(a: Float64Array, b: Float64Array): boolean {
  return a.some((x, d) => x !== b[d]);
}

/** The indices of the decisions that turn out otherwise. */
function changed(a: Float64Array, b: Float64Array): number[] {
  return [...a.keys()].filter((d) => a[d] !== b[d]);
}

/** Gives the outcomes at a state, in a new array each time. */
export function outcomesAt(
  program: Outcomes["program"],
  count: number,
  p: Float64Array,
  target: Target,
): (side: Side) => Float64Array {
  const compiled = compiledAlone(program, target);
  return ({ u, t }) => compiled.run([undefined, u, p], [t]).arrays[0].slice(0, count);
}
