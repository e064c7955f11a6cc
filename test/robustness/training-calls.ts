/** A right call of every function of `odegrad/training`. */
import { odeProblem, tanh } from "../../index.ts";
import * as training from "../../training/index.ts";
import type { Call } from "./calls.ts";
import { absentOr, any, type Predicate } from "./values.ts";

const { adam, collocate, fit, lbfgs, levenbergMarquardt, observations } = training;
type Unsafe = (...args: unknown[]) => never;

const model = odeProblem({
  rhs: (u: { x: number }, p: { k: number; inflow: number }) => ({ x: p.inflow - p.k * u.x }),
  u0: { x: 1 },
  tspan: [0, 2],
  p: { k: 1, inflow: 0.1 },
});
const t = [0, 0.4, 0.8, 1.2, 1.6, 2];
const x = [1.1, 0.72, 0.51, 0.4, 0.27, 0.24];
const data = observations({ t, values: { x } });
const free = { parameters: { k: { start: 1.2, bounds: [0, 10], scale: "linear", prior: { normal: [1, 0.5] } } } };
const solving = { rtol: 1e-4, atol: { x: 1e-6 }, maxSteps: 1000, signal: new AbortController().signal };
const fitting = { ...free, ...solving, initial: { x: true }, onProgress: () => {} };
const fitted = await fit(model, data, { parameters: { k: true }, initial: { x: true } });
const twoPoints = { k: [1, 2], net: { W: [0.5, 0.25] } };

const isRecord: Predicate = (value) => Object.prototype.toString.call(value) === "[object Object]";
const isFunction: Predicate = (value) => typeof value === "function";
const isCount: Predicate = (value) => value === Infinity || (Number.isInteger(value) && (value as number) > 0);
const isWhole: Predicate = (value) => isCount(value) && value !== Infinity;
const isPositive: Predicate = (value) => Number.isFinite(value) && (value as number) > 0;
const isNumbers: Predicate = (value) =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && Array.from(value as number[]).every(Number.isFinite);
const isFree: Predicate = (value) => value === true || isRecord(value);

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2;
}

/** What is asked of parameters, whichever function it is. */
const mayBe: Readonly<Record<string, Predicate>> = {
  parameters: absentOr(isRecord),
  "parameters.k": isFree,
  "initial.x": isFree,
  "individual.k": isFree,
  "shared.inflow": isFree,
  "shared.x": isFree,
  initial: absentOr(isRecord),
  shared: absentOr(isRecord),
  individual: isRecord,
  spread: absentOr(isPositive),
  start: absentOr((value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) <= 10),
  bounds: absentOr((value) => isPair(value) && value.every((one) => typeof one === "number") && value[0] < value[1]),
  normal: (value) => isNumbers(value) && isPair(value) && value[1] > 0,
  scale: absentOr(() => false),
  prior: absentOr(() => false),
  optimiser: absentOr(() => false),
  onCheckpoint: absentOr(isFunction),
  every: absentOr(isCount),
  ...Object.fromEntries(["maxIterations", "steps", "segments", "patience", "memory"].map((name) => [name, absentOr(isCount)])),
  ...Object.fromEntries(["starts", "chains", "warmup", "draws", "seed"].map((name) => [name, absentOr(isWhole)])),
};

/** Of as few draws, where a call says nothing of them. */
function short(options: { readonly draws?: unknown; readonly warmup?: unknown }): object {
  const { draws, warmup } = options;
  return { ...options, draws: draws === undefined ? 10 : draws, warmup: warmup === undefined ? 10 : warmup };
}

/** Of a fit, in the order of its arguments. */
function fitCall(options: object, more: Call["mayBe"] = {}): Call {
  return { mayBe: { ...mayBe, ...more }, args: () => ({ problem: model, data, options: { ...fitting, ...options } }) };
}

