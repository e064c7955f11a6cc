/** A gradient held against others, component by component. */
import { checkOptions } from "../src/options/check.ts";
import { requireProblem, type Loss, type OdeProblem } from "../src/problem.ts";
import { executionOf } from "../solvers/problem-system.ts";
import { smallest } from "../solvers/tolerances.ts";
import { extrapolatedDifference } from "./extrapolated-difference.ts";
import { componentOf } from "./finite-gradient.ts";
import { gradient, gradientChecks, type Gradient, type GradientOptions } from "./gradient.ts";
import { GradientReport } from "./gradient-report.ts";
import { lossPrograms } from "./loss.ts";
import { lossValue } from "./methods/loss-value.ts";
import type { GradientTask } from "./methods/method.ts";
import { over, taskOf } from "./task.ts";
import { source } from "./vjp/source.ts";

/** Discretisation errors of two ways of solving differ by the tolerance times what the problem makes of it. */
const AMPLIFICATION = 1e3;
/** Tolerances of the solves whose losses are compared: differences divide their errors by small distances. */
const TIGHTER = 1e-3;
const TIGHTEST = 1e-12;
/** Distances of differences, relative to the component. */
const DISTANCE = 1 / 64;

/**
 * Checks a gradient, component by component, against that of another method (dual numbers through the solver; "gauss" where the
 * plan's own method is one of those) and against extrapolated differences of the loss, which solve ten times for each component.
 * Takes what `gradient` takes, and does not throw where they disagree: the report says so.
 *
 * A component passes where all agree within 1000 times the larger of rtol and atol, relative to its own size or a thousandth of the
 * largest (each times the size of its component), and what the differences themselves may be wrong by.
 *
 * Throws what `gradient` throws.
 */
export function checkGradient<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L>,
): GradientReport {
  requireProblem(problem, "checkGradient");
  checkOptions(options, gradientChecks, "checkGradient");
  const checked = gradient(problem, options);
  const isForward = checked.plan.adjoint === "dual" || checked.plan.adjoint === "forwardSensitivity";
  const other = isForward ? "gauss" : executionOf(problem.code).compiled ? "dual" : undefined;
  const another = other === undefined ? undefined : gradient(problem, { ...options, adjoint: other, check: false });
  const spanned = over(problem as OdeProblem, options);
  const loss = lossPrograms(options.loss as Loss, spanned);
  const task = { ...taskOf(spanned, options, loss), backend: source, onProgress: undefined };
  const components = componentsOf(task, checked, another);
  const tolerance = AMPLIFICATION * Math.max(task.rtol, smallest(task.atol));
  const largest = components.reduce((max, { value, size }) => Math.max(max, Math.abs(value) * size), 0);
  const rows = components.map(({ name, value, byOther, size, moved, side }) => {
    const differences = extrapolatedDifference((h) => lossValue(moved(h)), DISTANCE * size, side);
    const farthest = Math.max(
      Number.isNaN(byOther) ? 0 : Math.abs(value - byOther),
      Math.max(0, Math.abs(value - differences.slope) - differences.error),
    );
    const scale = Math.max(Math.abs(value), (1e-3 * largest) / size);
    const relativeDifference = farthest === 0 ? 0 : farthest / scale;
    return { name, gradient: value, other: byOther, differences, relativeDifference, passed: relativeDifference <= tolerance };
  });
  return new GradientReport(rows, checked.plan, other, tolerance);
}

interface Component {
  readonly name: string;
  readonly value: number;
  readonly byOther: number;
  /** Of what it is a derivative by. */
  readonly size: number;
  /** The task with the component changed by h. */
  readonly moved: (h: number) => GradientTask;
  /** Of ends of time, outwards. */
  readonly side?: 1 | -1;
}

function componentsOf(task: GradientTask, checked: Gradient, another: Gradient | undefined): Component[] {
  const { problem, rtol, atol } = task;
  const [t0, t1] = problem.tspan;
  const tighter = (x: number): number => Math.max(TIGHTEST, TIGHTER * x);
  const tight = { rtol: tighter(rtol), atol: typeof atol === "number" ? tighter(atol) : atol.map(tighter) };
  const of = (what: "p" | "u0"): Component[] =>
    Array.from(checked.flat[what] ?? [], (value, i) => ({
      name: componentOf(what, what === "p" ? problem.layout.p : problem.layout.u, i),
      value,
      byOther: another?.flat[what]?.[i] ?? NaN,
      size: Math.abs(task[what][i]) || 1,
      moved: (h) => ({ ...task, ...tight, [what]: task[what].map((x, k) => (k === i ? x + h : x)) }),
    }));
  const ends = (["t0", "t1"] as const).flatMap((what): Component[] => {
    const value = checked.gradient[what];
    if (value === undefined) return [];
    const outwards = Math.sign(t1 - t0) * (what === "t0" ? -1 : 1);
    return [
      {
        name: what,
        value,
        byOther: another?.gradient[what] ?? NaN,
        size: Math.abs(t1 - t0),
        moved: (h) => ({
          ...task,
          ...tight,
          problem: { ...problem, tspan: what === "t0" ? [t0 + h, t1] : [t0, t1 + h] },
        }),
        side: outwards as 1 | -1,
      },
    ];
  });
  return [...of("p"), ...of("u0"), ...ends];
}
