/**
 * Functions that run by themselves may keep things among their constants from one call to the next. What they give must not depend on
 * that: along a solve they are called again with the constants as they were before it.
 */
import { memo } from "../../src/core/memo.ts";
import { componentName } from "../../src/arrays/layout.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { ReadBeforeWrite } from "../../src/read/syntax/errors.ts";
import { RememberedConstants } from "../../src/core/remembered.ts";
import type { TakenSteps, Watch } from "../step-loop/taken-steps.ts";

/** Far above what iterations leave that begin where the last one ended. */
const RELATIVE = 1e-6;
/** Steps between two comparisons, at most. */
const INTERVAL = 1000;
/** Points of a solve that are looked at again at its end. */
const MOST_POINTS = 16;

interface Point {
  readonly u: Float64Array;
  readonly t: number;
  /** What the function gave there before. */
  readonly seen?: Float64Array;
}

/** What is known of a problem's function, from all solves. */
class History {
  steps = 0;
  /** The number of the step that is looked at next. */
  next = 1;
}

const historyOf = memo((_code: ProblemCode) => new History());

/** Before a solve from `start`. Its methods throw {@link ReadBeforeWrite}. */
export function historyAlong(code: ProblemCode, p: Float64Array, start: Start): Watch {
  return new Along(code, historyOf(code), p, start);
}

/** Where a solve begins. */
export interface Start {
  readonly u0: Float64Array;
  readonly t0: number;
}

class Along implements Watch {
  private readonly points: Point[];
  /** Between solves they may be changed. */
  private readonly before: RememberedConstants;

  constructor(
    private readonly code: ProblemCode,
    private readonly history: History,
    private readonly p: Float64Array,
    { u0, t0 }: Start,
  ) {
    this.before = new RememberedConstants(code.constants);
    const start: Point = { u: u0.slice(), t: t0 };
    this.points = [{ ...start, seen: this.valueAt(start) }];
  }

  observe(steps: TakenSteps): void {
    const { history, points } = this;
    for (; history.next <= history.steps + steps.count; history.next += Math.min(history.next, INTERVAL)) {
      const point = steps.point(2 * (history.next - history.steps) - 1, this.code.layout.u.size);
      if (points.length < MOST_POINTS) points.push(point);
      this.look([point]);
    }
    history.steps += steps.count;
  }

  finish(t: number, state: Float64Array): void {
    this.look([...this.points, { u: state.slice(0, this.code.layout.u.size), t }]);
  }

  private look(points: readonly Point[]): void {
    const { before } = this;
    const changed = before.changed();
    const now = changed === undefined ? undefined : new RememberedConstants(this.code.constants);
    for (const point of points) {
      const value = this.valueAt(point);
      this.compare(point, value, point.seen, "when it was called there before");
      if (!now) continue;
      before.putBack();
      const first = this.valueAt(point);
      now.putBack();
      this.compare(point, value, first, `where its constants hold what they held before the solve, \`${changed}\` among them`);
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
    const { name, output } = this.code;
    const scale = now.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0);
    const i = now.findIndex((x, k) => !isClose(x, other[k], scale));
    if (i < 0) return;
    const component = componentName(output, i, "du");
    throw new ReadBeforeWrite({
      name,
      what: `what it gives depends on earlier calls: ${component} at t = ${t} is ${now[i]}, and ${other[i]} ${where}`,
      construct: component,
      remedy:
        "Solvers call it at times and states where no step ends, and take steps back: it must depend on u, p and t alone. " +
        "What lasts belongs in u, or is changed by an event; a work buffer is written before it is read, in every call.",
    });
  }
}

function isClose(x: number, y: number, scale: number): boolean {
  return Object.is(x, y) || x === y || Math.abs(x - y) <= RELATIVE * Math.max(Math.abs(x), Math.abs(y)) + 1e-9 * scale;
}
