/** Losses as programs: the value of each part, and its gradient with respect to state and parameters. */
import type { Layout } from "../src/arrays/layout.ts";
import { reverse } from "../src/derive/reverse.ts";
import { BadLoss } from "../src/errors.ts";
import { checkOptions, type Check, type Checks } from "../src/options/check.ts";
import { anything, callable, shown } from "../src/options/kinds.ts";
import { numbers, requireList } from "../src/options/lists.ts";
import type { Loss } from "../src/problem.ts";
import type { Program } from "../src/program/ir.ts";
import { read, type ReadParameter } from "../src/program/read/index.ts";

/** One part of a loss: value(u, p, t, i) and its vjp (u, p, t, i, result_bar, u_bar, p_bar); not every part has t and i. */
export interface LossPart {
  readonly value: Program;
  readonly gradient: Program;
}

export interface LossPrograms {
  /** Times of the sum, ascending, with their places in the user's `at`. */
  readonly times: Float64Array;
  readonly indices: Int32Array;
  readonly sum?: LossPart;
  readonly integral?: LossPart;
  readonly final?: LossPart;
}

export interface LossContext {
  readonly layout: { readonly u: Layout; readonly p: Layout };
  readonly tspan: readonly [number, number];
}

interface Parts {
  readonly sum?: LossPart;
  readonly integral?: LossPart;
  readonly final?: LossPart;
}

/** Reads and derives a loss. Throws {@link BadLoss} for keys or times that make no sense, {@link ReadError} for unreadable text. */
export function lossPrograms(loss: Loss, context: LossContext): LossPrograms {
  checkLoss(loss);
  const { at = [] } = loss;
  const { layout, tspan } = context;
  let entries = known.get(layout.u);
  if (!entries) known.set(layout.u, (entries = []));
  const found = entries.findIndex((entry) => entry.p === layout.p && isSameLoss(entry.loss, loss));
  const entry = found >= 0 && !hasChanged(entries[found].programs) ? entries[found] : undefined;
  if (entry && sameNumbers(entry.at, at) && sameNumbers(entry.tspan, tspan)) return entry.programs;
  const times = sortedTimes(numbers(at, "loss.at", BadLoss), tspan);
  const programs = { ...(entry?.programs ?? parts(loss, layout)), ...times };
  const made = { loss, p: layout.p, at: Float64Array.from(at), tspan: [...tspan], programs };
  if (found >= 0) entries[found] = made;
  else entries.push(made);
  return programs;
}

const SCALARS = {
  sum: [
    { kind: "scalar", name: "t" },
    { kind: "scalar", name: "i", type: "i32" },
  ],
  integral: [{ kind: "scalar", name: "t" }],
  final: [],
} as const satisfies Record<keyof Parts, readonly ReadParameter[]>;

/** What was made of a loss, with copies of the times that it was made with. */
interface Known {
  readonly loss: Loss;
  readonly p: Layout;
  readonly at: Float64Array;
  readonly tspan: readonly number[];
  readonly programs: LossPrograms;
}

/** By layout of the state; a loss written in place makes new functions of the same text each time. */
const known = new WeakMap<Layout, Known[]>();

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function parts(loss: Loss, layout: LossContext["layout"]): Parts {
  const make = (key: keyof Parts, fn: ((...args: never[]) => number) | undefined): LossPart | undefined => {
    if (!fn) return undefined;
    const value = read({
      fn,
      name: key === "sum" ? "loss.of" : `loss.${key}`,
      parameters: [
        { kind: "layout", name: "u", layout: layout.u, role: "input" },
        { kind: "layout", name: "p", layout: layout.p, role: "input" },
        ...SCALARS[key],
      ],
      constants: loss.constants as Record<string, unknown> | undefined,
      returns: { kind: "scalar" },
    });
    return { value, gradient: reverse(value, { wrt: ["u", "p"] }) };
  };
  return { sum: make("sum", loss.of), integral: make("integral", loss.integral), final: make("final", loss.final) };
}

/** Were the constants overwritten since? */
function hasChanged({ sum, integral, final }: Parts): boolean {
  return [sum, integral, final].some((part) => part?.value.host?.some((content) => content.difference() !== undefined));
}

function isSameLoss(a: Loss, b: Loss): boolean {
  const sameText = (["of", "integral", "final"] as const).every((key) => a[key] === b[key] || String(a[key]) === String(b[key]));
  if (!sameText || a.constants === b.constants) return sameText;
  const [x, y] = [a.constants ?? {}, b.constants ?? {}] as Record<string, unknown>[];
  const names = Object.keys(x);
  return names.length === Object.keys(y).length && names.every((name) => x[name] === y[name]);
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