const fits: Readonly<Record<string, Call>> = {
  fit: fitCall(
    { optimiser: levenbergMarquardt(), maxIterations: 20, heldOut: data, patience: 2, every: 2, onCheckpoint: () => {} },
    { heldOut: absentOr(() => false) },
  ),
  holdOut: {
    mayBe: { ...mayBe, part: absentOr((value) => isPart(value)), by: absentOr(() => false) },
    args: () => ({ data, options: { part: 0.3, by: "times", seed: 2 } }),
  },
  multiStart: fitCall({ starts: 2, seed: 3, optimiser: levenbergMarquardt(), maxIterations: 20 }),
  sample: {
    ...fitCall(
      { sigma: { x: { normal: [0.1, 0.1] } }, chains: 2, warmup: 10, draws: 10, seed: 3 },
      { sigma: absentOr(isRecord), "sigma.x": () => false },
    ),
    run: ({ problem, data, options }) =>
      (training.sample as Unsafe)(problem, data, isRecord(options) ? short(options as object) : options),
  },
  multipleShooting: fitCall(
    { segments: 2, continuity: 50, optimiser: levenbergMarquardt(), maxIterations: 20 },
    { continuity: absentOr(isPositive) },
  ),
  train: {
    mayBe: { ...mayBe, batch: absentOr(isCount), window: absentOr(isCount), heldOut: absentOr(() => false) },
    args: () => {
      const { initial: _, ...rest } = fitting;
      const batches = { steps: 4, batch: 1, window: 3, heldOut: data, every: 1, patience: 2, seed: 2 };
      return {
        problem: model,
        data,
        options: { ...rest, ...batches, optimiser: adam({ learningRate: 0.1 }), onCheckpoint: () => {} },
      };
    },
  },
  fitMany: {
    mayBe,
    args: () => ({
      problem: model,
      subjects: [data, observations({ t, values: { x: x.map((value) => 0.9 * value) } })],
      options: {
        ...solving,
        individual: { k: { spread: 0.2, scale: "log" } },
        shared: { inflow: true },
        initial: { shared: { x: true } },
        maxIterations: 5,
        onProgress: () => {},
      },
    }),
  },
  profile: {
    mayBe: { ...mayBe, profiled: absentOr((value) => Array.isArray(value) && value.length === 0), level: absentOr(isPart) },
    args: () => ({
      problem: model,
      data,
      best: fitted,
      options: { parameters: { k: true }, initial: { x: true }, ...solving, profiled: ["k"], level: 0.9, onProgress: () => {} },
    }),
  },
  predict: {
    open: ["of"],
    mayBe: {
      ...mayBe,
      t: isNumbers,
      components: absentOr((value) => Array.isArray(value) && value.length === 0),
      of: absentOr(isRecord),
      total: isFunction,
      inflow: Number.isFinite as Predicate,
      level: absentOr(isPart),
    },
    args: () => ({
      problem: model,
      fitted,
      options: {
        ...solving,
        t: [0.5, 1],
        components: ["x"],
        of: { total: (u: { x: number }) => 2 * u.x },
        constants: { c: 1 },
        p: { inflow: 0.2 },
        tspan: [0, 3],
        level: 0.9,
        draws: 10,
      },
    }),
  },
};

function isPart(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < 1;
}

