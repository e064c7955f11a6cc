/**
 * L-BFGS: Newton's direction by the last steps and the changes of the gradient along them (J. Nocedal, S. J. Wright, Numerical Optimization,
 * 2nd ed., algorithm 7.4), with a line search for the weak Wolfe conditions (A. S. Lewis, M. L. Overton, Math. Program. 141, 2013,
 * algorithm 2.6). Bounds by projection, in what is not held by one.
 */
import { BadTrainingOption } from "./errors.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { count } from "../../src/core/options/kinds.ts";
import { held, projected, type Evaluation, type Iterate, type Objective, type Optimiser } from "./optimiser.ts";

/** What `lbfgs` takes. */
export interface LbfgsOptions {
  /** The number of steps that are remembered. 10 by default. */
  readonly memory?: number;
}

interface State extends Iterate, Evaluation {
  /** The last steps s with the changes y of the gradient, the latest last. */
  readonly steps: readonly { readonly s: Float64Array; readonly y: Float64Array }[];
}

const checks: Checks<LbfgsOptions> = { memory: count };

/** Armijo's and the curvature condition's constants (Nocedal and Wright, section 3.1). */
const [ARMIJO, CURVATURE] = [1e-4, 0.9];
const TRIALS = 60;
/** Of the value: a fall that is smaller is of the size of the solves' own errors. */
const ENOUGH = 1e-9;

/**
 * For losses of many parameters whose gradient is exact.
 *
 * @param options - How much it remembers.
 * @returns The optimiser, for `fit`.
 * @throws UnknownOption, BadOption and BadTrainingOption.
 */
export function lbfgs(options: LbfgsOptions = {}): Optimiser {
  checkOptions(options, checks, "lbfgs");
  const { memory = 10 } = options;
  if (!Number.isFinite(memory)) throw new BadTrainingOption("memory is Infinity, but all steps cannot be kept. 10 is usual.");
  const begin = async (objective: Objective, x: Float64Array): Promise<State> => ({
    x,
    ...(await objective.gradient(x)),
    steps: [],
  });
  const step = (objective: Objective, state: State): Promise<State> => iteration(objective, state, memory);
  return { name: "lbfgs", settings: { memory }, begin, step };
}

async function iteration(objective: Objective, state: State, memory: number): Promise<State> {
  const { x, value, gradient, steps } = state;
  const isHeld = held(x, gradient, objective);
  const free = gradient.map((g, i) => (isHeld[i] ? 0 : g));
  const size = Math.sqrt(dot(free, free));
  if (size === 0) return { ...state, finished: "the gradient is zero", converged: true };
  const newton = direction(steps, free).map((d, i) => (isHeld[i] ? 0 : d));
  const isDescent = dot(newton, free) < 0;
  const along = isDescent ? newton : free.map((g) => -g);
  const first = isDescent && steps.length > 0 ? 1 : firstStep(state, size) / size;
  const found = await lineSearch(objective, state, along, first);
  if (!found) {
    if (steps.length > 0) return { ...state, steps: [] };
    return {
      ...state,
      finished: "no step along the gradient lowers the value",
      converged: size <= 1e-6 * Math.max(1, Math.abs(value)),
    };
  }
  const s = found.x.map((moved, i) => moved - x[i]);
  const y = found.gradient.map((g, i) => g - gradient[i]);
  const isCurved = dot(s, y) > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y));
  const next = { ...found, steps: isCurved ? [...steps, { s, y }].slice(-memory) : steps };
  const isFlat = value - found.value <= ENOUGH * Math.abs(value);
  return isFlat ? { ...next, finished: "the value falls no further", converged: true } : next;
}

/**
 * How far it is gone along a gradient of this size at first: to where the value would be zero if it fell on evenly, whatever the units (as
 * Nocedal and Wright, equation 3.60), but no farther than the parameters are large.
 */
function firstStep({ x, value }: State, size: number): number {
  return Math.min(Math.abs(value) / size || 1, Math.sqrt(dot(x, x)) || 1);
}

/** −H g by the two-loop recursion. */
function direction(steps: State["steps"], gradient: Float64Array): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas = steps.map(() => 0);
  for (let k = steps.length - 1; k >= 0; k--) {
    const { s, y } = steps[k];
    alphas[k] = dot(s, q) / dot(s, y);
    q.forEach((value, i) => (q[i] = value - alphas[k] * y[i]));
  }
  const last = steps.at(-1);
  if (last) {
    const scale = dot(last.s, last.y) / dot(last.y, last.y);
    q.forEach((value, i) => (q[i] = scale * value));
  }
  steps.forEach(({ s, y }, k) => {
    const beta = dot(y, q) / dot(s, y);
    q.forEach((value, i) => (q[i] = value + (alphas[k] - beta) * s[i]));
  });
  return q;
}

/** A point along a direction of descent, projected on the bounds; undefined where none is lower. */
async function lineSearch(
  objective: Objective,
  { x, value, gradient }: State,
  along: Float64Array,
  first: number,
): Promise<(Evaluation & { readonly x: Float64Array }) | undefined> {
  const slope = dot(along, gradient);
  let [low, high, length] = [0, Infinity, first];
  let best: (Evaluation & { readonly x: Float64Array }) | undefined;
  for (let trial = 0; trial < TRIALS; trial++) {
    const at = projected(
      x.map((start, i) => start + length * along[i]),
      objective,
    );
    const moved = at.map((end, i) => end - x[i]);
    const next = await objective.gradient(at);
    if (!(next.value <= value + ARMIJO * dot(gradient, moved)) || dot(gradient, moved) >= 0) {
      high = length;
    } else {
      best = { x: at, ...next };
      if (dot(next.gradient, along) >= CURVATURE * slope) return best;
      low = length;
    }
    length = high < Infinity ? (low + high) / 2 : 2 * length;
    if (high - low <= 1e-12 * high) break;
  }
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
