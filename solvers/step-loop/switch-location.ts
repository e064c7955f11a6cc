/**
 * Where decisions of the right-hand side that are held switch. A step within which that may be is not taken: its dense output, which is
 * smooth as nothing switches in it, says where, and a step is taken that ends there. What this one ends with need not be what the dense
 * output of the longer one was, so the time is corrected until the margin is zero to rounding.
 */
import type { Branches } from "./branches.ts";
import { withDips } from "../../src/core/dips.ts";
import { rootBetween, type Sample } from "../../src/core/root.ts";
import type { TakenSteps } from "./taken-steps.ts";

/** Decisions that switch together, and what is known of that. */
export interface Located {
  readonly t: number;
  readonly which: readonly number[];
  /** How all decisions turn out behind, by their indices. */
  readonly outcomes: Float64Array;
  /** The slope of the margin of the first. */
  readonly rate: number;
}

/** Parts of a step at whose ends the margins are taken, or as many as are no longer than those in which it is looked for switches. */
const PARTS = 16;
/** Near its own ends, so that a dip that begins or ends there shows. */
const EDGE = 2 ** -10;
/** Crossings no farther apart than this, relative to the time, are at once. */
const AT_ONCE = 2 ** -49;
/** Of a step: the distance over which a slope is taken. */
const SLOPE = 2 ** -20;

/** The first switch within the step behind those that were taken; undefined where there is none, "pole" where decisions look through one in it. */
export function locate(steps: TakenSteps, branches: Branches, gap: number, part: number): Located | "pole" | undefined {
  const i = steps.count;
  const [start, end] = [steps.time(i), steps.time(i + 1)];
  const direction = Math.sign(end - start);
  const state = new Float64Array(steps.components);
  const stateAt = (t: number): Float64Array => (steps.interpolate(i, t, state), state);
  const count = Math.max(PARTS, Math.ceil(Math.abs(end - start) / part));
  const parts = [0, EDGE, ...Array.from({ length: count - 1 }, (_, k) => (k + 1) / count), 1 - EDGE, 1];
  const samples = parts.map((part) => {
    const t = part === 1 ? end : start + part * (end - start);
    const u = part === 0 ? steps.state(i) : part === 1 ? steps.state(i + 1) : stateAt(t);
    return { t, margins: branches.marginsAt(u, t) };
  });
  const found = Array.from({ length: branches.count }, (_, k) => {
    const valueAt = (t: number): number => branches.marginsAt(stateAt(t), t)[k];
    const own = samples.map(({ t, margins }): Sample => ({ t, value: margins[k] }));
    const root = firstRoot(withDips(own, valueAt), valueAt);
    return root && { ...root, k, valueAt };
  }).filter((one) => one !== undefined);
  if (found.length === 0) return undefined;
  if (found.some(({ k }) => branches.isPole(k))) return "pole";
  const first = found.reduce((a, b) => (direction * (b.t - a.t) < 0 ? b : a));
  const { t, valueAt } = first;
  const near = AT_ONCE * Math.max(Math.abs(t), Math.abs(end - start));
  const together = found.filter((one) => Math.abs(one.t - t) <= near);
  const which = [first.k, ...together.map(({ k }) => k).filter((k) => k !== first.k)];
  const beyond = together.reduce((least, one) => Math.min(least, Math.abs(one.beyond - t)), Infinity);
  const placeAt = (by: number): readonly [Float64Array, number] => [stateAt(t + direction * by), t + direction * by];
  const outcomes = branches.behind(which, gap, placeAt, beyond) ?? branches.turnedAt(which, ...placeAt(beyond));
  const distance = SLOPE * (end - start);
  return { t, which, outcomes, rate: (valueAt(t + distance) - valueAt(t - distance)) / (2 * distance) };
}

/** Where samples first become negative, and a time by which they are. */
function firstRoot(
  samples: readonly Sample[],
  valueAt: (t: number) => number,
): { readonly t: number; readonly beyond: number } | undefined {
  const last = samples.findIndex(({ value }, k) => k > 0 && value < 0);
  if (last < 0) return undefined;
  const [before, beyond] = [samples[last - 1], samples[last]];
  // What has not left yet where it switched before goes back there.
  const { t } = before.value > 0 ? rootBetween(valueAt, before, beyond) : before;
  return { t, beyond: beyond.t };
}
