/** Losses: checked, with their parts as programs and their times in order. */
import { memo } from "../../src/core/memo.ts";
import { requireRoom } from "../../src/core/memory.ts";
import { BadLoss, NonFiniteLoss } from "./errors.ts";
import { FunctionThrew } from "../../src/core/errors.ts";
import { UnknownProperty } from "../../src/read/syntax/errors.ts";
import { checkOptions, type Check, type Checks } from "../../src/core/options/check.ts";
import { anything, callable, shown } from "../../src/core/options/kinds.ts";
import { numbers, requireList } from "../../src/core/options/lists.ts";
import { releasing } from "../../src/core/releasing.ts";
import { operators } from "../../src/problem/operators.ts";
import type { Loss } from "../../src/problem/problem.ts";
import { plainParts, readLoss, type ReadLoss } from "./read.ts";
import type { LossContext, LossPart, LossReading } from "./part.ts";

export interface LossPrograms {
  /** Times of the sum, ascending, with their indices in the user's `at`. */
  readonly times: Float64Array;
  readonly indices: Int32Array;
  readonly sum?: LossPart;
  readonly integral?: LossPart;
  readonly final?: LossPart;
  /** Each stands alone; `all` is of the states at the times (see series.ts). */
  readonly steady?: LossPart;
  readonly all?: LossPart;
  /** The user's own functions; absent of a loss that is not known. */
  readonly plain?: ReadLoss["plain"];
}

/** What was made of a loss, with copies of what it was made with. */
interface Known {
  readonly loss: Omit<Loss, "at">;
  readonly layout: LossContext["layout"];
  readonly at: Float64Array;
  readonly tspan: readonly number[];
  readonly readings: ReadLoss["readings"];
  readonly programs: LossPrograms;
}

/** By the first of its functions. */
const lastOf = memo((_first: object): { made?: Known } => ({}));

/**
 * Reads and derives a loss, whose data are in its programs' tables until `use` returns, or what it promises is there. Throws
 * {@link BadLoss} for keys or times that make no sense, {@link ReadError} for unreadable text.
 */
export function withLoss<R>(loss: Loss, context: LossContext, use: (programs: LossPrograms) => R): R {
  try {
    const { programs, readings } = held(loss, context);
    return releasing(
      () => readings.forEach((reading) => reading.release()),
      () => use(programs),
    );
  } catch (error) {
    throw missesArgument(loss, error) ?? error;
  }
}

/** What is to be said where a function of a loss fails that has more arguments than it is given. */
function missesArgument(loss: Loss, cause: unknown): BadLoss | undefined {
  const isOfAny = cause instanceof NonFiniteLoss;
  if (!isOfAny && !(cause instanceof UnknownProperty || cause instanceof FunctionThrew)) return undefined;
  for (const name of ["of", "integral", "final", "steady", "all"] as const) {
    const given = [...operators[name].takes.map((argument) => argument.name), "constants"];
    const count = loss.constants === undefined ? given.length - 1 : given.length;
    if (!loss[name] || loss[name].length <= count || !(isOfAny || cause.message.startsWith(`loss.${name}`))) continue;
    const why =
      `loss.${name}: its argument ${count + 1} is undefined: it is called with (${given.join(", ")})` +
      (count === given.length
        ? "."
        : ", and the loss has no `constants`. A loss takes constants of its own, " +
          `beside its functions: loss: { ${name}, constants: { … } }; those of the problem are \`problem.constants\`.`) +
      (name === "final" ? " What depends on the time is given as { at, of }." : "");
    return isOfAny ? new NonFiniteLoss(`${cause.message}\n${why}`, { cause }) : new BadLoss(why, { cause });
  }
  return undefined;
}

