/**
 * The agreement check along solves: the compiled right-hand side is held against the plain one where it is used, at ends of steps
 * ever farther apart, at the end of the first solve, and wherever it goes a way that was not compared yet.
 */
import { comparedRhs } from "../src/agreement.ts";
import { keptWith, type ProblemCode } from "../src/code.ts";
import type { Target } from "../src/compile/compile.ts";
import { requireAgreement, type Compared } from "../src/comparison.ts";
import type { TriedPoint } from "../src/points.ts";
import { executionOf } from "./problem-system.ts";
import type { TakenSteps } from "./taken-steps.ts";

/** What looks on while an integration goes; it may throw. */
export interface Watch {
  observe(steps: TakenSteps): void;
  finish(t: number, state: Float64Array): void;
}

/** Steps between two comparisons, at most: then they cost less than a hundredth of the steps. */
const INTERVAL = 1000;
/** Ways that are told apart by all their decisions; of more, each decision counts by itself. */
const MOST_PATHS = 32;
/** Of the time of the steps, what looking for new ways may take after the first solve. */
const SHARE = 0.015;

/** What is known of a compiled function, from all solves. */
class ComparedWays {
  solves = 0;
  steps = 0;
  /** The number of the step that is compared next. */
  next = 1;
  readonly paths = new Set<number>();
  /** Outcomes of decisions that were met where it was compared. */
  taken: Float64Array | undefined;

  get isSettled(): boolean {
    return this.paths.size >= MOST_PATHS && this.taken!.every((met) => met !== 0);
  }
}

/** Constant keys: strings made anew are hashed anew. */
const KEY: Readonly<Record<Target, string>> = { wasm: "compared along:wasm", javascript: "compared along:javascript" };

/** Undefined for a right-hand side that is not compiled. Its methods throw as requireAgreement does. */
export function agreementAlong(code: ProblemCode, p: Float64Array, target: Target): Watch | undefined {
  if (!executionOf(code).compiled) return undefined;
  const compared = comparedRhs(code);
  const known = keptWith(compared.program, KEY[target], () => new ComparedWays());
  return new Along(known, compared, code.layout.u.size, p, target);
}

class Along implements Watch {
  constructor(
    private readonly known: ComparedWays,
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
    if (steps.hasPaths && !known.isSettled) this.lookForPaths(steps);
  }

  finish(t: number, state: Float64Array): void {
    if (this.known.solves++ === 0) this.compare({ t, u: state });
  }

  /** In the first solve everywhere; later at ends of steps, the first and last of a march and as many between as cost little. */
  private lookForPaths(steps: TakenSteps): void {
    const last = 2 * steps.count - 1;
    if (this.known.solves === 0) return this.lookAt(steps, 0, 1);
    const every = 2 * Math.ceil(steps.pathShare / SHARE);
    this.lookAt(steps, last % every, every);
    if (last % every !== 1) this.lookAt(steps, 1, last);
  }

  private lookAt(steps: TakenSteps, first: number, every: number): void {
    const { known } = this;
    const { found, taken } = steps.paths(first, every);
    known.taken ??= new Float64Array(taken.length);
    const isNewOutcome = taken.some((met, k) => met !== 0 && known.taken![k] === 0);
    const compared = new Set<number>();
    for (let i = 0; i < found.length; i++) {
      const path = found[i];
      if (known.paths.has(path) || compared.has(path)) continue;
      if (known.paths.size >= MOST_PATHS && !isNewOutcome) break;
      this.compare(steps.point(first + i * every, this.n));
      compared.add(path);
      if (known.paths.size < MOST_PATHS) known.paths.add(path);
    }
    taken.forEach((met, k) => met !== 0 && (known.taken![k] = 1));
  }

  private compare({ u, t }: Pick<TriedPoint, "u" | "t">): void {
    requireAgreement(this.compared, { u: u.subarray(0, this.n), p: this.p, t }, this.target);
  }
}
