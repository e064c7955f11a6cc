/**
 * What moves with the time of a switch that parameters move. Several decisions may switch at once, and move apart from each other: where
 * each changes by itself what it changes with the others, as terms of a sum do, there is a derivative, to which each adds its own.
 */
import type { Crossing } from "../../../src/analysis/switching/crossings.ts";
import { sizesOf } from "../../../src/problem/sizes.ts";
import { gapAt, type Stop } from "../../../solvers/step-loop/stops.ts";
import { settlingOf } from "../../../solvers/systems/settling.ts";
import { appliedLoss } from "../../losses/compiled.ts";
import type { UnplannedTask } from "../../task/task.ts";
import { crossingsOfTask } from "../../task/steps.ts";
import { velocity } from "./end-times.ts";

export type SwitchSides = Pick<Stop, "t" | "end" | "start">;

/** A time that moves, by its derivatives by parameters, and what jumps there. */
export interface TimeMove {
  readonly slopes: ReadonlyMap<number, number>;
  /** f⁻ - f⁺. */
  readonly jump: Float64Array;
  /** h⁻ - h⁺, h the integrand of the loss. */
  readonly fall: number;
}

/** Gaps (see stops.ts) by which switches at one time are taken apart. */
const APART = 16;
/** What switches add up to may differ from what they do together by this part of it. */
const SUM = 1e-6;

/** The crossings that a stop of the solve is made for. */
function crossingsAt(task: UnplannedTask, { end, start }: SwitchSides): readonly Crossing[] {
  const all = crossingsOfTask(task);
  const direction = Math.sign(start - end);
  const isBehind = (t: number, other: number): boolean => direction * (t - other) > 0;
  let [first, last] = [0, all.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (isBehind(end, all[middle].t)) first = middle + 1;
    else last = middle;
  }
  while (last < all.length && !isBehind(all[last].t, start)) last++;
  return all.slice(first, last);
}

/** Does a parameter move the time of this stop? */
export function isMoved(task: UnplannedTask, sides: SwitchSides): boolean {
  return task.wrt.p && crossingsAt(task, sides).some(({ slopes }) => slopes().size > 0);
}

/** May there be a derivative to either side only, where a stop is moved? */
export function isDoubtful(task: UnplannedTask, sides: SwitchSides): boolean {
  return isAtEnd(task, sides) || slopesAt(task, sides).length > 1;
}

/** Is a stop at an end of the span? */
export function isAtEnd({ problem: { tspan } }: UnplannedTask, { end, start }: SwitchSides): boolean {
  return end === tspan[0] || start === tspan[1];
}

/** How the times of the switches move that a stop is made for, each way once. */
function slopesAt(task: UnplannedTask, sides: SwitchSides): readonly ReadonlyMap<number, number>[] {
  const all: ReadonlyMap<number, number>[] = [];
  for (const { slopes } of crossingsAt(task, sides)) if (!all.some((one) => isSame(one, slopes()))) all.push(slopes());
  return all;
}

/**
 * What moves at a stop where the state is this: nothing, or all that does. Undefined where there is a derivative to either side only: at an
 * end of the span, and where crossings that move apart from each other depend on each other.
 */
export function timeMoves(task: UnplannedTask, sides: SwitchSides, state: Float64Array): readonly TimeMove[] | undefined {
  if (!isMoved(task, sides)) return [];
  if (isAtEnd(task, sides)) return undefined;
  const all = slopesAt(task, sides);
  const [before, after] = [valuesAt(task, state, sides.end), valuesBehind(task, state, sides.start)];
  if (all.length === 1) return [moveBetween(all[0], before, after)];
  const moves = movesApart(task, sides, state, all);
  if (!moves.every((move) => move !== undefined)) return undefined;
  const together = moveBetween(all[0], before, after);
  const adds = [...together.jump, together.fall].every((x, i) => {
    const terms = moves.map(({ jump, fall }) => (i < jump.length ? jump[i] : fall));
    const size = Math.max(Math.abs(i < before.f.length ? before.f[i] : before.h), ...terms.map(Math.abs));
    return Math.abs(terms.reduce((sum, term) => sum + term, -x)) <= SUM * size;
  });
  return adds ? moves.filter(({ slopes }) => slopes.size > 0) : undefined;
}

