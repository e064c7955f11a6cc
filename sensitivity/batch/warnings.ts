/** What one must know of gradients of batches: looked for along a few trajectories, which are solved alone. */
import { componentNames } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem.ts";
import { integrateWith } from "../../solvers/auto.ts";
import { rowsOf } from "../../solvers/batch/agreement.ts";
import type { Ensemble, EnsembleOptions } from "../../solvers/batch/ensemble.ts";
import { setting } from "../../solvers/batch/ensemble-builder.ts";
import { belowTolerance } from "../../solvers/tolerances.ts";
import type { LossPrograms } from "../loss.ts";
import type { GradientTask } from "../methods/method.ts";
import { lender, requestOf } from "../methods/task-solve.ts";
import { switchesInState, warningsOf } from "../switches.ts";
import { over, taskOf } from "../task.ts";
import { source } from "../vjp/source.ts";

/** The first trajectory; of so many more also the last, and of so many again one between. */
const ONE_IN = 100;
const MOST_STEPS = 2000;

function lookedAt(count: number): number[] {
  return [0, count - 1, count >> 1].slice(0, 1 + Math.floor(count / ONE_IN));
}

/** Thresholds on the state and components below their tolerances, each as in the first trajectory where it was met. */
export function warningsAlong<U, P>(
  problem: OdeProblem<U, P>,
  options: EnsembleOptions<U, P>,
  ensemble: Ensemble,
  loss: LossPrograms,
): string[] {
  const { count, given, method, settings } = ensemble;
  const rows = rowsOf(problem.code, ensemble);
  const { maxStep, stops } = options;
  const spanned = over(problem as OdeProblem, given);
  const steps = { maxStep, stops: method.dt ? undefined : stops, maxSteps: Math.min(MOST_STEPS, settings[setting.mostSteps]) };
  const common = taskOf(spanned, { ...steps, wrt: "u0", rtol: settings[setting.rtol], solver: method, target: "wasm" }, loss);
  const told = new Map<string, string>();
  const tell = (key: string, m: number, warning: string): void => {
    if (!told.has(key)) told.set(key, count > 1 ? `Trajectory ${m}: ${warning}` : warning);
  };
  for (const m of lookedAt(count)) {
    const task: GradientTask = { ...common, u0: rows.u0(m).slice(), p: rows.p(m).slice(), atol: rows.atol(m), backend: source };
    for (const one of switchesInState(task).switches)
      for (const warning of warningsOf([one])) tell(`${one.function}:${one.line}:${one.column}`, m, warning);
    const { largest } = integrateWith(lender(task), method, requestOf(task)).trajectory;
    for (const warning of belowTolerance(largest, task.atol, () => componentNames(problem.layout.u, "u")))
      tell("small", m, warning);
  }
  return [...told.values()];
}
