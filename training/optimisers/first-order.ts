/** Optimisers that step along averages of the gradient: a rule each, and one body. */
import { BadTrainingOption } from "./errors.ts";
import { norm } from "../../src/core/norm.ts";
import { layoutOf } from "../../src/arrays/layout.ts";
import { pack, packFinite, unpack, type Shaped } from "../../src/arrays/pack.ts";
import type { Checks } from "../../src/core/options/check.ts";
import { anything, shown } from "../../src/core/options/kinds.ts";
import { projected, type Evaluation, type Iterate, type Objective, type Optimiser } from "./optimiser.ts";

/** What all of them take. */
export interface FirstOrderOptions {
  /** Length of a step, about, in every component; or that of the step k = 0, 1, …, as a schedule. Default 0.001. */
  readonly learningRate?: number | ((k: number) => number);
  /** How much of the averaged gradient the next average keeps, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** The same of the second average. Default 0.999; 0.99 of `lion`. */
  readonly beta2?: number;
}

export const firstOrderChecks: Checks<FirstOrderOptions> = { learningRate: anything, beta1: anything, beta2: anything };

/** Averages, one number for each parameter, and the steps taken. */
export interface Averages {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly steps: number;
}

/** Of one step: changes parameters and averages in place; `count` is that of the steps with this one. */
export type Rule = (at: {
  readonly parameters: Float64Array;
  readonly gradient: ArrayLike<number>;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly count: number;
  readonly rate: number;
}) => void;

interface State extends Iterate {
  /** Where the next step begins, which may lie higher than the lowest point so far, x. */
  readonly at: Float64Array;
  readonly gradient: Float64Array;
  readonly averages: Averages;
}

/** A step in a loop of one's own. */
interface Stepping {
  /** Moves a Float64Array in place, and returns it. */
  (parameters: Float64Array, gradient: ArrayLike<number>): Float64Array;
  /** Of parameters of another shape, which are left as they are, those after the step; the gradient has their shape. */
  <P extends object>(parameters: P, gradient: NoInfer<P> | Shaped<NoInfer<P>>): Shaped<P>;
}

/** An optimiser for fits, that also steps in loops of one's own: `step(parameters, gradient)`. */
export type FirstOrder = Optimiser &
  Stepping & {
    /** Of so many parameters, before the first step. */
    readonly averages: (n: number) => Averages;
    /** One step, which changes nothing that it is given. */
    readonly advance: (parameters: Float64Array, gradient: ArrayLike<number>, averages: Averages) => Advanced;
  };

export interface Advanced {
  readonly parameters: Float64Array;
  readonly averages: Averages;
}

export function isFirstOrder(value: unknown): value is FirstOrder {
  return typeof value === "function" && "advance" in value && "averages" in value;
}

/** Steps at which schedules are looked at, to tell one from another. */
const LOOKED_AT = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** `settings` are those of the rule. */
export function firstOrder(
  name: string,
  settings: Readonly<Record<string, unknown>> & { readonly learningRate: number | ((k: number) => number) },
  rule: Rule,
): FirstOrder {
  const { learningRate } = settings;
  const rateAt = (k: number): number => {
    if (typeof learningRate === "number") return learningRate;
    const rate = learningRate(k);
    requireNotNegative(`learningRate(${k})`, rate, "0.001");
    return rate;
  };
  const move = (parameters: Float64Array, gradient: ArrayLike<number>, { first, second, steps }: Averages): void =>
    rule({ parameters, gradient, first, second, count: steps + 1, rate: rateAt(steps) });
  let own: Averages | undefined;
  const inPlace = (parameters: Float64Array, gradient: ArrayLike<number>): Float64Array => {
    requireAlike(parameters, gradient, own);
    const averages = own ?? averagesOf(parameters.length);
    move(parameters, gradient, averages);
    own = { ...averages, steps: averages.steps + 1 };
    return parameters;
  };
  const inLoop = (parameters: unknown, gradient: unknown): unknown => {
    if (parameters instanceof Float64Array) return inPlace(parameters, gradient as ArrayLike<number>);
    const layout = layoutOf(parameters, "parameters");
    const moved = inPlace(packFinite(layout, parameters, "parameters"), pack(layout, gradient, "gradient"));
    return unpack(layout, moved);
  };
  const advance: FirstOrder["advance"] = (parameters, gradient, { first, second, steps }) => {
    const moved = { parameters: parameters.slice(), averages: { first: first.slice(), second: second.slice(), steps } };
    move(moved.parameters, gradient, moved.averages);
    return { ...moved, averages: { ...moved.averages, steps: steps + 1 } };
  };
  const optimiser: Optimiser<State> = {
    name,
    get settings() {
      return {
        ...settings,
        learningRate: typeof learningRate === "number" ? learningRate : LOOKED_AT.map((k) => learningRate(k)),
      };
    },
    async begin(objective, x) {
      return { x, at: x, ...(await objective.gradient(x)), averages: averagesOf(x.length) };
    },
    step: (objective, state) => iteration(objective, state, advance),
  };
  return Object.defineProperties(
    inLoop,
    Object.getOwnPropertyDescriptors({ ...optimiser, advance, averages: averagesOf }),
  ) as FirstOrder;
}

