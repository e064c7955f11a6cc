/**
 * Functions that run by themselves may keep things from one call to the next, among their constants and in objects that they capture. What
 * they give must not depend on that: along a solve they are called again with those as they were before it, and as other calls leave them.
 */
import { memo } from "../../src/core/memo.ts";
import { componentName } from "../../src/arrays/layout.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { ReadBeforeWrite } from "../../src/read/syntax/errors.ts";
import type { RememberedConstants } from "../../src/core/remembered.ts";
import { keptBy, remembering } from "../../src/problem/kept.ts";
import { assignedAndRead } from "../../src/problem/assigned.ts";
import { refused, requireNotRefused } from "../../src/problem/refused.ts";
import { perturbed } from "../../src/problem/points.ts";
import type { TakenSteps, Watch } from "../step-loop/taken-steps.ts";

/** Far above what iterations leave that begin where the last one ended. */
const RELATIVE = 1e-6;
/** Steps between two comparisons, at most. */
const INTERVAL = 1000;
/** Points of a solve that are looked at again at its end. */
const MOST_POINTS = 16;
/** What constants held after points, that is tried at the others. */
const MOST_HELD = 4;
/** Solvers also call it beside the solution: where steps are tried. */
const MOVED = [0.1, -0.2];

interface Point {
  readonly u: Float64Array;
  readonly t: number;
  /** What the function gave there before. */
  readonly seen?: Float64Array;
}

/** What is known of a problem's function, from all solves. */
class History {
  solves = 0;
  steps = 0;
  /** The number of the step that is looked at next. */
  next = 1;
}

const historyOf = memo((_code: ProblemCode) => new History());

/** Before a solve from `start`. Its methods throw {@link ReadBeforeWrite}. */
export function historyAlong(code: ProblemCode, p: Float64Array, start: Start): Watch {
  requireNotRefused(code.operators.rhs);
  return new Along(code, historyOf(code), p, start);
}

/** Where a solve begins. */
export interface Start {
  readonly u0: Float64Array;
  readonly t0: number;
}

class Along implements Watch {
  private points: Point[];
  /** Steps met, of which so many go by for a point that is kept. */
  private taken = 0;
  private every = 1;
  /** Between solves they may be changed. */
  private readonly before: RememberedConstants;
  private readonly kept: object;

  constructor(
    private readonly code: ProblemCode,
    private readonly history: History,
    private readonly p: Float64Array,
    { u0, t0 }: Start,
  ) {
    this.kept = keptBy(code.operators.rhs);
    this.before = remembering(this.kept);
    const start: Point = { u: u0.slice(), t: t0 };
    this.points = [{ ...start, seen: this.valueAt(start) }];
  }

  observe(steps: TakenSteps): void {
    const { history, code } = this;
    const n = code.layout.u.size;
    for (; history.next <= history.steps + steps.count; history.next += Math.min(history.next, INTERVAL))
      this.look([steps.point(2 * (history.next - history.steps) - 1, n)]);
    history.steps += steps.count;
    for (let i = 0; i < steps.count; i++) if (this.taken++ % this.every === 0) this.keep(steps.point(2 * i + 1, n));
  }

  /** Points all over the solve: where there are too many, every other one goes. */
  private keep(point: Point): void {
    if (this.points.push(point) <= MOST_POINTS) return;
    this.points = this.points.filter((_, i) => i % 2 === 0);
    this.every *= 2;
  }

  finish(t: number, state: Float64Array): void {
    const points = [...this.points, { u: state.slice(0, this.code.layout.u.size), t }];
    this.look(points);
    this.lookAcross(points);
    this.lookAfterOthers(points);
  }

  /** Variables that it assigns cannot be put back, but are what a call elsewhere leaves in them. */
  private lookAfterOthers(points: readonly Point[]): void {
    // In the first solve, and ever less often: these are a thousand calls.
    const isDue = Number.isInteger(Math.log2(++this.history.solves));
    const [name] = isDue ? assignedAndRead(this.code.operators.rhs.fn) : [];
    if (name === undefined) return;
    const others = points.flatMap((point) => MOVED.map((by) => ({ ...point, u: perturbed(point.u, by) })));
    for (const point of points) {
      const value = this.valueAt(point);
      for (const other of [...points, ...others]) {
        this.valueAt(other);
        this.compare(point, this.valueAt(point), value, `before a call at another point, which may change \`${name}\``);
      }
    }
  }

  /** What it keeps may come back to what it was before the solve: whatever is kept after a call elsewhere, it has to give the same. */
  private lookAcross(points: readonly Point[]): void {
    if (Object.keys(this.kept).length === 0) return;
    const now = remembering(this.kept);
    const from = (point: Point): { value: Float64Array | undefined; name: string | undefined } => {
      now.putBack();
      const value = this.valueAt(point);
      return { value, name: now.changed() };
    };
    const values = points.map((point) => from(point).value);
    const others = points.flatMap((point) => [point, ...MOVED.map((by) => ({ ...point, u: perturbed(point.u, by) }))]);
    const after: { name: string; held: RememberedConstants }[] = [];
    for (const point of others) {
      const { name } = from(point);
      if (name !== undefined) after.push({ name, held: remembering(this.kept) });
      if (after.length === MOST_HELD) break;
    }
    for (const { name, held } of after) {
      points.forEach((point, i) => {
        held.putBack();
        const value = this.valueAt(point);
        now.putBack();
        this.compare(point, values[i], value, `once a call at another point has changed \`${name}\``);
      });
    }
    now.putBack();
  }

  private look(points: readonly Point[]): void {
    const { before } = this;
    const changed = before.changed();
    const now = changed === undefined ? undefined : remembering(this.kept);
    for (const point of points) {
      const value = this.valueAt(point);
      this.compare(point, value, point.seen, "when it was called there before");
      if (!now) continue;
      before.putBack();
      const first = this.valueAt(point);
      now.putBack();
      this.compare(point, value, first, `where what it keeps is as it was before the solve, \`${changed}\` among that`);
    }
  }

  private valueAt({ u, t }: Point): Float64Array | undefined {
    return ifItCanBe(() => {
      const du = new Float64Array(this.code.output.size);
      this.code.plain(du, u, this.p, t);
      return du;
    });
  }

  private compare({ t }: Point, now: Float64Array | undefined, other: Float64Array | undefined, where: string): void {
    if (!now || !other) return;
    const { name, output, operators } = this.code;
    const scale = now.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0);
    const i = now.findIndex((x, k) => !isClose(x, other[k], scale));
    if (i < 0) return;
    const component = componentName(output, i, "du");
    const error = new ReadBeforeWrite({
      name,
      what: `what it gives depends on earlier calls: ${component} at t = ${t} is ${now[i]}, and ${other[i]} ${where}`,
      construct: component,
      remedy:
        "Solvers call it at times and states where no step ends, and take steps back: it must depend on u, p and t alone. " +
        "What lasts belongs in u, or is changed by an event; a work buffer is written before it is read, in every call.",
    });
    throw refused(operators.rhs, error);
  }
}

export function isClose(x: number, y: number, scale: number): boolean {
  return Object.is(x, y) || x === y || Math.abs(x - y) <= RELATIVE * Math.max(Math.abs(x), Math.abs(y)) + 1e-9 * scale;
}
