/**
 * The agreement check along solves: the compiled right-hand side is held against the plain one where it is used, at ends of steps
 * ever farther apart, at the end of the first solve, and wherever it takes a path that was not compared yet.
 */
import { memo } from "../../src/core/memo.ts";
import { comparedRhs } from "../../src/problem/agreement.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { Program } from "../../src/ir/ir.ts";
import { requireAgreement, type Compared } from "../../src/problem/comparison.ts";
import type { TriedPoint } from "../../src/problem/points.ts";
import { historyAlong, type Start } from "./history.ts";
import { executionOf } from "./problem-system.ts";
import type { TakenSteps, Watch } from "../step-loop/taken-steps.ts";

/** Steps between two comparisons, at most: then they cost less than a hundredth of the steps. */
const INTERVAL = 1000;
/** KnownPaths that are told apart by all their decisions; of more, each decision counts by itself. */
const MOST_PATHS = 32;
/** Of the time of the steps, what looking for new paths may take after the first solve, about. */
const SHARE = 0.015;

/** Of the time of its first steps, what a look in each solve may take. */
const ONCE = 0.05;

/** What is known of a compiled function, from all solves. */
class ComparedPaths {
  solves = 0;
  steps = 0;
  /** Looks for new paths that may be taken. */
  credit = 0;
  /** The number of the step that is compared next. */
  next = 1;
  readonly paths = new Set<number>();
  /** Outcomes of decisions that were met where it was compared. */
  taken: Float64Array | undefined;

  /** Is there nothing new to be met? `apart`: decisions that tell paths apart. */
  isSettled(apart: number): boolean {
    return this.paths.size >= Math.min(MOST_PATHS, 2 ** apart) && this.taken!.every((met) => met !== 0);
  }
}

const comparedPaths = memo((_program: Program, _target: Target) => new ComparedPaths());

/**
 * Of a right-hand side that is not compiled, whether what it gives depends on earlier calls. Its methods throw as requireAgreement
 * does, or ReadBeforeWrite.
 */
export function agreementAlong(code: ProblemCode, p: Float64Array, target: Target, start: Start): Watch {
  if (!executionOf(code).compiled) return historyAlong(code, p, start);
  const compared = comparedRhs(code);
  return new Along(comparedPaths(compared.program, target), compared, code.layout.u.size, p, target);
}

class Along implements Watch {
  private looked = false;

  constructor(
    private readonly known: ComparedPaths,
    private readonly compared: Compared,
    private readonly n: number,
    private readonly p: Float64Array,
    private readonly target: Target,
  ) {}

  observe(steps: TakenSteps): void {
    const { known } = this;
    for (; known.next <= known.steps + steps.count; known.next += Math.min(known.next, INTERVAL))
      this.compare(steps.point(2 * (known.next - known.steps) - 1, this.n));
    known.steps += steps.count;
    if (steps.paths && !known.isSettled(steps.paths.apart)) this.lookForPaths(steps);
  }

  finish(t: number, state: Float64Array): void {
    if (this.known.solves++ === 0) this.compare({ t, u: state });
  }

  /** In the first solve everywhere; later at as many ends of steps as cost little, the last of a run of the step loop among them. */
  private lookForPaths(steps: TakenSteps): void {
    const { known } = this;
    const { count } = steps;
    if (known.solves === 0) return this.lookAt(steps, 0, 1);
    const { share } = steps.paths!;
    known.credit = Math.min(known.credit + (count * SHARE) / share, count);
    // Parameters may be others in each solve.
    if (!this.looked && share <= ONCE * count) known.credit = Math.max(known.credit, 1);
    this.looked = true;
    if (known.credit < 1) return;
    const every = Math.ceil(count / known.credit);
    known.credit -= Math.ceil(count / every);
    this.lookAt(steps, 2 * ((count - 1) % every) + 1, 2 * every);
  }

  private lookAt(steps: TakenSteps, first: number, every: number): void {
    const end = 2 * steps.count;
    const { found, taken } = steps.lookAtPaths(first, every);
    if (this.isNew(taken)) {
      // One by one, to see where.
      for (let point = first; point < end; point += every) {
        const alone = steps.lookAtPaths(point, end);
        this.note(steps, point, alone.found[0], this.isNew(alone.taken) ? alone.taken : undefined);
      }
      return;
    }
    let last = NaN;
    for (let point = first, i = 0; point < end; point += every, i++) {
      if (found[i] !== last) this.note(steps, point, found[i]);
      last = found[i];
    }
  }

  private isNew(taken: Float64Array): boolean {
    const known = (this.known.taken ??= new Float64Array(taken.length));
    for (let k = 0; k < taken.length; k++) if (taken[k] > known[k]) return true;
    return false;
  }

  /** `taken`: where there are new outcomes among them. */
  private note(steps: TakenSteps, point: number, path: number, taken?: Float64Array): void {
    const { known } = this;
    const isNewPath = known.paths.size < MOST_PATHS && !known.paths.has(path);
    if (!isNewPath && !taken) return;
    this.compare(steps.point(point, this.n));
    if (isNewPath) known.paths.add(path);
    taken?.forEach((met, k) => (known.taken![k] = Math.max(known.taken![k], met)));
  }

  private compare({ u, t }: Pick<TriedPoint, "u" | "t">): void {
    requireAgreement(this.compared, { u: u.subarray(0, this.n), p: this.p, t }, this.target);
  }
}
