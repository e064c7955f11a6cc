/**
 * The no-U-turn sampler: Hamiltonian trajectories that double until they turn, from which a state is drawn by its weight (M. D. Hoffman,
 * A. Gelman, J. Mach. Learn. Res. 15, 2014; multinomial, as in M. Betancourt, A conceptual introduction to Hamiltonian Monte Carlo, 2017,
 * appendix A).
 */
import type { LogDensity, Target } from "./target.ts";

/** A position with the density there. */
export interface Position extends LogDensity {
  readonly z: Float64Array;
}

/** A position with the momentum there. */
export interface Phase extends Position {
  readonly momentum: Float64Array;
}

/** Of trajectories that end in one direction: their ends, the sum of all momenta, and the state drawn from them. */
interface Tree {
  readonly first: Phase;
  readonly last: Phase;
  readonly momenta: Float64Array;
  readonly logWeight: number;
  readonly drawn: Position;
  readonly isTurned: boolean;
}

export interface Transition {
  readonly position: Position;
  /** The mean probability with which the states met would have been accepted. */
  readonly acceptance: number;
  readonly isDivergent: boolean;
  /** Of the trajectory: 2^depth − 1 steps at most. */
  readonly depth: number;
  readonly steps: number;
}

/** How a trajectory is computed. */
export interface Kinetics {
  readonly stepSize: number;
  /** The variance of each component, by which momenta are turned to velocities. */
  readonly variances: Float64Array;
  readonly uniform: () => number;
  readonly normal: () => number;
}

const DEEPEST = 10;
/** An energy that grew by more than this was not computed but lost. */
const DIVERGENT = 1000;

export async function transition(target: Target, start: Position, kinetics: Kinetics): Promise<Transition> {
  const { variances, uniform, normal } = kinetics;
  const momentum = variances.map((variance) => normal() / Math.sqrt(variance));
  const run = new Run(target, kinetics, energyOf(start, momentum, variances));
  const origin: Phase = { ...start, momentum };
  let tree: Tree = { first: origin, last: origin, momenta: momentum, logWeight: 0, drawn: start, isTurned: false };
  let depth = 0;
  while (depth < DEEPEST) {
    const isForward = uniform() < 0.5;
    const half = await run.grow(isForward ? tree.last : tree.first, isForward ? 1 : -1, depth);
    depth++;
    if (!half || half.isTurned) break;
    const takesNew = Math.log(uniform()) < half.logWeight - tree.logWeight;
    const [before, after] = isForward ? [tree, half] : [half, tree];
    tree = { ...joined(before, after, variances), drawn: takesNew ? half.drawn : tree.drawn };
    if (tree.isTurned) break;
  }
  const { met, accepted, isDivergent } = run;
  return { position: tree.drawn, acceptance: accepted / met, isDivergent, depth, steps: met };
}

/** One trajectory under way. */
class Run {
  met = 0;
  accepted = 0;
  isDivergent = false;

  constructor(
    private readonly target: Target,
    private readonly kinetics: Kinetics,
    private readonly energy: number,
  ) {}

  /** 2^depth states on from one, in time's order; undefined where the trajectory diverged or turned within. */
  async grow(from: Phase, direction: 1 | -1, depth: number): Promise<Tree | undefined> {
    if (depth === 0) return this.leaf(from, direction);
    const near = await this.grow(from, direction, depth - 1);
    if (!near || near.isTurned) return undefined;
    const far = await this.grow(direction === 1 ? near.last : near.first, direction, depth - 1);
    if (!far || far.isTurned) return undefined;
    const { variances, uniform } = this.kinetics;
    const [before, after] = direction === 1 ? [near, far] : [far, near];
    const whole = joined(before, after, variances);
    const takesFar = Math.log(uniform()) < far.logWeight - whole.logWeight;
    return { ...whole, drawn: takesFar ? far.drawn : near.drawn };
  }

  private async leaf(from: Phase, direction: 1 | -1): Promise<Tree | undefined> {
    const { variances, stepSize } = this.kinetics;
    const next = await leapfrog(this.target, from, direction * stepSize, variances);
    const energy = energyOf(next, next.momentum, variances);
    const logWeight = Number.isNaN(energy) ? -Infinity : this.energy - energy;
    this.met++;
    this.accepted += Math.min(1, Math.exp(logWeight));
    if (logWeight < -DIVERGENT) {
      this.isDivergent = true;
      return undefined;
    }
    return { first: next, last: next, momenta: next.momentum, logWeight, drawn: next, isTurned: false };
  }
}

/** Two neighbouring trees as one, without what is drawn of it: it is turned where its ends, or those of either with the other's nearest, approach. */
function joined(before: Tree, after: Tree, variances: Float64Array): Tree {
  const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x + b[i]);
  const momenta = sum(before.momenta, after.momenta);
  const isTurned =
    turns(before.first, after.last, momenta, variances) ||
    turns(before.first, after.first, sum(before.momenta, after.first.momentum), variances) ||
    turns(before.last, after.last, sum(after.momenta, before.last.momentum), variances);
  const logWeight = logSum(before.logWeight, after.logWeight);
  return { first: before.first, last: after.last, momenta, logWeight, drawn: before.drawn, isTurned };
}

function turns(first: Phase, last: Phase, momenta: Float64Array, variances: Float64Array): boolean {
  let [atFirst, atLast] = [0, 0];
  momenta.forEach((sum, i) => {
    atFirst += sum * variances[i] * first.momentum[i];
    atLast += sum * variances[i] * last.momentum[i];
  });
  return !(atFirst > 0 && atLast > 0);
}

export async function leapfrog(
  target: Target,
  { z, gradient, momentum }: Phase,
  h: number,
  variances: Float64Array,
): Promise<Phase> {
  const half = momentum.map((m, i) => m + (h / 2) * gradient[i]);
  const moved = z.map((x, i) => x + h * variances[i] * half[i]);
  const at = await target.logDensity(moved);
  return { z: moved, ...at, momentum: half.map((m, i) => m + (h / 2) * at.gradient[i]) };
}

function energyOf({ value }: Position, momentum: Float64Array, variances: Float64Array): number {
  return momentum.reduce((sum, m, i) => sum + (variances[i] * m ** 2) / 2, -value);
}

function logSum(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most));
}
