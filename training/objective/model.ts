/** What is fitted or sampled: a model with its experiments, as the misfit of what is free in it. */
import { type Checks } from "../../src/core/options/check.ts";
import { anything, count, signal, tolerance } from "../../src/core/options/kinds.ts";
import { absolute } from "../../solvers/step-loop/tolerances.ts";
import { solver } from "../../solvers/step/method.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Observations } from "../data/observations.ts";
import { BadParameter } from "../parameters/errors.ts";
import { allParameters, FreeParameters, freeParameters, type Parameters } from "../parameters/free.ts";
import { BadStart } from "./errors.ts";
import { experimentsOf, type Experiment } from "./experiment.ts";
import { Misfit } from "./misfit.ts";
import type { SolveSettings } from "./solves.ts";

/** What is free in a model, and how it is solved. */
export interface ModelOptions extends SolveSettings {
  /**
   * The components of p that are free, by name, each `true` or with start, bounds, scale and prior; the others stay as they are. By
   * default all.
   */
  readonly parameters?: Parameters;
  /** The components of the initial state that are free, likewise; by default none. */
  readonly initial?: Parameters;
}

export const settingChecks: Checks<SolveSettings> = {
  solver,
  rtol: tolerance,
  atol: absolute,
  maxSteps: count,
  signal,
};

export const modelChecks: Checks<ModelOptions> = { ...settingChecks, parameters: anything, initial: anything };

export interface Model {
  readonly experiments: readonly Experiment[];
  readonly misfit: Misfit;
  readonly free: FreeParameters;
}

/** Throws BadData and {@link BadParameter}; `verb` is what it is for. */
export function modelOf(
  verb: string,
  problem: OdeProblem,
  data: Observations | readonly Observations[],
  { parameters, initial, ...settings }: ModelOptions,
): Model {
  const experiments = experimentsOf(verb, problem, data);
  const free = freeOf(verb, experiments, { parameters, initial });
  return { experiments, misfit: new Misfit(experiments, free, settings), free };
}

/** What is free in the experiments, one value for all of them, which the first has to start from. Throws {@link BadParameter}. */
export function freeOf(
  verb: string,
  experiments: readonly Experiment[],
  { parameters, initial }: Pick<ModelOptions, "parameters" | "initial">,
): FreeParameters {
  const [{ layout, p, u0 }] = experiments;
  if (initial && experiments.some(({ start }) => start)) {
    throw new BadParameter(
      `${verb}: u0 is a function of p, and \`initial\` would have it free. Make those values parameters, or give u0 as numbers.`,
    );
  }
  const all = initial && layout.p.size === 0 ? undefined : allParameters(layout.p);
  const list = [
    ...freeParameters("p", parameters === undefined ? all : parameters, layout.p, p),
    ...freeParameters("u0", initial, layout.u, u0),
  ];
  if (list.length === 0) {
    throw new BadParameter(`${verb}: nothing is free. Name some of p in \`parameters\`, or of the initial state in \`initial\`.`);
  }
  requireOneValue(verb, list, experiments);
  return new FreeParameters(list);
}

/** Throws {@link BadParameter} where experiments have values of their own of what is fitted, which would be overwritten. */
export function requireOneValue(
  verb: string,
  list: FreeParameters["list"],
  experiments: readonly Experiment[],
  nameOf = (k: number): string => `observations[${k}]`,
): void {
  for (const { name, of, index } of list) {
    const values = experiments.map((experiment) => experiment[of][index]);
    const k = values.findIndex((value) => value !== values[0]);
    if (k < 0) continue;
    throw new BadParameter(
      `${verb}: ${name} of ${of} is fitted, one value for all experiments, but in ${nameOf(0)} it is ${values[0]}, and in ` +
        `${nameOf(k)} ${values[k]}. Leave it out of \`${of === "p" ? "parameters" : "initial"}\`, or of \`${of}\` of the observations.`,
    );
  }
}

/** Why a point has no misfit, as a sentence or several. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return `${String(cause)}.`;
  // Solutions of points that were tried are attached to nothing that the user has.
  const said = cause.message.replace(/\s*The solution so far is attached.*$/s, "");
  return `${cause.name}: ${said}${said.includes("\n") ? "\n" : said.endsWith(".") ? "" : "."}`;
}

export function badStart(cause: unknown): BadStart {
  return new BadStart(
    `The model has no misfit at the start: ${spaced(reasonOf(cause))}Start elsewhere: parameters: { name: { start } }.`,
    { cause },
  );
}

/** A text of several lines ends its last one. */
function spaced(sentences: string): string {
  return /\s$/.test(sentences) ? sentences : `${sentences} `;
}