function averagesOf(n: number): Averages {
  return { first: new Float64Array(n), second: new Float64Array(n), steps: 0 };
}

async function iteration(
  objective: Objective,
  { at, gradient, averages, ...best }: State,
  advance: FirstOrder["advance"],
): Promise<State> {
  const moved = advance(at, gradient, averages);
  const found = await ahead(at, projected(moved.parameters, objective), objective.gradient);
  if (!found) return { ...best, at, gradient, averages, finished: LED_ASTRAY, converged: false };
  const next = { at: found.x, gradient: found.gradient, averages: moved.averages };
  return found.value < best.value ? { ...next, x: found.x, value: found.value } : { ...next, ...best };
}

/** Why a step that there is no `ahead` of ends all. */
export const LED_ASTRAY = "a step led to where the model cannot be solved; a smaller learningRate goes more carefully";
/** So often a step is halved. */
const HALVINGS = 10;
/** Near a pole gradients grow without bound, and one that is so many times as long as the last one would fill the averages for long. */
const LONGER = 10;

/**
 * Where a step leads; where there is no value, half of it, and so on, to where the gradient is not much longer than it was, or else
 * nowhere. Undefined where nothing that was tried has a value.
 */
export async function ahead(
  from: Float64Array,
  to: Float64Array,
  gradient: (x: Float64Array) => Promise<Evaluation>,
): Promise<(Evaluation & { readonly x: Float64Array; readonly isShortened: boolean }) | undefined> {
  const whole = await gradient(to);
  if (whole.value < Infinity) return { x: to, isShortened: false, ...whole };
  const here = await gradient(from);
  let isNear = false;
  for (let k = 1; k <= HALVINGS && here.value < Infinity; k++) {
    const x = to.map((end, i) => from[i] + (end - from[i]) / 2 ** k);
    const found = await gradient(x);
    const hasValue = found.value < Infinity;
    isNear ||= hasValue;
    if (hasValue && norm(found.gradient) <= LONGER * norm(here.gradient)) return { x, isShortened: true, ...found };
  }
  return isNear ? { x: from, isShortened: true, ...here } : undefined;
}

/** Throws {@link BadTrainingOption}. */
export function requireRates({ learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999 }: FirstOrderOptions): void {
  if (typeof learningRate !== "function") {
    requireFinite("learningRate", learningRate);
    if (!(learningRate > 0)) throw new BadTrainingOption(`learningRate is ${learningRate}. It must be positive; 0.001 is usual.`);
  }
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    requireFinite(name, beta);
    if (!(beta >= 0 && beta < 1)) throw new BadTrainingOption(`${name} is ${beta}. It must be at least 0 and less than 1.`);
  }
}

/** A setting that must be at least zero. Throws {@link BadTrainingOption}. */
export function requireNotNegative(name: string, value: number, usual: string): void {
  requireFinite(name, value);
  if (!(value >= 0)) throw new BadTrainingOption(`${name} is ${value}. It must not be negative; ${usual} is usual.`);
}

function requireFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new BadTrainingOption(`${name} is ${shown(value)}. It must be a finite number.`);
}

/** Throws {@link BadTrainingOption}. */
function requireAlike(parameters: Float64Array, gradient: ArrayLike<number>, averages: Averages | undefined): void {
  const { length } = parameters;
  const before = averages?.first.length;
  if (gradient?.length !== length || (before !== undefined && before !== length)) {
    throw new BadTrainingOption(
      `${length} parameters and ${gradient?.length} derivatives${before === undefined ? "" : `, after steps of ${before}`}. An optimiser moves one set of parameters.`,
    );
  }
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(gradient[i]))
      throw new BadTrainingOption(`Derivative ${i} is ${shown(gradient[i])}, but must be finite.`);
  }
}