/** With its readings held. */
function held(loss: Loss, context: LossContext): Pick<Known, "programs" | "readings"> {
  checkLoss(loss);
  const { at = [] } = loss;
  const { layout, tspan } = context;
  const first = (loss.of ?? loss.integral ?? loss.final ?? loss.steady ?? loss.all)!;
  const last = lastOf(first);
  const found = last.made;
  const sameTimes = found && sameNumbers(found.at, at) && sameNumbers(found.tspan, tspan) ? found : undefined;
  const alike = sameTimes && isAlike(sameTimes, loss, context) ? sameTimes : undefined;
  if (alike && alike.loss.constants === loss.constants && alike.readings.every(isUpToDate)) {
    for (const reading of alike.readings) reading.hold();
    return alike;
  }
  const { times, indices } = sameTimes?.programs ?? sortedTimes(numbers(at, "loss.at", BadLoss), tspan);
  const { size } = layout.u;
  requireRoom(
    `loss.at: states of ${size} numbers at ${times.length} times`,
    times.length,
    size,
    (most) => `Give ${most} times at most, or an \`integral\`, for which no state is kept.`,
  );
  const { parts, plain, readings } = (alike && refilled(alike, loss, context)) ?? readLoss(loss, context);
  // Adding to what was spread takes microseconds.
  const { sum, integral, final, steady, all } = parts;
  const programs = { times, indices, sum, integral, final, steady, all, plain };
  const { of, constants } = loss;
  const copy = { of, integral: loss.integral, final: loss.final, steady: loss.steady, all: loss.all, constants };
  const copies = sameTimes ?? { at: Float64Array.from(at), tspan: [...tspan] };
  last.made = { loss: copy, layout, at: copies.at, tspan: copies.tspan, readings, programs };
  return { programs, readings };
}

/** But for constants. */
function isAlike({ loss: known, layout: { u, p } }: Known, loss: Loss, { layout }: LossContext): boolean {
  const keys = ["of", "integral", "final", "steady", "all"] as const;
  return keys.every((key) => known[key] === loss[key]) && u === layout.u && p === layout.p;
}

function isUpToDate(reading: LossReading): boolean {
  return reading.isFilled && reading.changed() === undefined && !reading.isMisread;
}

/** With other numbers in its constants, where that is all; its readings held. */
function refilled({ programs, readings }: Known, loss: Loss, context: LossContext): ReadLoss | undefined {
  const now: LossReading[] = [];
  for (const reading of readings) {
    const other = reading.refilled(loss.constants);
    if (!other) return undefined;
    now.push(other);
  }
  for (const reading of now) reading.hold();
  return { parts: programs, plain: plainParts(loss, context), readings: now };
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
  steady: returningNumber,
  all: returningNumber,
  constants: anything,
};

/** Throws UnknownOption, and {@link BadLoss} for values of other kinds and for keys that miss each other. */
export function checkLoss(loss: Loss | undefined): void {
  if (typeof loss !== "object" || loss === null || Array.isArray(loss)) {
    const what = loss === undefined ? "there is none" : `it is ${shown(loss)}`;
    const sum = Array.isArray(loss) ? " To add several, give these keys together in one loss, or add up in one function." : "";
    throw new BadLoss(
      `loss: ${what}. Give { at, of } (summed over times), { integral }, { final }, { at, all } or { steady }, such as loss: { final: (u) => u[0] }.${sum}`,
    );
  }
  checkOptions(loss, checks, "loss", "loss.");
  if (loss.of && !loss.at) throw new BadLoss("loss: `of` needs `at`, the times at which it is summed, such as `at: solution.t`.");
  if (loss.all && !loss.at)
    throw new BadLoss("loss: `all` needs `at`, the times of the states that it is of, such as `at: [0, 1]`.");
  if (loss.at && !loss.of && !loss.all)
    throw new BadLoss("loss: `at` gives times, but `of`, the function summed over them, is missing.");
  if (loss.at?.length === 0) {
    throw new BadLoss("loss: `at` is empty. Give the times at which states are looked at, such as `at: [0, 1]`.");
  }
  if (loss.all && (loss.of || loss.integral || loss.final || loss.steady)) {
    throw new BadLoss(
      "loss: `all` is of all times at once, and stands alone. Take what else there is into it, or add up gradients.",
    );
  }
  if (loss.steady && (loss.of || loss.integral || loss.final)) {
    throw new BadLoss(
      "loss: `steady` is of a state that comes after all times, and stands alone. Differentiate the other parts by themselves, and add up.",
    );
  }
  if (!loss.of && !loss.integral && !loss.final && !loss.steady && !loss.all) {
    throw new BadLoss(
      "loss: nothing to differentiate. Give { at, of } (summed over times), { integral }, { final }, { at, all } or { steady }.",
    );
  }
}

/** In the order of the solve, with their indices. Throws {@link BadLoss} for one outside of the span. */
export function sortedTimes(at: ArrayLike<number>, tspan: readonly [number, number]): Pick<LossPrograms, "times" | "indices"> {
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
