/** Warnings about gradients of batches, looked for along a few trajectories, which are solved alone. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { integrateWith } from "../../solvers/solve/auto.ts";
import { rowsOf } from "../../solvers/batch/agreement.ts";
import type { GivenBatch, BatchOptions } from "../../solvers/batch/given-batch.ts";
import { setting } from "../../solvers/batch/told.ts";
import type { Warning } from "../../solvers/batch/warning.ts";
import { belowTolerance, isBelow } from "../../solvers/step-loop/tolerances.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { GradientTask } from "../task/task.ts";
import { preparedFor, requestOf } from "../task/solve.ts";
import { withSpan, taskOf } from "../task/options.ts";
import { source } from "../vjp/backends/source.ts";
import { unlessNotFinite } from "./not-finite.ts";

/** One trajectory is sampled for so many in a batch, but the first always, and three at most. */
const ONE_IN = 100;
const MOST_STEPS = 2000;

/** Those that are sampled first; where one leaves the finite numbers, which its outcome tells, the next takes its place. */
function candidates(count: number): ReadonlySet<number> {
  return new Set([0, count - 1, count >> 1]);
}

/** How large a problem's components became in all batches: trajectories whose components grew above their tolerances are sampled rarely. */
class ComponentSizes {
  private credit = 1;
  /** For each component the smallest of its largest magnitudes along the trajectories that were sampled last. */
  private readonly largest: Float64Array;

  constructor(n: number) {
    this.largest = new Float64Array(n);
  }

  begin(count: number): void {
    this.credit = Math.min(1, this.credit + count / ONE_IN);
  }

  /** Whether components of a trajectory from this state may stay below their tolerances. */
  mayBeBelow(u0: Float64Array, atol: Float64Array): boolean {
    if (this.credit === 1) return true;
    for (let i = 0; i < u0.length; i++) if (isBelow(Math.max(Math.abs(u0[i]), this.largest[i]), atol[i])) return true;
    return false;
  }

  /** Comes before trajectories are sampled. */
  reset(): void {
    this.credit = 0;
    this.largest.fill(Infinity);
  }

  /** Takes in a trajectory that was sampled. A component that is zero all along says nothing. */
  add(largest: Float64Array): void {
    for (let i = 0; i < largest.length; i++) this.largest[i] = Math.min(this.largest[i], largest[i] || Infinity);
  }
}

const sizesInBatches = memo(({ layout }: ProblemCode) => new ComponentSizes(layout.u.size), { by: (code) => [code.identity] });

/** Warns of components below their tolerances, as in the first trajectory where one was met. */
export function warningsAlong<U, P>(
  problem: OdeProblem<U, P>,
  options: BatchOptions<U, P>,
  batch: GivenBatch,
  loss: LossPrograms,
): Warning[] {
  const { count, method, settings } = batch;
  const { code, layout } = problem;
  const rows = rowsOf(batch);
  const sizes = sizesInBatches(code);
  sizes.begin(count);
  const members = [...candidates(count)];
  let wanted = 1 + Math.floor(count / ONE_IN);
  if (!members.slice(0, wanted).some((m) => sizes.mayBeBelow(rows.u0(m), rows.atol(m)))) return [];
  sizes.reset();
  const { maxStep, stops } = options;
  const steps = { maxStep, stops, maxSteps: Math.min(MOST_STEPS, settings[setting.mostSteps]) };
  const common = { ...steps, wrt: "u0", rtol: settings[setting.rtol], solver: method, target: "wasm" } as const;
  let told: Warning | undefined;
  const look = (m: number): true => {
    const spanned = withSpan(problem as OdeProblem, { tspan: batch.spans.of(m) });
    const task: GradientTask = {
      ...taskOf(spanned, common, loss),
      u0: rows.u0(m).slice(),
      p: rows.p(m).slice(),
      atol: rows.atol(m),
      backend: source,
    };
    const { sizes: found } = integrateWith(preparedFor(task), method, requestOf(task)).trajectory;
    for (const message of belowTolerance(found, task.atol, layout.u)) told ??= { message, trajectory: batch.spans.indexOf(m) };
    sizes.add(found.largest);
    return true;
  };
  for (const m of members) {
    if (wanted === 0) break;
    if (unlessNotFinite(() => look(m))) wanted--;
  }
  return told === undefined ? [] : [told];
}
