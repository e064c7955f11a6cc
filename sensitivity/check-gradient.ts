/** Comparison of a gradient with others, component by component. */
import { redoing } from "../src/read/misreading.ts";
import { checkOptions } from "../src/core/options/check.ts";
import { deadlineOf, type Deadline } from "../src/core/options/time-limit.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { executionOf } from "../solvers/systems/problem-system.ts";
import { alongDirections } from "./check/along.ts";
import { allowedDifference } from "./check/through-solve.ts";
import { isTraced } from "./task/derivable-rhs.ts";
import { extrapolatedDifference, type ExtrapolatedDifference } from "./numerics/extrapolated-difference.ts";
import { componentOf } from "./task/finite-gradient.ts";
import { gradient, gradientChecks, type Gradient, type GradientOptions } from "./gradient.ts";
import { GradientReport, type GradientCheckRow } from "./check/report.ts";
import { steadyTask } from "./steady-gradient.ts";
import { withLoss } from "./losses/loss.ts";
import { appliedLoss } from "./losses/compiled.ts";
import { velocity } from "./adjoints/shared/end-times.ts";
import type { Direction } from "./adjoints/shared/directions.ts";
import { solvedDirection } from "./task/changed-parameters.ts";
import { lossValue } from "./check/loss-value.ts";
import type { GradientTask } from "./task/task.ts";
import { sizesOf, stateSizes } from "../src/problem/sizes.ts";
import { withSpan, taskOf, wrtOf } from "./task/options.ts";
import { BadGradientOption } from "./vjp/errors.ts";
import { source } from "./vjp/backends/source.ts";

/** How much tighter the tolerances are of the solves whose losses are compared: differences divide their errors by small distances. */
const TIGHTER = 1e-3;
/** The smallest relative tolerance of those solves. */
const TIGHTEST = 1e-13;
/** The first distance of differences, relative to the component. */
const DISTANCE = 1 / 64;
/** A component is held to at least this part of the largest, each times the size of what it is a derivative by. */
const SMALL = 1e-3;
/** Differences of the loss are settled where their error is within this part of the difference that passes. */
const SETTLED = 0.5;
/** Differences of the loss need not be better than this part of the difference that passes. */
const ENOUGH = 0.01;

/**
 * Checks a gradient, component by component, against that of another method (dual numbers through the solver, or "gauss" where the
 * plan's own method is one of those) and against extrapolated differences of the loss, which solve some ten times for each component,
 * and 32 times where they do not settle. It does not throw where they disagree: the report says so.
 *
 * A component agrees where its relative difference from each of the others is within 100 rtol. One that is small passes where the
 * difference is within 100 rtol of its scale, and the report says which did: the scale is the size of what it is a sum of, over the
 * times of the loss and the components of the state, so a gradient that vanishes because its terms cancel, as at an optimum, is held
 * to them (see check/along.ts); or a thousandth of the largest, each times the size of what it is a derivative by. Units of the
 * loss, of parameters and of states change nothing. Differences that did not settle, as those of a loss that is known to few digits
 * or has corners everywhere, are compared with nothing; a component without another method then does not pass.
 *
 * @param problem - The problem that is differentiated.
 * @param options - What `gradient` takes.
 * @returns A report with a row for each component, which prints itself as a table.
 * @throws What `gradient` throws.
 * @example
 * const report = checkGradient(problem, { loss: { final: (u) => u.prey } });
 * if (!report.passed) console.log(String(report));
 */
export function checkGradient<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L>,
): GradientReport {
  return holding(problem, "checkGradient", (held) => {
    checkOptions(options, gradientChecks, "checkGradient");
    const deadline = deadlineOf(options);
    return redoing(held.code, () => checkOnce(held, options, deadline));
  });
}

function checkOnce<U, P, C, L>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<U, P, L>,
  deadline: Deadline | undefined,
): GradientReport {
  if (wrtOf<string>(options.wrt).includes("at")) {
    throw new BadGradientOption('wrt: derivatives by the times of the loss are not compared here. Leave "at" out.');
  }
  const checked = gradient(problem, options);
  const isForward = checked.plan.adjoint === "dual" || checked.plan.adjoint === "forwardSensitivity";
  const other =
    options.loss.steady || options.loss.all
      ? undefined
      : isForward
        ? problem.code.mass
          ? "discrete"
          : "gauss"
        : executionOf(problem.code).compiled || isTraced(problem.code)
          ? "dual"
          : undefined;
  const another =
    other === undefined ? undefined : gradient(problem, { ...options, ...deadline?.left, adjoint: other, check: false });
  const spanned = withSpan(problem as OdeProblem, options);
  return withLoss(options.loss as Loss, spanned, (loss) => {
    const planned = loss.steady
      ? steadyTask(spanned, options as GradientOptions, loss, deadline).task
      : { ...taskOf(spanned, options, loss, deadline), backend: source };
    const task = { ...planned, onProgress: undefined };
    return reportOf(task, checked, another, other);
  });
}

