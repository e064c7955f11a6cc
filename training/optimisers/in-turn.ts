/** Optimisers one after the other: each goes on where the last one ended. */
import { BadTrainingOption } from "./errors.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { isOptimiser, type Iterate, type Objective, type Optimiser } from "./optimiser.ts";
import { counted } from "../../src/core/in-words.ts";

interface State extends Iterate {
  readonly stage: number;
  /** How many iterations of this stage there were. */
  readonly count: number;
  readonly inner: Iterate;
}

/** An optimiser, and its largest number of iterations; the last one needs none. */
export type Stage = readonly [optimiser: Optimiser, iterations: number] | readonly [optimiser: Optimiser];

/**
 * Optimisers one after the other.
 *
 * @param stages - Each optimiser with the number of its iterations; the last one goes on until it ends by itself.
 * @returns The optimiser, for `fit`.
 * @throws BadTrainingOption where a stage before the last has no number of iterations, one is no list with an optimiser, or there is none.
 * @example
 * inTurn([adam({ learningRate: 0.01 }), 300], [lbfgs()]);
 */
export function inTurn(...stages: readonly Stage[]): Optimiser {
  if (stages.length === 0)
    throw new BadTrainingOption("inTurn: there is no optimiser. Give [optimiser, iterations], …, [optimiser].");
  stages.forEach((stage: unknown, i) => {
    const given: unknown = Array.isArray(stage) ? stage[0] : undefined;
    if (isOptimiser(given)) return;
    throw new BadTrainingOption(
      `inTurn: stage ${i} is ${Array.isArray(stage) ? `[${shown(given)}, …]` : shown(stage)}. Give each optimiser in a list, with its iterations: ` +
        "inTurn([adam(), 300], [lbfgs()]).",
    );
  });
  const most = stages.map(([, iterations = Infinity]) => iterations);
  most.slice(0, -1).forEach((iterations, i) => {
    if (Number.isInteger(iterations) && iterations > 0) return;
    throw new BadTrainingOption(
      `inTurn: stage ${i} has ${shown(iterations)} iterations. Give a positive whole number: [adam(), 300].`,
    );
  });
  const begin = async (objective: Objective, x: Float64Array, stage = 0): Promise<State> => {
    const inner = await stages[stage][0].begin(objective, x);
    return { x: inner.x, value: inner.value, stage, count: 0, inner };
  };
  return {
    name: stages.map(([{ name }]) => name).join(", then "),
    settings: stages.map(([{ settings }], i) => ({ settings, most: most[i] })),
    begin: (objective, x) => begin(objective, x),
    async step(objective, state): Promise<Iterate> {
      const { stage, count, inner } = state as State;
      const next = await stages[stage][0].step(objective, inner);
      const isOver = next.finished !== undefined || count + 1 >= most[stage];
      if (isOver && stage + 1 < stages.length) return begin(objective, next.x, stage + 1);
      const { finished, converged } = next;
      return {
        x: next.x,
        value: next.value,
        stage,
        count: count + 1,
        inner: next,
        ...(isOver && { finished: finished ?? `it took all of its ${counted(count + 1, "iteration")}`, converged }),
      } as State;
    },
  };
}
