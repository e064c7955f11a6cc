/**
 * The agreement check along trajectories of batches: some are solved alone, where the compiled right-hand side is held against the
 * plain one on the way.
 */
import { NonFinite } from "../../src/core/errors.ts";
import { memo } from "../../src/core/memo.ts";
import { refusingMisread, requireBatchAgreement } from "../../src/devices/agreement.ts";
import { agreementAlong } from "../systems/agreement.ts";
import { integrateWith } from "../solve/auto.ts";
import { withPrepared } from "../systems/problem-system.ts";
import { comparing } from "../events/agreement.ts";
import { eventsWithin } from "../events/events.ts";
import { stepBounds } from "../events/step-bounds.ts";
import { crossingsOf, stopTimes } from "../events/switching.ts";
import type { Trajectory } from "../step-loop/trajectory.ts";
import type { GivenBatch } from "./given-batch.ts";
import { setting } from "./told.ts";

/** Solved alone in the first batch: the first trajectory, the last, and one between. */
const FIRST = 3;
/** Later one of so many, which takes less than a hundredth of the time of the batch. */
const ONE_IN = 500;
/** Steps of one that is solved alone, at most. */
const MOST_STEPS = 2000;
/** Spreads numbers evenly, however many there are. */
const GOLDEN = 0.6180339887498949;

/** What is known of a program, from all batches. */
class Looks {
  credit = FIRST;
  done = 0;

  /** The trajectories of the next batch that are looked at. */
  next(count: number): number[] {
    if (this.done > 0) this.credit = Math.min(FIRST, this.credit + count / ONE_IN);
    if (this.credit < 1) return [];
    const chosen = new Set<number>();
    for (; this.credit >= 1; this.credit--, this.done++)
      chosen.add(this.done === 1 ? count - 1 : Math.floor(((this.done * GOLDEN) % 1) * count));
    return [...chosen];
  }
}

/** A trajectory that was solved alone, with its initial state and parameters. */
export interface SolvedAlone {
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly trajectory: Trajectory;
}

interface Asked {
  /** What is known is kept with it: a program that is compared. */
  readonly keeper: object;
  readonly stops?: ArrayLike<number>;
  readonly maxStep?: number;
  /** Of the m-th: times at which its states are kept; of none without it. */
  readonly savesOf?: (m: number) => ArrayLike<number>;
  /** Sees what was solved alone; it may throw MisreadFunction. */
  readonly look?: (solved: SolvedAlone, m: number) => void;
}

const looksAt = memo((_keeper: object) => new Looks());

/** At the start of some trajectories, and along a few. Throws CannotBatch where something was misread, Disagreement, FunctionThrew. */
export function requireAgreementAlong(batch: GivenBatch, asked: Asked): void {
  const { code, count, spans } = batch;
  const { u0, p } = rowsOf(batch);
  requireBatchAgreement(code, "start", count, (m) => ({ u: u0(m), p: p(m), t: spans.of(m)[0] }));
  const looks = looksAt(asked.keeper);
  refusingMisread(() => {
    for (const m of looks.next(count)) {
      const solved = unlessNotFinite(() => solvedAlone(batch, m, asked));
      if (solved) asked.look?.(solved, m);
    }
  });
}

/** Events that leave the finite numbers are told of in the batch, as the end of their trajectory. */
function unlessNotFinite<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NonFinite) return undefined;
    throw error;
  }
}

type RowOf = (m: number) => Float64Array;

/** Each trajectory's, own or shared. */
export function rowsOf({ code: { layout }, shared, given, atol }: GivenBatch): Record<"u0" | "p" | "atol", RowOf> {
  const of = (name: string, data: Float64Array, size: number): RowOf => {
    const isShared = shared.includes(name);
    return (m) => data.subarray(isShared ? 0 : m * size, isShared ? size : (m + 1) * size);
  };
  const { u, p } = layout;
  return { u0: of("u0", given.u0, u.size), p: of("p", given.p, p.size), atol: of("atol", atol, u.size) };
}

function solvedAlone(batch: GivenBatch, m: number, { stops, maxStep, savesOf }: Asked): SolvedAlone {
  const { problem, code, method, spans, settings } = batch;
  const rows = rowsOf(batch);
  const [u0, p] = [rows.u0(m).slice(), rows.p(m).slice()];
  const tspan = spans.of(m);
  const events = eventsWithin(problem, p, tspan);
  const { trajectory } = integrateWith((chosen, use) => withPrepared(code, { u0, p, tspan }, chosen, "wasm", use), method, {
    u0,
    p,
    t0: tspan[0],
    t1: tspan[1],
    rtol: settings[setting.rtol],
    atol: rows.atol(m),
    saveat: savesOf?.(m) ?? [],
    maxSteps: Math.min(MOST_STEPS, settings[setting.mostSteps]),
    ...stepBounds(code, p, tspan, { maxStep, solver: method }),
    stops: stopTimes(crossingsOf(code, p, tspan), stops),
    events: events && comparing(events, code.events, { n: code.layout.u.size, p, target: "wasm" }),
    watch: agreementAlong(code, p, "wasm", { u0, t0: tspan[0] }),
  });
  return { u0, p, trajectory };
}
