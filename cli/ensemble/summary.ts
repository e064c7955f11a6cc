/** What the command prints of an ensemble, for people. */
import { formatNumber } from "../../plot/numbers.ts";
import { abbreviated, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { warningLines } from "../messages/wording.ts";
import type { Finished, Shown } from "./finished.ts";
import { histogramOf } from "./reduce.ts";

export function howMany(trajectories: number): string {
  return trajectories === 1 ? "1 trajectory" : `${trajectories} trajectories`;
}

const shownTimes = 6;
const shownComponents = 4;

export function summary({ trajectories, vary, seed, rtol, atol }: Shown, finished: Finished): string {
  const { problem, tspan, solver, solution, seconds } = finished;
  const { names, succeeded, reasons, failures, steps, rejections, plan, warnings } = solution;
  const components = solution.u ? [] : abbreviated([...names.keys()], shownComponents, -1);
  const shown = (c: number): string[] => [
    ...(finished.columns.length > 0 ? [componentTable(names[c], c, finished), ""] : []),
    ...(histogramOf(solution) ? [histogramTable(names[c], c, finished), ""] : []),
  ];
  return [
    `${problem.name}: ${howMany(trajectories)}, t = ${tspan.map(formatNumber).join(" … ")}`,
    ...vary.map(({ component, distribution, numbers }) => `  ${component} ~ ${distribution}(${numbers.join(", ")})`),
    `solver ${solver}, rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}, seed ${seed}`,
    String(plan),
    "",
    ...components.flatMap((c) => (c < 0 ? ["…", ""] : shown(c))),
    `${succeeded} success`,
    ...Object.entries(reasons).map(([reason, count]) => {
      const first = failures.find((failure) => failure.reason === reason);
      return first
        ? `${count} ${reason}, the first is trajectory ${first.index} at t = ${formatNumber(first.t)}`
        : `${count} ${reason}`;
    }),
    `steps: ${formatNumber(steps / trajectories)} a trajectory; rejected: ${formatNumber(rejections / trajectories)}`,
    formatSeconds(seconds),
    ...warningLines(warnings),
  ].join("\n");
}

function componentTable(name: string, c: number, { solution: { t }, columns }: Finished): string {
  const times = abbreviated([...t.keys()], shownTimes, -1);
  const header = [name, ...columns.map(({ label }) => label)];
  const row = (k: number): string[] => [formatNumber(t[k]), ...columns.map(({ at }) => formatNumber(at(k, c)))];
  return table([header, ...times.map((k) => (k < 0 ? ["…", ...header.slice(1).map(() => "")] : row(k)))]);
}

/** How many are in which bin at the last time. */
function histogramTable(name: string, c: number, { solution }: Finished): string {
  const { t } = solution;
  const { edges, counts, below, above } = histogramOf(solution)!;
  const last = t.length - 1;
  const bins = Array.from({ length: counts.shape[2] }, (_, bin) => [
    ...[0, 1].map((side) => formatNumber(edges.get(c, bin + side))),
    String(counts.get(last, c, bin)),
  ]);
  return table([
    [`${name}, t = ${formatNumber(t[last])}`, "to", "trajectories"],
    ["below", "", String(below.get(last, c))],
    ...bins,
    ["above", "", String(above.get(last, c))],
  ]);
}
