/** What training or a fit is of, in words: those of the same words go on with the same numbers. */
import { componentNames } from "../../src/arrays/layout.ts";
import { mixed } from "../../src/core/random.ts";
import { countOf, type Experiment } from "../objective/experiment.ts";
import type { ModelOptions } from "../objective/model.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";

/** By what each is called in messages. What differs in the model itself, the misfit tells. */
export type Identity = Readonly<Record<string, string>>;

export function identityOf(
  experiments: readonly Experiment[],
  free: FreeParameters,
  optimiser: Optimiser,
  { parameters, initial, solver, rtol, atol, maxSteps }: ModelOptions,
): Identity {
  return {
    state: componentNames(experiments[0].layout.u, "u").join(", "),
    parameters: free.list.map(({ of, name }) => `${of}.${name}`).join(", "),
    "scales, bounds and priors": textOf({ parameters, initial }),
    data: dataOf(experiments),
    "u0, p and tspan": conditionsOf(experiments, free),
    optimiser: `${optimiser.name} ${textOf(optimiser.settings)}`,
    solver: solver === undefined ? "" : textOf({ name: solver.name, dt: solver.dt }),
    tolerances: textOf({ rtol, atol, maxSteps }),
  };
}

/** How many there are, and a number that is another one where they differ. */
export function dataOf(experiments: readonly Experiment[]): string {
  const number = digest(
    experiments.flatMap(({ times, series }) => [
      times,
      ...series.flatMap(({ at, values, name, of, noise, sigma }) => [at, values, [name, String(of), noise, sigma].join()]),
    ]),
  );
  return `${countOf(experiments)} observations of ${experiments.length} experiments, number ${number}`;
}

/** Without what is free, whose values are in the optimiser's state. */
function conditionsOf(experiments: readonly Experiment[], free: FreeParameters): string {
  const none = new Float64Array(free.list.length);
  const all = experiments.flatMap((experiment) => {
    const { u0, p } = free.put(none, experiment);
    return [u0, p, experiment.problem.tspan];
  });
  return `those of number ${digest(all)}`;
}

function digest(all: readonly (ArrayLike<number> | string)[]): string {
  let seed = 1;
  for (const one of all) {
    const numbers = typeof one === "string" ? Array.from(one, (character) => character.codePointAt(0)!) : one;
    for (const word of new Int32Array(Float64Array.from(numbers).buffer)) seed = mixed(seed, word);
  }
  return (seed >>> 0).toString(16);
}

/** As JSON writes it, typed arrays as lists. */
export function textOf(value: unknown): string {
  const listed = (_: string, one: unknown): unknown => (one instanceof Float64Array ? [...one] : one);
  return JSON.stringify(value, listed) ?? "";
}
