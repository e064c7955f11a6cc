/**
 * Trajectories that a kernel did not bring to the end, solved once more by themselves: `solve` holds decisions of the state within a step, changes
 * methods where none was asked for, and tries smaller tolerances where the default ones break down. No kernel does.
 */
import { pack } from "../../src/arrays/pack.ts";
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { Turns } from "../../src/devices/turns.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { SolveFailed } from "../solution/errors.ts";
import { solve, type SolveOptions } from "../solve/solve.ts";
import { aloneOf } from "./alone.ts";
import { givenRows, type BatchOptions } from "./given-batch.ts";
import { isOfOne } from "./own-failure.ts";
import { outcomes, report, REPORTS } from "./told.ts";
import type { Spans } from "./spans.ts";
import type { Warning } from "./warning.ts";

/** What a kernel left of trajectories, in rows. */
interface Rows {
  readonly count: number;
  readonly each: number;
  readonly t: Float64Array;
  readonly states: Float64Array;
  readonly finals?: Float64Array;
  readonly reports: Float64Array;
}

export interface Again {
  /** How many came to the end. */
  readonly solvedAgain: number;
  /** Of the first of them. */
  readonly warnings: readonly Warning[];
}

export const NONE_AGAIN: Again = { solvedAgain: 0, warnings: [] };

/** Puts those that come to the end into the rows; the others stay as they are. */
export async function solvedAgain(
  problem: OdeProblem,
  options: BatchOptions<unknown, unknown>,
  spans: Spans,
  rows: Rows,
  signal: AbortSignalLike | undefined,
): Promise<Again> {
  const failed = failedOf(rows);
  if (failed.length === 0) return NONE_AGAIN;
  const given = givenRows(problem, options);
  const { solver, rtol, atol, maxSteps, maxStep, minStep, firstStep, stops, controller, norm, positive } = options;
  const settings = { solver, rtol, atol, maxSteps, maxStep, minStep, firstStep, stops, controller, norm, positive };
  const asked = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  let warnings: readonly Warning[] | undefined;
  let count = 0;
  const turns = new Turns(signal, undefined);
  for (const m of failed) {
    const told = once(problem, { ...asked, ...aloneOf(problem, given, spans, m), signal }, rows, m);
    signal?.throwIfAborted();
    if (told) {
      count++;
      warnings ??= told.map((message) => ({ message, trajectory: spans.indexOf(m) }));
    }
    if (turns.isOver) await turns.end(count);
  }
  return { solvedAgain: count, warnings: warnings ?? [] };
}

const SUCCESS = outcomes.indexOf("success");

function failedOf({ count, reports }: Rows): number[] {
  const failed: number[] = [];
  for (let m = 0; m < count; m++) if (reports[m * REPORTS + report.outcome] !== SUCCESS) failed.push(m);
  return failed;
}

/** What is to be said of it; undefined where it failed again. */
function once(
  problem: OdeProblem,
  options: SolveOptions & { readonly tspan: readonly [number, number] },
  { t, each, states, finals, reports }: Rows,
  m: number,
): readonly string[] | undefined {
  const n = problem.layout.u.size;
  const times = t.length > each ? t.slice(m * each, (m + 1) * each) : t;
  const [, t1] = options.tspan;
  const saveat = finals && times.at(-1) !== t1 ? [...times, t1] : times;
  const solution = attempt(() => solve(problem, { ...options, saveat, throwOnFailure: false }));
  if (solution?.result !== "success") return undefined;
  const saved = solution.states.slice(0, each);
  saved.forEach((state, k) => states.set(state, (m * each + k) * n));
  states.fill(NaN, (m * each + saved.length) * n, (m + 1) * each * n);
  const { terminated, end, stats, warnings } = solution;
  const last = terminated ? pack(problem.layout.u, terminated.after, "u") : solution.states.at(-1);
  if (last) finals?.set(last, m * n);
  const { steps, rejected: rejections } = stats;
  const event = terminated ? terminated.event + 1 : 0;
  const told = { outcome: SUCCESS, steps, rejections, saved: saved.length, end, event };
  for (const name of Object.keys(report) as (keyof typeof report)[]) reports[m * REPORTS + report[name]] = told[name];
  return warnings;
}

/** Undefined where it throws what one trajectory's numbers bring about. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isOfOne(error) || error instanceof SolveFailed) return undefined;
    throw error;
  }
}
