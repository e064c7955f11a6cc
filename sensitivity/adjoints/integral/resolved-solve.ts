/**
 * Forward solves of losses with an integral, by steps that resolve the integrand. Its running value is integrated with the state and under
 * the same error control, which sees what the stages of a step see: an integrand that acts between them, for a short time or in a narrow
 * range of the state, would go unnoticed. So each step is examined once it is taken: the Gauss rule over the whole of it is compared with
 * the same rule over panels, for the integrand and for its derivative along a random direction. Where they differ the step is cut, and the
 * solve begins again.
 */
import { addEffort } from "../../../solvers/step-loop/statistics.ts";
import { integrateWith, type Integrated, type WithPrepared } from "../../../solvers/solve/auto.ts";
import type { IntegrationRequest } from "../../../solvers/step-loop/request.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { TakenSteps } from "../../../solvers/step-loop/taken-steps.ts";
import { stepQuadrature } from "./step-quadrature.ts";
import type { UnplannedTask } from "../../task/task.ts";

/** The number of panels of a step as long as the span; a shorter one has its share of them, and two at least. */
const PANELS = 256;
/** A step that is cut is cut into as many pieces as it has panels, and so many at least. */
const PIECES = 8;
/** The largest number of solves. */
const MOST_SOLVES = 8;
/** The rules may differ, over all steps, by so many times the relative tolerance of the integral of the magnitude. */
const ALLOWED = 1;
/** The rounding of a sum, relative to its terms. */
const ROUNDING = 1e-14;

/** Integrates as `integrateWith` does, with steps that resolve the loss's integrand. */
export function integrateResolved(
  task: UnplannedTask,
  withPrepared: WithPrepared,
  method: Method | undefined,
  request: IntegrationRequest,
): Integrated {
  const isFixed = method?.dt !== undefined;
  if (!task.loss.integral || isFixed) return integrateWith(withPrepared, method, request);
  let ends = Array.from(request.ends ?? []);
  let before: Integrated | undefined;
  for (let solves = 1; ; solves++) {
    const errors = new QuadratureErrors(task);
    const integrated = integrateWith(withPrepared, method, {
      ...request,
      ends,
      onSteps(steps) {
        errors.add(steps);
        request.onSteps?.(steps);
      },
      onRestart() {
        errors.clear();
        request.onRestart?.();
      },
    });
    const { trajectory } = integrated;
    if (before) addEffort(trajectory, before.trajectory);
    const cuts = trajectory.result.kind === "success" && solves < MOST_SOLVES ? errors.cuts() : [];
    if (cuts.length === 0) return integrated;
    const direction = Math.sign(request.t1 - request.t0);
    ends = [...ends, ...cuts].sort((a, b) => direction * (a - b));
    before = integrated;
    request.onRestart?.();
  }
}

const PARTS = [0, 1] as const;

/** How well the steps of a solve resolve the integrand, and its derivative. */
class QuadratureErrors {
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];
  /** By how much the rules differ in each step. */
  private readonly differences: readonly number[][] = [[], []];
  /** By how much they may differ over all steps. */
  private readonly allowed = [0, 0];

  constructor(private readonly task: UnplannedTask) {}

  add(steps: TakenSteps): void {
    const { starts, lengths, differences, allowed, task } = this;
    const relative = Math.max(ALLOWED * task.rtol, ROUNDING);
    const quadrature = stepQuadrature(task, steps);
    for (let i = 0; i < steps.count; i++) {
      const length = steps.time(i + 1) - steps.time(i);
      const { whole, panels, sizes, off } = quadrature.over(i, this.panelsOf(length));
      starts.push(steps.time(i));
      lengths.push(length);
      for (const part of PARTS) {
        differences[part].push(Math.abs(whole[part] - panels[part]));
        // The state is no better known than this.
        allowed[part] += relative * sizes[part] + Math.abs(whole[part] - off[part]);
      }
    }
  }

  clear(): void {
    for (const list of [this.starts, this.lengths, ...this.differences]) list.length = 0;
    this.allowed.fill(0);
  }

  /** The times at which steps are to end in the next solve; none where these steps resolve the integrand. */
  cuts(): number[] {
    const { starts, lengths, differences, allowed } = this;
    const cut = new Set<number>();
    for (const part of PARTS) {
      const each = differences[part];
      if (!(each.reduce((sum, x) => sum + x, 0) > allowed[part])) continue;
      each.forEach((x, i) => x > allowed[part] / (2 * each.length) && cut.add(i));
    }
    return [...cut].flatMap((i) => {
      const pieces = Math.max(PIECES, this.panelsOf(lengths[i]));
      return Array.from({ length: pieces - 1 }, (_, k) => starts[i] + ((k + 1) / pieces) * lengths[i]);
    });
  }

  private panelsOf(length: number): number {
    const [t0, t1] = this.task.problem.tspan;
    return Math.min(PANELS, Math.max(2, Math.ceil(PANELS * Math.abs(length / (t1 - t0)))));
  }
}
