/** One chain: a warm-up, and the draws after it. */
import { uniforms, normalOf } from "../../src/core/random.ts";
import { StepSize, Variances, windowsOf } from "./adaptation.ts";
import { leapfrog, transition, type Kinetics, type Position } from "./nuts.ts";
import type { Target } from "./target.ts";

export interface ChainOptions {
  /** Of the components, as far as they are known before the warm-up. 1 by default. */
  readonly variances?: Float64Array;
  readonly warmup: number;
  readonly draws: number;
  /** A whole number other than 0. */
  readonly seed: number;
  /** Called after each transition. */
  readonly onDraw?: () => void;
}

export interface Chain {
  /** The states z, one a draw. */
  readonly draws: readonly Float64Array[];
  readonly divergences: number;
  readonly stepSize: number;
  /** How often the density was evaluated, warm-up included. */
  readonly evaluations: number;
}

export async function runChain(target: Target, start: Position, options: ChainOptions): Promise<Chain> {
  const { warmup, draws, seed, onDraw } = options;
  const uniform = uniforms(seed);
  const normal = (): number => normalOf(uniform);
  let variances: Float64Array = options.variances ?? new Float64Array(target.size).fill(1);
  let position = start;
  let evaluations = 0;
  const kinetics = (stepSize: number): Kinetics => ({ stepSize, variances, uniform, normal });
  let step = new StepSize(await firstStep(target, position, kinetics(1)));
  const { first, ends } = windowsOf(warmup);
  let window = new Variances(target.size);
  for (let i = 0; i < warmup; i++) {
    const next = await transition(target, position, kinetics(step.now));
    position = next.position;
    evaluations += next.steps;
    step.learn(next.acceptance);
    if (i >= first && i < (ends.at(-1) ?? 0)) window.add(position.z);
    if (ends.includes(i + 1)) {
      variances = window.shrunk;
      window = new Variances(target.size);
      step = new StepSize(await firstStep(target, position, kinetics(step.settled)));
    }
    onDraw?.();
  }
  const stepSize = step.settled;
  const states: Float64Array[] = [];
  let divergences = 0;
  for (let i = 0; i < draws; i++) {
    const next = await transition(target, position, kinetics(stepSize));
    position = next.position;
    evaluations += next.steps;
    divergences += Number(next.isDivergent);
    states.push(position.z);
    onDraw?.();
  }
  return { draws: states, divergences, stepSize, evaluations };
}

/** A step by which one leap is accepted with a probability near 0.8 (algorithm 4 of Hoffman and Gelman, with Stan's threshold). */
async function firstStep(target: Target, position: Position, { stepSize, variances, normal }: Kinetics): Promise<number> {
  const momentum = variances.map((variance) => normal() / Math.sqrt(variance));
  const kinetic = (m: Float64Array): number => m.reduce((sum, x, i) => sum + (variances[i] * x ** 2) / 2, 0);
  const gain = async (h: number): Promise<number> => {
    const next = await leapfrog(target, { ...position, momentum }, h, variances);
    const change = next.value - kinetic(next.momentum) - position.value + kinetic(momentum);
    return Number.isNaN(change) ? -Infinity : change;
  };
  const isLong = async (h: number): Promise<boolean> => (await gain(h)) < Math.log(0.8);
  const shrinks = await isLong(stepSize);
  const MOST = 60;
  let h = stepSize;
  for (let i = 0; i < MOST; i++) {
    const next = shrinks ? h / 2 : h * 2;
    if ((await isLong(next)) !== shrinks) return shrinks ? next : h;
    h = next;
  }
  return h;
}
