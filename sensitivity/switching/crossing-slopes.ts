/**
 * How the time moves at which a program decides otherwise on the state: t* moves by dt* = -(∂g/∂u du + ∂g/∂p dp) / (dg/dt) where g crosses
 * zero.
 */
import { memo } from "../../src/core/memo.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { Program } from "../../src/ir/ir.ts";
import { gapsOf } from "../../src/analysis/switching/gaps.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import type { GradientTask } from "../task/task.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import type { BranchSwitch } from "../../solvers/step-loop/trajectory.ts";
import type { Side, Sides } from "./state-crossings.ts";

/** A crossing that is closer to an end of tspan than this part of it has derivatives to one side only. */
const AT_END = 1e-9;

/** The derivatives of the time of a crossing by the state there and by parameters. */
export interface CrossingSlopes {
  readonly u: Float64Array;
  readonly p: Float64Array;
  /** The derivative of what crosses by the time alone, over its rate along the solution. */
  readonly t: number;
  /** The derivative of the state by the time, before the crossing. */
  readonly velocity: Float64Array;
  /** Which of the decisions that are met there crosses, counted from 0. */
  readonly which: number;
}

/** Undefined where the time of a crossing of what a program decides by has no derivative by what is asked for. */
export function crossingSlopes(task: GradientTask, program: Program, { before, after }: Sides): CrossingSlopes | undefined {
  const { problem, wrt } = task;
  const [t0, t1] = problem.tspan;
  const isAt = (end: number): boolean => Math.abs(after.t - end) <= AT_END * Math.abs(t1 - t0);
  const slopes = slopesAt(task, program, before, after);
  if (!slopes) return undefined;
  const isHeld = isAt(t0) && !wrt.u0 && !wrt.t0 && !(wrt.p && slopes.p.some((x) => x !== 0));
  return isHeld || !(isAt(t0) || isAt(t1) || !movesAs(task, program, before, after, slopes)) ? slopes : undefined;
}

/** What crosses is what the first decision with another outcome compares: up to it, both sides go the same way. */
function slopesAt(task: GradientTask, program: Program, before: Side, after: Side): CrossingSlopes | undefined {
  const { target, p, u0 } = task;
  const { meeting, slopes } = programsOf(program);
  const met = (side: Side, which: number): readonly number[] =>
    compiledAlone(meeting, target)
      .run([undefined, undefined, side.u, p], [side.t, which])
      .arrays.slice(0, 2)
      .map(([x]) => x);
  let [first, last] = [0, Math.max(met(before, 0)[0], met(after, 0)[0])];
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if (met(before, middle)[1] === met(after, middle)[1]) first = middle + 1;
    else last = middle;
  }
  const bars = [u0, p, [0]].map((values) => new Float64Array(values.length));
  // Parameters: u, p, t, which, gap_bar, u_bar, p_bar, t_bar.
  const { result, arrays } = compiledAlone(slopes, target).run(
    [before.u, p, undefined, undefined, [1], ...bars].filter((x) => x !== undefined),
    [before.t, first],
  );
  // The tape had no room.
  if (result > 0) return undefined;
  const [byU, byP, byT] = arrays.slice(3).map((slope) => slope.slice());
  const f = velocity(task, before.u, before.t);
  const rate = dot(byU, f) + byT[0];
  const moved = (slope: Float64Array): Float64Array => slope.map((x) => -x / rate);
  const crossing = { u: moved(byU), p: moved(byP), t: byT[0] / rate, velocity: f, which: first };
  return [...crossing.u, ...crossing.p].every(Number.isFinite) ? crossing : undefined;
}

/** The distance over which the sides of a switch are looked for, at first, relative to the time; and at most, of the span. */
const LEAST_APART = 2 ** -46;
const MOST_APART = 2 ** -20;

/**
 * Two sides of a switch of decisions that were held, on which they turn out differently, and between which there is nothing but rounding;
 * undefined where there are none. The state of a switch may be off it by what iterations leave, as in steps of implicit methods.
 */
