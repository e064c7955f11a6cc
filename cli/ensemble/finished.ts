/** What an ensemble gave, as its command shows it. */
import type { EnsembleSolution } from "../../ensemble/solve-ensemble.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { toJson } from "../messages/json.ts";
import { histogramOf, type Percentage, type StatisticColumn } from "./reduce.ts";
import type { Variation } from "./vary.ts";

/** What was asked for, as far as it is shown. */
export interface Shown {
  readonly trajectories: number;
  readonly vary: readonly Variation[];
  readonly seed: number;
  readonly rtol: number;
  readonly atol?: number;
}

export interface Finished {
  readonly problem: OdeProblem;
  readonly tspan: readonly [number, number];
  readonly solver: string;
  readonly solution: EnsembleSolution;
  readonly columns: readonly StatisticColumn[];
  readonly seconds: number;
}

/** By time and component. */
function statesOf({ solution: { t, names } }: Finished, { at }: StatisticColumn): number[][] {
  return Array.from(t, (_, k) => names.map((__, c) => at(k, c)));
}

function columnNamed({ columns }: Finished, label: string): StatisticColumn | undefined {
  return columns.find((column) => column.label === label);
}

export function quantilesOf(finished: Finished): Record<Percentage, number[][]> {
  const of = (percent: number) => statesOf(finished, columnNamed(finished, `${percent} %`)!);
  return { 5: of(5), 25: of(25), 50: of(50), 75: of(75), 95: of(95) };
}

export function asJson(options: Shown, finished: Finished): string {
  const { trajectories, vary, seed, rtol, atol } = options;
  const { problem, solver, solution, seconds } = finished;
  const { t, names, u, succeeded, failures, reasons, steps, rejections, plan, warnings } = solution;
  const moments = (["mean", "variance"] as const).flatMap((label) => {
    const column = columnNamed(finished, label);
    return column ? [[label, statesOf(finished, column)] as const] : [];
  });
  return toJson({
    problem: problem.name,
    solver,
    rtol,
    atol,
    trajectories,
    vary,
    seed,
    device: plan.device,
    precision: plan.precision,
    solved: plan.solved,
    chunk: plan.chunk,
    reasons: plan.reasons,
    names,
    t,
    ...Object.fromEntries(moments),
    ...(columnNamed(finished, "50 %") && { quantiles: quantilesOf(finished) }),
    ...(histogramOf(solution) && { histogram: histogramOf(solution) }),
    ...(u && { u }),
    succeeded,
    failed: reasons,
    failures,
    steps,
    rejections,
    seconds,
    warnings,
  });
}
