/** Losses: checked, with their parts as programs and their times in order. */
import { BadLoss } from "../src/errors.ts";
import { checkOptions, type Check, type Checks } from "../src/options/check.ts";
import { anything, callable, shown } from "../src/options/kinds.ts";
import { numbers, requireList } from "../src/options/lists.ts";
import { isMisread } from "../src/misreading.ts";
import type { Loss } from "../src/problem.ts";
import { readLoss, type LossContext, type LossPart, type ReadLoss } from "./loss-parts.ts";

export interface LossPrograms {
  /** Times of the sum, ascending, with their places in the user's `at`. */
  readonly times: Float64Array;
  readonly indices: Int32Array;
  readonly sum?: LossPart;
  readonly integral?: LossPart;
  readonly final?: LossPart;
  /** The user's own functions; absent of a loss that is not known. */
  readonly plain?: ReadLoss["plain"];
}

/** What was made of a loss, with copies of what it was made with. */
interface Known {
  readonly loss: Loss;
  readonly layout: LossContext["layout"];
  readonly at: Float64Array;
  readonly tspan: readonly number[];
  readonly readings: ReadLoss["readings"];
  readonly programs: LossPrograms;
}

/** By the first of its functions, the last that was made. */
const known = new WeakMap<object, Known>();

/** Reads and derives a loss. Throws {@link BadLoss} for keys or times that make no sense, {@link ReadError} for unreadable text. */
export function lossPrograms(loss: Loss, context: LossContext): LossPrograms {
  checkLoss(loss);
  const { at = [] } = loss;
  const { layout, tspan } = context;
  const first = (loss.of ?? loss.integral ?? loss.final)!;
  const found = known.get(first);
  if (found && isUpToDate(found, loss, context)) return found.programs;
  const times = sortedTimes(numbers(at, "loss.at", BadLoss), tspan);
  const { parts, plain, readings } = readLoss(loss, context);
  const programs = { ...parts, ...times, plain };
  known.set(first, { loss: { ...loss }, layout, at: Float64Array.from(at), tspan: [...tspan], readings, programs });
  return programs;
}

function isUpToDate(found: Known, loss: Loss, { layout, tspan }: LossContext): boolean {
  const sameFunctions = (["of", "integral", "final", "constants"] as const).every((key) => found.loss[key] === loss[key]);
  return (
    sameFunctions &&
    found.layout.u === layout.u &&
    found.layout.p === layout.p &&
    sameNumbers(found.at, loss.at ?? []) &&
    sameNumbers(found.tspan, tspan) &&
    found.readings.every((reading) => reading.changed() === undefined && !isMisread(reading.program))
  );
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const returningNumber: Check = (value, what) => {
  if (typeof value !== "function") throw new BadLoss(`${what} is ${shown(value)}, but must be a function that returns a number.`);
  callable(value, what);
};

const checks: Checks<Loss> = {
  at: (value, what) => requireList(value, what, BadLoss),
  of: returningNumber,
  integral: returningNumber,
  final: returningNumber,
  constants: anything,
};

/** Throws UnknownOption, and {@link BadLoss} for values of other kinds and for keys that miss each other. */
export function checkLoss(loss: Loss | undefined): void {
  if (typeof loss !== "object" || loss === null || Array.isArray(loss)) {
    const what = loss === undefined ? "there is none" : `it is ${shown(loss)}`;
    throw new BadLoss(
      `loss: ${what}. Give { at, of } (summed over times), { integral } or { final }, such as loss: { final: (u) => u[0] }.`,
    );
  }
  checkOptions(loss, checks, "loss", "loss.");
  if (loss.of && !loss.at) throw new BadLoss("loss: `of` needs `at`, the times at which it is summed, such as `at: solution.t`.");
  if (loss.at && !loss.of) throw new BadLoss("loss: `at` gives times, but `of`, the function summed over them, is missing.");
  if (!loss.of && !loss.integral && !loss.final) {
    throw new BadLoss("loss: nothing to differentiate. Give { at, of } (summed over times), { integral } or { final }.");
  }
}

function sortedTimes(at: ArrayLike<number>, tspan: readonly [number, number]): { times: Float64Array; indices: Int32Array } {
  const direction = Math.sign(tspan[1] - tspan[0]);
  const slack = 1e-12 * Math.abs(tspan[1] - tspan[0]);
  const indices = new Int32Array(at.length);
  let sorted = true;
  for (let i = 0; i < at.length; i++) {
    const t = at[i];
    if (!(direction * (tspan[0] - t) <= slack && direction * (t - tspan[1]) <= slack)) {
      throw new BadLoss(`loss: at[${i}] = ${t} is outside of tspan [${tspan.join(", ")}]. Give times within it, or widen tspan.`);
    }
    indices[i] = i;
    if (i > 0 && direction * (t - at[i - 1]) < 0) sorted = false;
  }
  if (!sorted) indices.sort((a, b) => direction * (at[a] - at[b]));
  const [low, high] = direction > 0 ? tspan : [tspan[1], tspan[0]];
  const times = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) times[i] = Math.min(high, Math.max(low, at[indices[i]]));
  return { times, indices };
}