export function sidesOf(task: GradientTask, program: Program, { t, state, before, after }: BranchSwitch): Sides | undefined {
  const { target, p, problem } = task;
  const { meeting } = programsOf(program);
  const [t0, t1] = problem.tspan;
  const [direction, most] = [Math.sign(t1 - t0), MOST_APART * Math.abs(t1 - t0)];
  const outcome = (side: Side): number =>
    compiledAlone(meeting, target).run([undefined, undefined, side.u, p], [side.t, Infinity]).arrays[1][0];
  const least = Math.min(most, LEAST_APART * Math.max(Math.abs(t0), Math.abs(t))) || most;
  // What stops where it switches, as fuel that is used up, is told from what was there by where it would have gone.
  for (const beyond of [after, before]) {
    /** So much behind the switch, or before it. */
    const at = (by: number): Side => {
      const [later, slope] = [direction * by, by < 0 ? before : beyond];
      return { t: t + later, u: state.map((x, i) => x + later * slope[i]) };
    };
    for (let by = least; by <= most; by *= 4) {
      const old = outcome(at(-by));
      if (old === outcome(at(by))) continue;
      let [low, high] = [-by, by];
      while (high - low > 2 * least) {
        const middle = (low + high) / 2;
        if (outcome(at(middle)) === old) low = middle;
        else high = middle;
      }
      return { before: at(low), after: at(high) };
    }
  }
  return undefined;
}

const programsOf = memo((program: Program): { readonly meeting: Program; readonly slopes: Program } => {
  const { meeting, gap } = gapsOf(program);
  return { meeting, slopes: derivativesOf(gap).vjp(["u", "p", "t"]) };
});

/** The size of a change, relative to the sizes of state and parameters. */
const NEARBY = 1e-5;
/** How exactly the crossing must move, relative to how far it moves. */
const AROUND = 1e-2;
/** Distances between the two sides of a crossing. */
const CLEAR = 4;
/** The part of tspan in which a component that crosses zero moves by its size. */
const SHORT = 1e-2;

/**
 * Whether a trajectory nearby crosses when the derivatives say. It does not where this one only touches, nor where several things cross at
 * once that move apart from each other: there is no derivative then, but one to either side.
 */
function movesAs(task: GradientTask, program: Program, before: Side, after: Side, crossing: CrossingSlopes): boolean {
  const { target, p } = task;
  const { meeting } = programsOf(program);
  const outcome = (u: Float64Array, parameters: Float64Array, t: number): number =>
    compiledAlone(meeting, target).run([undefined, undefined, u, parameters], [t, Infinity]).arrays[1][0];
  const [old, other] = [before, after].map(({ u, t }) => outcome(u, p, t));
  const random = pseudoRandom();
  const change = (sizes: Float64Array): Float64Array => sizes.map((size) => NEARBY * size * random());
  // The size of a component that crosses zero is how far it goes.
  const span = Math.abs(task.problem.tspan[1] - task.problem.tspan[0]);
  const sizes = before.u.map((x, i) =>
    Math.max(Math.abs(x), Math.abs(task.u0[i]), SHORT * span * Math.abs(crossing.velocity[i])),
  );
  const [uDot, pDot] = [change(stateSizes(sizes)), change(sizesOf(p))];
  const terms = [...crossing.u.map((x, i) => x * uDot[i]), ...crossing.p.map((x, j) => x * pDot[j])];
  const least = AROUND * terms.reduce((sum, x) => sum + Math.abs(x), 0);
  // Farther than the two sides are apart, which late in time may be more than that.
  const by = Math.max(1, (CLEAR * Math.abs(after.t - before.t)) / least);
  const around = by * least;
  const moved = by * terms.reduce((sum, x) => sum + x, 0);
  const at = (later: number): number =>
    outcome(
      before.u.map((x, i) => x + by * uDot[i] + later * crossing.velocity[i]),
      p.map((x, j) => x + by * pDot[j]),
      before.t + later,
    );
  const ahead = Math.sign(after.t - before.t);
  return least > 0 && at(moved - ahead * around) === old && at(moved + ahead * around) === other;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
