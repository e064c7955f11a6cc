/** When what programs decide on the state turns out otherwise, along a solution. */
import type { Target } from "../../src/compile/compile.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { Outcomes } from "../../src/analysis/switching/outcomes.ts";
import { integrateWith } from "../../solvers/auto.ts";
import type { TakenSteps } from "../../solvers/step-loop/taken-steps.ts";
import { requireNotStopped } from "../adjoints/shared/solve-failure.ts";
import type { GradientTask } from "../task/task.ts";
import { solverPool, requestOf } from "../task/solve.ts";

/** One side of a turn. */
export interface Side {
  readonly t: number;
  readonly u: Float64Array;
}

export interface Turn {
  readonly before: Side;
  readonly after: Side;
  /** Those that turn there. */
  readonly decisions: readonly number[];
}

/** A program whose decisions are watched, and what is made of their turns. */
export interface Watched<T> {
  readonly outcomes: Outcomes;
  /** Looked at in so many even parts of the span, at least; otherwise at the ends of steps. */
  readonly parts: number;
  /** `ends`: of the step. Undefined: it is no turn that matters. */
  readonly look: (turn: Turn, ends: readonly [Side, Side]) => T | undefined;
}

/** A part of a step is halved so often to find where in it a decision turns. */
const HALVINGS = 40;
/** Turns within a part of a step that are told apart. */
const MOST_WITHIN = 16;
/** Turns that matter, at most. */
export const MOST_CROSSINGS = 10_000;

/** In the order of the solve, {@link MOST_CROSSINGS} at most. */
export function crossingsAlong<A, B>(task: GradientTask, first?: Watched<A>, second?: Watched<B>): readonly [A[], B[]] {
  const [ofFirst, ofSecond] = [first && new Lookout(task, first), second && new Lookout(task, second)];
  const lookouts = [ofFirst, ofSecond].filter((lookout) => lookout !== undefined);
  if (lookouts.length > 0) {
    const { trajectory } = integrateWith(solverPool(task), task.solver, {
      onSteps: (steps) => lookouts.forEach((lookout) => lookout.over(steps)),
      onRestart: () => lookouts.forEach(({ found }) => (found.length = 0)),
      ...requestOf(task),
    });
    requireNotStopped("the solve that looks for switches", trajectory);
  }
  return [ofFirst?.found ?? [], ofSecond?.found ?? []];
}

class Lookout<T> {
  readonly found: T[] = [];
  private readonly tell: (side: Side) => Float64Array;
  /** Of the span. */
  private readonly part: number;

  constructor(
    { p, target, problem: { tspan } }: GradientTask,
    private readonly watched: Watched<T>,
  ) {
    const { program, decisions } = watched.outcomes;
    this.tell = teller(program, decisions.length, p, target);
    this.part = Math.abs(tspan[1] - tspan[0]) / watched.parts;
  }

  over(steps: TakenSteps): void {
    let here = this.tell(endOf(steps, 0));
    for (let i = 0; i < steps.count; i++) {
      const [t, length] = [steps.time(i), steps.time(i + 1) - steps.time(i)];
      const parts = Math.max(1, Math.ceil(Math.abs(length) / this.part - ROUNDING));
      const sideAt = (k: number): Side => {
        if (k === 0 || k === parts) return endOf(steps, i + k / parts);
        return within(steps, i, t + (k / parts) * length);
      };
      for (let k = 1; k <= parts; k++) {
        const to = sideAt(k);
        const there = this.tell(to);
        if (differ(here, there)) this.turnsBetween(steps, i, [sideAt(k - 1), here], [to, there]);
        here = there;
      }
    }
  }

  /** Within step i, from one side to the other, each with its outcomes. */
  private turnsBetween(
    steps: TakenSteps,
    i: number,
    first: readonly [Side, Float64Array],
    last: readonly [Side, Float64Array],
  ): void {
    const ends = [endOf(steps, i), endOf(steps, i + 1)] as const;
    let [from, here] = first;
    for (let k = 0; k < MOST_WITHIN && differ(here, last[1]) && this.found.length < MOST_CROSSINGS; k++) {
      const [before, after] = this.turnAfter(steps, i, [from, here], last[0]);
      const there = this.tell(after);
      const decisions = [...here.keys()].filter((d) => here[d] !== there[d]);
      const found = this.watched.look({ before, after, decisions }, ends);
      if (found !== undefined) this.found.push(found);
      [from, here] = [after, there];
    }
  }

  private turnAfter(
    steps: TakenSteps,
    i: number,
    [from, outcomes]: readonly [Side, Float64Array],
    end: Side,
  ): readonly [Side, Side] {
    let [low, high] = [from, end];
    for (let k = 0; k < HALVINGS; k++) {
      const middle = within(steps, i, low.t + (high.t - low.t) / 2);
      if (differ(outcomes, this.tell(middle))) high = middle;
      else low = middle;
    }
    return [low, high];
  }
}

/** Of counts. */
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

/** The outcomes at a state, in a new array each time. */
function teller(program: Outcomes["program"], count: number, p: Float64Array, target: Target): (side: Side) => Float64Array {
  const compiled = compiledAlone(program, target);
  return ({ u, t }) => compiled.run([undefined, u, p], [t]).arrays[0].slice(0, count);
}