const measured: Readonly<Record<string, Call>> = {
  observations: {
    open: ["of"],
    mayBe: {
      ...mayBe,
      t: isNumbers,
      values: isRecord,
      of: isRecord,
      "values.x": any,
      "values.total": any,
      total: isFunction,
      noise: absentOr(isRecord),
      "noise.x": absentOr(() => false),
      sigma: absentOr((value) => isRecord(value) || isPositive(value)),
      "sigma.x": absentOr(isPositive),
      inflow: Number.isFinite as Predicate,
      "p.inflow": Number.isFinite as Predicate,
    },
    args: () => ({
      spec: {
        t: [0.5, 1],
        values: { x: [0.6, 0.4], total: [1.2, 0.8] },
        of: { total: (u: { x: number }) => 2 * u.x },
        constants: { c: 1 },
        noise: { x: "lognormal" },
        sigma: { x: 0.1 },
        u0: { x: 1 },
        p: { inflow: 0.2 },
        tspan: [0, 1.5],
      },
    }),
    run: ({ spec }) =>
      fit(model, (observations as Unsafe)(spec), { parameters: { k: true }, maxIterations: 5, rtol: 1e-3, maxSteps: 1000 }).then(
        ({ value }) => value,
      ),
  },
  fromCsv: {
    mayBe: {
      t: absentOr(() => false),
      experiment: absentOr(() => false),
      separator: absentOr(() => false),
      values: absentOr(isRecord),
      sigma: absentOr(isRecord),
    },
    args: () => ({
      _csv: "time,subject,a,b\n0,1,1,0.1\n1,1,2,0.1\n",
      options: { t: "time", values: { x: "a" }, sigma: { x: "b" }, experiment: "subject", separator: "," },
    }),
  },
  collocate: {
    mayBe: {
      kernel: absentOr(() => false),
      bandwidth: absentOr(isPositive),
    },
    args: () => ({ data, options: { kernel: "tricube", bandwidth: 1.5 } }),
  },
  fitDerivatives: {
    mayBe,
    args: () => ({
      problem: model,
      data: collocate(data),
      options: {
        parameters: { k: { start: 1.2, bounds: [0, 10], scale: "linear" } },
        optimiser: levenbergMarquardt(),
        maxIterations: 5,
        onProgress: () => {},
      },
    }),
  },
  sindy: {
    open: ["inputs", "outputs"],
    mayBe: {
      samples: isRecord,
      "inputs.x": isNumbers,
      "outputs.dx": isNumbers,
      inputs: isRecord,
      outputs: isRecord,
      library: absentOr(() => false),
      ...Object.fromEntries(["threshold", "ridge"].map((name) => [name, absentOr(isPositive)])),
    },
    args: () => ({
      samples: { inputs: { x: [0, 1, 2, 3, 4] }, outputs: { dx: [0, -1, -2, -3, -4] } },
      options: { library: [training.monomials(1)], threshold: 0.1, ridge: 0.01 },
    }),
  },
};

/** An optimiser that then takes a step. */
/** Parameters of as many numbers as the gradient has. */
export const oneNumber: Predicate = (value) => {
  const list: unknown = value instanceof Int32Array ? [...value] : value;
  return Array.isArray(list) && list.length === 1 && Number.isFinite(list[0]);
};

function steps(make: Unsafe, options: object): Call {
  return {
    mayBe: { _parameters: oneNumber, weightDecay: absentOr((value) => Number.isFinite(value) && (value as number) >= 0) },
    args: () => ({ options, _parameters: Float64Array.of(1), _gradient: [2] }),
    run: ({ options: given, _parameters, _gradient }) => {
      return (make(given) as Unsafe)(_parameters, _gradient);
    },
  };
}

/** A schedule that is then asked for a rate. */
function schedule(name: "cosineDecay" | "exponentialDecay", options: object): Call {
  const rate: Predicate = (value) => Number.isFinite(value) && (value as number) >= 0;
  return {
    mayBe: {
      options: isRecord,
      from: rate,
      factor: rate,
      to: absentOr(rate),
      steps: isWhole,
      every: absentOr(isWhole),
    },
    args: () => ({ options }),
    run: (args) => ((training[name] as Unsafe)(args.options) as Unsafe)(3),
  };
}

