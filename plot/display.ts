/** What notebooks show of a solution and of a gradient: the picture, with a line about it. */
import type { Layout } from "../src/arrays/layout.ts";
import { MissingPackage } from "../src/core/errors.ts";
import type { MimeBundle } from "../src/core/notebook.ts";
import type { Figure } from "./figure.ts";
import { gradientFigure, type Derivatives, type DifferentiatedProblem } from "./gradient.ts";
import { escapeMarkup } from "../src/core/markup.ts";
import { formatNumber } from "./numbers.ts";
import { solutionFigure, type SavedStates } from "./solution.ts";

interface Solved extends SavedStates {
  readonly solver: string;
  readonly result: string;
  readonly stats: { readonly steps: number; readonly rejected: number };
}

export async function solutionBundle(solution: Solved, layout: Layout): Promise<MimeBundle> {
  const { t, solver, result, stats } = solution;
  const text = `${solver}: ${result}; ${t.length} times saved, ${stats.steps} steps, ${stats.rejected} rejected`;
  return pictureBundle(text, () => solutionFigure(solution, layout, "Solution"));
}

interface Differentiated extends Derivatives {
  readonly value: number;
  readonly plan: { readonly summary: string };
}

export async function gradientBundle(problem: DifferentiatedProblem, result: Differentiated): Promise<MimeBundle> {
  const text = `loss ${formatNumber(result.value)}; ${result.plan.summary}`;
  return pictureBundle(text, () => gradientFigure(problem, result));
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