/** What moves at a stop at an end of the span, if it were within: undefined where that is not known. */
export function movesAtEnd(task: UnplannedTask, sides: SwitchSides, state: Float64Array): readonly (TimeMove | undefined)[] {
  return movesApart(task, sides, state, slopesAt(task, sides));
}

/** What each of the switches with these slopes changes by itself. */
function movesApart(
  task: UnplannedTask,
  sides: SwitchSides,
  state: Float64Array,
  all: readonly ReadonlyMap<number, number>[],
): readonly (TimeMove | undefined)[] {
  return all.map((slopes, k) => {
    const [none, alone] = [-1, k].map((passed) => apart(task, sides, all, passed));
    return none && alone && moveBetween(slopes, valuesBehind(none.task, state, none.t), valuesBehind(alone.task, state, alone.t));
  });
}

function isSame(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return a.size === b.size && [...a].every(([j, slope]) => Math.abs((b.get(j) ?? NaN) - slope) <= 1e-12 * Math.abs(slope));
}

/** The derivative of the state, and the integrand. */
interface Values {
  readonly f: Float64Array;
  readonly h: number;
}

function valuesAt(task: UnplannedTask, state: Float64Array, t: number): Values {
  return { f: velocity(task, state, t), h: task.loss.integral ? appliedLoss(task).integrand(t, state) : 0 };
}

/** With a mass matrix, where the algebraic equations lead the state; of what they determine the derivative follows from the rest. */
function valuesBehind(task: UnplannedTask, state: Float64Array, t: number): Values {
  return valuesAt(task, behind(task, state, t), t);
}

/** The state behind a switch: where the algebraic equations hold, if there are some. */
export function behind(task: UnplannedTask, state: Float64Array, start: number): Float64Array {
  const settle = settlingOf({ ...task.problem, code: task.code }, task, task.target);
  if (!settle) return state;
  const settled = state.slice();
  settle.afterSwitch(settled, { start });
  return settled;
}

function moveBetween(slopes: ReadonlyMap<number, number>, before: Values, after: Values): TimeMove {
  return { slopes, jump: before.f.map((x, i) => x - after.f[i]), fall: before.h - after.h };
}

/**
 * Parameters and a time, next to these, at which only the switch of this index is passed, of those with these slopes: the smallest change,
 * relative to the sizes of parameters, for which each switch is as far away. Undefined where there is none.
 */
function apart(
  task: UnplannedTask,
  { t, end, start }: SwitchSides,
  all: readonly ReadonlyMap<number, number>[],
  passed: number,
): { readonly task: UnplannedTask; readonly t: number } | undefined {
  const [t0, t1] = task.problem.tspan;
  const away = Math.sign(start - end) * APART * gapAt(t, t0, t1);
  const [sizes, span] = [sizesOf(task.p), Math.abs(t1 - t0)];
  // Of the time less that of each switch: by the time, and by the parameters.
  const rows = all.map((slopes) => [span, ...Array.from(sizes, (size, j) => -(slopes.get(j) ?? 0) * size)]);
  const change = leastChange(
    rows,
    all.map((_, k) => (k === passed ? away : -away)),
  );
  if (!change) return undefined;
  const [later, ...moved] = change;
  return { task: { ...task, p: task.p.map((x, j) => x + sizes[j] * moved[j]) }, t: t + span * later };
}

/** The shortest x with A x = b, A of a few rows: Aᵀ y with A Aᵀ y = b, by elimination with pivots. */
function leastChange(rows: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const m = rows.map((row, i) => [...rows.map((other) => dot(row, other)), right[i]]);
  for (let k = 0; k < m.length; k++) {
    const pivot = m.slice(k).reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(m[best][k]) ? k + i : best), k);
    [m[k], m[pivot]] = [m[pivot], m[k]];
    if (!(Math.abs(m[k][k]) > 1e-12 * dot(rows[0], rows[0]))) return undefined;
    m.forEach((row, i) => {
      const factor = row[k] / m[k][k];
      if (i !== k) m[i] = row.map((x, j) => x - factor * m[k][j]);
    });
  }
  const y = m.map((row, k) => row[m.length] / row[k]);
  return rows[0].map((_, j) =>
    dot(
      y,
      rows.map((row) => row[j]),
    ),
  );
}