const optimisers: Readonly<Record<string, Call>> = {
  adamW: steps(training.adamW as Unsafe, { learningRate: 0.1, beta1: 0.9, beta2: 0.9, epsilon: 1e-8, weightDecay: 0.1 }),
  lion: steps(training.lion as Unsafe, { learningRate: 0.1, beta1: 0.9, beta2: 0.9, weightDecay: 0.1 }),
  lbfgs: {
    mayBe,
    args: () => ({ options: { memory: 3 } }),
    run: ({ options }) => fit(model, data, { optimiser: (lbfgs as Unsafe)(options) }).then(({ value }) => value),
  },
  inTurn: {
    args: () => ({ _0: [adam({ learningRate: 0.1 }), 3], _1: [lbfgs()] }),
    run: (args) =>
      fit(model, data, { optimiser: (training.inTurn as Unsafe)(...Object.values(args)), maxIterations: 5 }).then(
        ({ value }) => value,
      ),
    mayBe: { _0: () => false, _1: () => false },
  },
  cosineDecay: schedule("cosineDecay", { from: 0.1, to: 0.01, steps: 5 }),
  exponentialDecay: schedule("exponentialDecay", { from: 0.1, factor: 0.5, every: 2 }),
  warmUp: {
    mayBe: { _steps: isWhole, _then: (value) => isFunction(value) || (Number.isFinite(value) && (value as number) >= 0) },
    args: () => ({ _steps: 4, _then: 0.1 }),
  },
};

/** Layers, whose parameters are then made. */
const layers: Readonly<Record<string, Call>> = Object.fromEntries(
  Object.entries<Call>({
    dense: {
      mayBe: {
        _inputs: isWhole,
        _outputs: isWhole,
        _activation: absentOr(isFunction),
        bias: absentOr((value) => typeof value === "boolean"),
        weights: absentOr(() => false),
      },
      args: () => ({ _inputs: 2, _outputs: 3, _activation: tanh, options: { bias: true, weights: "glorotNormal" } }),
    },
    layerNorm: {
      mayBe: { _size: isWhole, epsilon: absentOr(isPositive) },
      args: () => ({ _size: 3, options: { epsilon: 1e-5 } }),
    },
    chain: {
      mayBe: { _0: isFunction, _1: isFunction },
      args: () => ({ _0: training.dense(2, 3, tanh), _1: training.dense(3, 1, undefined) }),
    },
    skip: { args: () => ({ _inner: training.dense(2, 2, tanh) }) },
  }).map(([name, call]): [string, Call] => [
    name,
    {
      ...call,
      run: (args) =>
        (training as unknown as Readonly<Record<string, (...args: unknown[]) => training.Layer>>)
          [name](...Object.values(args))
          .initial(1),
    },
  ]),
);

const files: Readonly<Record<string, Call>> = {
  toJson: { open: ["_p"], mayBe: { _p: any, k: any, net: any, W: any }, args: () => ({ _p: twoPoints }) },
  fromJson: { mayBe: { net: any, W: any, k: any }, args: () => ({ _text: training.toJson(twoPoints), _like: twoPoints }) },
  toNpz: {
    open: ["_p"],
    mayBe: { _p: any, k: any, net: any, W: any },
    args: () => ({ _p: twoPoints }),
    run: ({ _p }) => training.toNpz(_p).length,
  },
  fromNpz: { mayBe: { net: any, W: any, k: any }, args: () => ({ _bytes: training.toNpz(twoPoints), _like: twoPoints }) },
};

const candidates: Readonly<Record<string, Call>> = {
  monomials: {
    mayBe: { _degree: isWhole, constant: absentOr((value) => typeof value === "boolean") },
    args: () => ({ _degree: 2, options: { constant: true } }),
    run: ({ _degree, options }) => (((training.monomials as Unsafe)(_degree, options) as Unsafe)(["x"]) as unknown[]).length,
  },
  trigonometric: {
    mayBe: { _frequency: absentOr((value) => Number.isFinite(value) && value !== 0) },
    args: () => ({ _frequency: 2 }),
    run: ({ _frequency }) => (((training.trigonometric as Unsafe)(_frequency) as Unsafe)(["x"]) as unknown[]).length,
  },
};

export const trainingCalls: Readonly<Record<string, Call>> = {
  ...fits,
  ...measured,
  ...optimisers,
  ...layers,
  ...files,
  ...candidates,
  ...Object.fromEntries(["gelu", "rbf", "swish"].map((name): [string, Call] => [name, { args: () => ({ _0: [1, 2] }) }])),
};
