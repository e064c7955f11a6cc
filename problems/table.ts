/** The named problems as the command line knows them: by the names of the functions that make them. */
import { brusselatorCells, brusselatorCellsDefaults } from "./brusselator-cells.ts";
import { brusselator, brusselatorDefaults } from "./brusselator.ts";
import { heat, heatDefaults } from "./heat.ts";
import { kuramotoSivashinsky, kuramotoSivashinskyDefaults } from "./kuramoto-sivashinsky.ts";
import { lotkaVolterra, lotkaVolterraDefaults } from "./lotka-volterra.ts";
import type { NamedProblem } from "./named-problem.ts";
import { pkpd } from "./pkpd.ts";
import { pollution } from "./pollution.ts";
import { robertson, robertsonDefaults } from "./robertson.ts";
import { spiralNeuralODE } from "./spiral-neural-ode.ts";

export interface ProblemEntry {
  readonly description: string;
  /** The options with their defaults. */
  readonly options: object;
  /** What a wrong option breaks, the problem itself reports. */
  readonly make: (options: Readonly<Record<string, unknown>>) => NamedProblem;
}

function entry<Options extends object, U, P, C, L>(
  description: string,
  options: Options,
  make: (options: Partial<Options>) => NamedProblem<U, P, C, L>,
): ProblemEntry {
  return { description, options, make: make as unknown as ProblemEntry["make"] };
}

export const problemTable: Readonly<Record<string, ProblemEntry>> = {
  lotkaVolterra: entry("predators and prey: 2 states, 4 parameters, not stiff", lotkaVolterraDefaults, lotkaVolterra),
  brusselator: entry(
    "reaction and diffusion on an n x n grid, written as loops, arrays or mixed: 2n² states, 3 parameters, stiff",
    brusselatorDefaults,
    brusselator,
  ),
  brusselatorCells: entry(
    "the Brusselator with parameters of its own in every cell: 2n² states, 4n² parameters, stiff",
    brusselatorCellsDefaults,
    brusselatorCells,
  ),
  pkpd: entry("a drug given every 24 hours and its effect: 5 states, 14 parameters, not stiff, with events", {}, pkpd),
  pollution: entry("air pollution, POLLU: 20 states, 25 parameters, stiff", {}, pollution),
  robertson: entry("an autocatalytic reaction: 3 states, 3 parameters, very stiff", robertsonDefaults, robertson),
  kuramotoSivashinsky: entry(
    "flame fronts, chaotic in time, on n points: n states, 1 parameter, stiff",
    kuramotoSivashinskyDefaults,
    kuramotoSivashinsky,
  ),
  heat: entry("heat in a rod of n cells, with a closed form: n states, 1 parameter, stiff", heatDefaults, heat),
  spiralNeuralODE: entry("a neural network fitted to a spiral: 2 states, 252 parameters, not stiff", {}, spiralNeuralODE),
};
