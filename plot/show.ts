/** What a notebook shows of a solution, a gradient, a plan and what was fitted: a picture with a line about it, or a table. */
import type { Gradient } from "../sensitivity/gradient.ts";
import type { Plan } from "../sensitivity/planner/plan.ts";
import type { Solution } from "../solvers/solution/solution.ts";
import { layoutOf } from "../src/arrays/layout.ts";
import { describe } from "../src/core/array-values.ts";
import { MissingPackage, UnsupportedValue } from "../src/core/errors.ts";
import { isObject } from "../src/core/options/check.ts";
import type { Figure } from "./figure.ts";
import { fitFigure, type FittedData } from "./fit.ts";
import { gradientFigure } from "./gradient.ts";
import { escapeMarkup } from "./markup.ts";
import { jupyterDisplay, type MimeBundle } from "./notebook.ts";
import { formatNumber } from "./numbers.ts";
import { pairsFigure, type Draws } from "./pairs.ts";
import { planTable } from "./plan-table.ts";
import { profilesFigure, type ProfileCurves } from "./profiles.ts";
import { solutionFigure } from "./solution.ts";
import { waterfallFigure, type EndedStart } from "./waterfall.ts";

/** As `solve` gives it, here or in a worker. */
export type ShownSolution = Pick<Solution<unknown>, "t" | "u" | "states" | "solver" | "result" | "stats"> &
  Partial<Pick<Solution<unknown>, "switches">>;

/** As `gradient` gives it, here or in a worker. */
export type ShownGradient = Pick<Gradient, "value" | "gradient" | "flat" | "plan">;

/** As `fit`, `multiStart`, `profile` and `sample` give it. */
export type ShownFit = Pick<FittedData, "residuals"> & { toString(): string };
export type ShownStarts = { readonly best: unknown; readonly starts: readonly EndedStart[]; toString(): string };
export type ShownProfiles = ProfileCurves & { toString(): string };
export type ShownDraws = Draws & { toString(): string };

type ShownValue = ShownSolution | ShownGradient | Plan | ShownFit | ShownStarts | ShownProfiles | ShownDraws;

/** The value of a cell, which shows itself. */
export interface Shown {
  readonly [jupyterDisplay]: () => Promise<MimeBundle>;
}

/**
 * As the value of a notebook's cell, shows a solution as a picture (fields as they end, other components over time), a gradient as one
 * (fields by fields, others as bars), and a plan as a table; of a fit the data with it, of fits from many starts where they ended, profiles,
 * and of a posterior its draws in pairs. Pictures are drawn by Observable Plot (an optional peer dependency); without it there is the text,
 * and what to install.
 *
 * @throws UnsupportedValue for anything else.
 */
export function show(value: ShownValue): Shown {
  return { [jupyterDisplay]: bundleOf(value) };
}

function bundleOf(value: ShownValue): () => Promise<MimeBundle> {
  if (isObject(value)) {
    if ("states" in value && "solver" in value) return () => solutionBundle(value);
    if ("gradient" in value && "plan" in value) return () => gradientBundle(value);
    if ("residuals" in value) return () => pictureBundle(String(value), () => fitFigure({ residuals: value.residuals }, "Fit"));
    if ("starts" in value)
      return () => pictureBundle(String(value), () => waterfallFigure(value.starts, "Fits from many starts"));
    if ("profiles" in value) return () => pictureBundle(String(value), () => profilesFigure(value, "Profile likelihoods"));
    if ("draws" in value) return () => pictureBundle(String(value), () => pairsFigure(value, "Posterior"));
    if ("decisions" in value) return async () => ({ "text/plain": String(value), "text/html": planTable(value) });
  }
  throw new UnsupportedValue(
    `show: it is given ${describe(value)}, and shows solutions, gradients, plans, and what fits and samplers return. Figures show themselves.`,
  );
}

function solutionBundle(solution: ShownSolution): Promise<MimeBundle> {
  const { t, u, solver, result, stats } = solution;
  const text = `${solver}: ${result}; ${t.length} times saved, ${stats.steps} steps, ${stats.rejected} rejected`;
  return u.length === 0
    ? Promise.resolve({ "text/plain": text })
    : pictureBundle(text, () => solutionFigure(solution, layoutOf(u[0], "u"), "Solution"));
}

function gradientBundle({ value, gradient, flat, plan }: ShownGradient): Promise<MimeBundle> {
  const { p = [], u0 = [], t0, t1 } = gradient as Readonly<Record<"p" | "u0", unknown>> & Pick<typeof gradient, "t0" | "t1">;
  const problem = { name: plan.known.problem, layout: { u: layoutOf(u0, "u0"), p: layoutOf(p, "p") } };
  const text = `loss ${formatNumber(value)}; ${plan.summary}`;
  return pictureBundle(text, () => gradientFigure(problem, { flat, gradient: { t0, t1 } }));
}

/** Without Observable Plot there is the text, and what to install. SVG stands within HTML, where every notebook shows it. */
export async function pictureBundle(text: string, draw: () => Promise<Figure>): Promise<MimeBundle> {
  try {
    const figure = await draw();
    return { "text/plain": text, "text/html": `${figure.toSvg()}\n<div>${escapeMarkup(text)}</div>` };
  } catch (error) {
    if (!(error instanceof MissingPackage)) throw error;
    return { "text/plain": `${text}\n${error.message}` };
  }
}