function reportOf(
  task: GradientTask,
  checked: Gradient,
  another: Gradient | undefined,
  other: string | undefined,
): GradientReport {
  const components = componentsOf(task, checked, another);
  const tolerance = allowedDifference(task);
  const scales = other === undefined ? components.map(({ value }) => Math.abs(value)) : scalesOf(task, checked, components);
  const largest = components.reduce((max, { size }, i) => Math.max(max, scales[i] * size), 0);
  const rows = components.map(({ name, value, byOther, size }, i): GradientCheckRow => {
    const scale = Math.max(scales[i], Math.abs(value), (SMALL * largest) / size);
    const allowed = tolerance * scale;
    const differences = differencesOf(task, components[i], ENOUGH * allowed);
    const { slope, error } = differences;
    // In digits of their own; beside a large scale differences of few digits can confirm, but not contradict.
    const confirms = Math.abs(value - slope) <= allowed && error <= SETTLED * allowed;
    const settled = confirms || error <= SETTLED * tolerance * Math.abs(slope);
    const others = [...(Number.isNaN(byOther) ? [] : [byOther]), ...(settled ? [slope] : [])];
    const relativeDifference = others.length ? Math.max(...others.map((x) => relative(value, x))) : NaN;
    const agrees = relativeDifference <= tolerance;
    const small = !agrees && others.length > 0 && others.every((x) => Math.abs(value - x) <= allowed);
    return { name, gradient: value, other: byOther, differences, settled, relativeDifference, small, passed: agrees || small };
  });
  return new GradientReport(rows, checked.plan, other, tolerance);
}

/**
 * Differences of the loss along a component. What tolerances do to them is part of their error: a loss by which the solve is right in
 * few digits may still be smooth.
 */
function differencesOf(task: GradientTask, { size, moved, side }: Component, enough: number): ExtrapolatedDifference {
  const h = (side ?? 1) * DISTANCE * size;
  const by =
    (tighter: number) =>
    (h: number): number =>
      lossValue({ ...moved(h), ...tightened(task, tighter) });
  const { slope, error } = extrapolatedDifference(by(TIGHTER), DISTANCE * size, { side, enough });
  const [one, two] = [TIGHTER, TIGHTER / 10].map(by).map((at) => at(h) - at(side === undefined ? -h : 0));
  return { slope, error: Math.max(error, Math.abs((one - two) / (side === undefined ? 2 * h : h))) };
}

function tightened({ rtol, atol }: GradientTask, by: number): Pick<GradientTask, "rtol" | "atol"> {
  return { rtol: Math.max(TIGHTEST, by * rtol), atol: typeof atol === "number" ? by * atol : atol.map((x) => by * x) };
}

function relative(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

/** The size, for each component, of what its derivative is a sum of. */
function scalesOf(task: GradientTask, { flat, gradient: { t0, t1 } }: Gradient, components: readonly Component[]): number[] {
  const { u0, p, problem } = task;
  const unit = (like: Float64Array, i: number, size: number): Float64Array => like.map((_, k) => (k === i ? size : 0));
  const sizes = components.map(({ size }) => size);
  const byP = Array.from(flat.p ?? [], (_, i) => solvedDirection(task, { p: unit(p, i, sizes[i]) }));
  const byU0 = Array.from(flat.u0 ?? [], (_, i) => ({ u0: unit(u0, i, sizes[byP.length + i]) }));
  const f = velocity(task, u0, problem.tspan[0]);
  const byT0 = t0 === undefined ? [] : [{ u0: f.map((x) => -x) }];
  const { along, end } = alongDirections(task, [...byP, ...byU0, ...byT0]);
  const states = along.slice(0, byP.length + byU0.length).map(({ size }, i) => size / sizes[i]);
  const before = Math.abs(appliedLoss(task).integrand(problem.tspan[0], u0));
  const ends = [...along.slice(states.length).map(({ size }) => size + before), ...(t1 === undefined ? [] : [end.size])];
  return [...states, ...ends];
}

/** A component of the gradient that is checked. */
interface Component {
  readonly name: string;
  readonly value: number;
  readonly byOther: number;
  /** The size of what it is a derivative by. */
  readonly size: number;
  /** The task with that changed by h. */
  readonly moved: (h: number) => GradientTask;
  /** The direction in which an end of time moves outwards; absent for other components. */
  readonly side?: 1 | -1;
}

function movedAlong(task: GradientTask, { p, u0 }: Direction): GradientTask {
  const sum = (x: Float64Array, by: Float64Array | undefined): Float64Array => (by ? x.map((value, k) => value + by[k]) : x);
  return { ...task, p: sum(task.p, p), u0: sum(task.u0, u0) };
}

function componentsOf(task: GradientTask, checked: Gradient, another: Gradient | undefined): Component[] {
  const { problem, code } = task;
  const { layout } = code;
  const [t0, t1] = problem.tspan;
  const sizes = { p: sizesOf(task.p), u0: stateSizes(task.u0) };
  const of = (what: "p" | "u0"): Component[] =>
    Array.from(checked.flat[what] ?? [], (value, i) => ({
      name: componentOf(what, what === "p" ? layout.p : layout.u, i),
      value,
      byOther: another?.flat[what]?.[i] ?? NaN,
      size: sizes[what][i],
      moved: (h) => movedAlong(task, solvedDirection(task, { [what]: task[what].map((_, k) => (k === i ? h : 0)) })),
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
          problem: { ...problem, tspan: what === "t0" ? [t0 + h, t1] : [t0, t1 + h] },
        }),
        side: outwards as 1 | -1,
      },
    ];
  });
  return [...of("p"), ...of("u0"), ...ends];
}
