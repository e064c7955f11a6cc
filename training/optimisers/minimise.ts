/** The loop that an optimiser runs in, and which optimiser it is where none is asked for. */
import type { Check } from "../../src/core/options/check.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { BadOption } from "../../src/core/errors.ts";
import { adam } from "./adam.ts";
import { inTurn } from "./in-turn.ts";
import { lbfgs } from "./lbfgs.ts";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";
import { isOptimiser, type Iterate, type Objective, type Optimiser } from "./optimiser.ts";
import { counted } from "../../src/core/in-words.ts";

/** How far a fit has come. */
export interface FitProgress {
  readonly iteration: number;
  /** The lowest misfit so far. */
  readonly value: number;
  /** That of held-out data there, for each observation, where there are any. */
  readonly heldOut?: number;
}

export interface MinimiseOptions {
  readonly optimiser: Optimiser;
  readonly maxIterations: number;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Awaited after each iteration, with how many there were. */
  readonly onIterate?: (state: Iterate, iterations: number) => Promise<void>;
  /** Looked at before each iteration: is the time over? */
  readonly isOver?: () => boolean;
  /** How many there were before; none by default. */
  readonly taken?: number;
}

/** How it ended. */
export interface Minimum {
  readonly state: Iterate;
  readonly iterations: number;
  readonly ended: string;
}

export const anOptimiser: Check = (value, what) => {
  if (isOptimiser(value)) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be an optimiser, such as lbfgs() or adam({ learningRate: 0.01 }).`);
};

/** Up to so many parameters the derivatives of a solution by all of them are carried along. */
const FEW = 100;

/** An optimiser, and why it is that one. */
export interface Choice {
  readonly optimiser: Optimiser;
  readonly why: string;
}

/** The one that is asked for, else that for so many parameters. */
export function optimiserFor(parameters: number, asked?: Optimiser): Choice {
  if (asked) return { optimiser: asked, why: "asked for" };
  return parameters <= FEW
    ? { optimiser: levenbergMarquardt(), why: "few parameters, least squares" }
    : {
        optimiser: inTurn([adam({ learningRate: 0.01 }), 300], [lbfgs()]),
        why: "many parameters, which ADAM brings near and L-BFGS to the end",
      };
}

/** From what the optimiser began with. */
export async function minimise(objective: Objective, first: Iterate, options: MinimiseOptions): Promise<Minimum> {
  const { optimiser, maxIterations, onProgress, onIterate, isOver, taken = 0 } = options;
  let state = first;
  let iterations = taken;
  while (!state.finished && iterations < maxIterations && !isOver?.()) {
    state = await optimiser.step(objective, state);
    iterations++;
    await onIterate?.(state, iterations);
    const { value, heldOut } = state;
    onProgress?.({ iteration: iterations, value, ...(heldOut !== undefined && { heldOut }) });
  }
  return {
    state,
    iterations,
    ended: state.finished ?? `ended after ${counted(maxIterations, "iteration")}; raise maxIterations`,
  };
}
