/** A right call of every function that the package exports, with its arguments by name, to be spoilt. */
import * as odegrad from "../../index.ts";
import * as plot from "../../plot/index.ts";
import * as problems from "../../problems/index.ts";
import * as training from "../../training/index.ts";
import { operationTable } from "../../src/operations/index.ts";
import type { Envelope, Reply } from "../../src/workers/protocol.ts";
import type { Request } from "../../worker/protocol.ts";
import { answer } from "../../worker/serve.ts";
import { methodBy, methodNames, needsStep } from "../tables.ts";
import { oneNumber, trainingCalls } from "./training-calls.ts";
import type { Predicate } from "./values.ts";

export interface Call {
  /** Objects that may have any keys. */
  readonly open?: readonly string[];
  /** What may be right in this call, before what may be in all. */
  readonly mayBe?: Readonly<Record<string, Predicate>>;
  /** In the order of the parameters; made anew for each call. */
  readonly args: () => Readonly<Record<string, unknown>>;
  /** Default: the export, called with the values of `args`. Returns what is to have no NaN in it. */
  readonly run?: (args: Readonly<Record<string, unknown>>) => unknown;
}

const { ndarray, odeProblem } = odegrad;
type Problem = odegrad.OdeProblem<{ x: number }, { k: number }>;
type Unsafe = (...args: unknown[]) => never;

const specification = {
  rhs: (u: { x: number }, p: { k: number }) => ({ x: -p.k * u.x }),
  u0: { x: 1 },
  tspan: [0, 1] as const,
  p: { k: 1 },
};
const decay: Problem = odeProblem(specification);
const oscillator = odeProblem({
  rhs: { position: (v) => v, velocity: (q) => -q },
  u0: { position: 1, velocity: 0 },
  tspan: [0, 1],
}) as unknown as Problem;
/** What has numbers alone, in a shape. */
const flattens: Predicate = (value) => {
  try {
    return typeof value === "number" || odegrad.flatten(value).every((x) => Number.isFinite(x));
  } catch {
    return false;
  }
};
const isOneNumber: Predicate = (value) => (value as ArrayLike<unknown>)?.length === 1;
const rows = ndarray(Float64Array.of(1, 2), [2, 1]);
const solving = {
  solver: odegrad.tsit5(),
  rtol: 1e-4,
  atol: { x: 1e-4 },
  maxSteps: 1000,
  maxTime: 1e6,
  maxStep: 0.5,
  firstStep: 0.1,
  stops: [0.3],
  onProgress: () => {},
  target: "wasm",
};
const values = { u0: { x: 1.5 }, p: { k: 2 }, tspan: [0, 1] };
const watched = { signal: new AbortController().signal };
const final = (u: { x: number }): number => u.x;
const of = (u: { x: number }, _p: unknown, t: number): number => u.x * t;
const loss = { at: [0.25, 0.5], of, integral: final, final, constants: { c: 1 } };
const differentiating = {
  ...solving,
  ...values,
  ...watched,
  loss,
  wrt: ["p", "u0"],
  adjoint: "gauss",
  vjp: "source",
  check: false,
  backward: { solver: odegrad.tsit5(), rtol: 1e-4, atol: 1e-4 },
  memoryBudget: 1e6,
};
const batch = {
  u0: rows,
  p: { k: 2 },
  tspan: [0, 1],
  solver: odegrad.tsit5(),
  rtol: 1e-4,
  atol: 1e-4,
  maxSteps: 1000,
  maxTime: 1e6,
};
const ensemble = {
  trajectories: 3,
  vary: { "p.k": { uniform: [1, 2] } },
  seed: 1,
  solver: odegrad.tsit5(),
  rtol: 1e-4,
  atol: 1e-4,
  maxSteps: 1000,
  maxTime: 1e6,
  device: "cpu",
  chunk: 2,
  onProgress: () => {},
  ...watched,
};
const isCount: Predicate = (x) => Number.isSafeInteger(x) && (x as number) > 0;
const isPair = (x: unknown): x is readonly [number, number] => Array.isArray(x) && x.length === 2 && x.every(Number.isFinite);
const isAbsent: Predicate = (x) => x === undefined;
/** What may be right of what ensembles take beside batches. */
const ofEnsembles: Readonly<Record<string, Predicate>> = {
  trajectories: isCount,
  chunk: (x) => isAbsent(x) || isCount(x),
  seed: (x) => isAbsent(x) || Number.isSafeInteger(x),
  vary: isAbsent,
  uniform: isPair,
  device: isAbsent,
  reduce: isAbsent,
};
/** A reducer of a user's own: how many there were. */
const counting = {
  begin: () => new Float64Array(1),
  add: (state: Float64Array) => void state[0]++,
  merge: (state: Float64Array, other: Float64Array) => void (state[0] += other[0]),
  end: (state: Float64Array) => state[0],
};
/** What a reducer gives of two trajectories of one number. */
const reducing =
  (make: Unsafe) =>
  (args: Readonly<Record<string, unknown>>): unknown => {
    const reducer: odegrad.Reducer = make(...Object.values(args));
    const saved = { t: Float64Array.of(0), names: ["u.x"] };
    const state = reducer.begin(saved);
    for (const x of [0.5, 1]) reducer.add(state, Float64Array.of(x), 0);
    return reducer.end(state, saved);
  };
const onDevice = { device: "cpu", precision: "f64", onProgress: () => {}, ...watched };
const square = (x: number): number => x * x;

const gradientOptions = (): object => ({ ...differentiating, loss: { ...loss }, backward: { ...differentiating.backward } });

/** Of an operator: made, and called. */
function operator(make: Unsafe, ...rest: readonly unknown[]): Call {
  return {
    args: () => ({ fn: square, options: { backend: "source" } }),
    run: ({ fn, options }) => (make(fn, options) as Unsafe)(3, ...rest),
  };
}

/** A method, which then takes a few steps. */
function method(make: Unsafe, options: object, problem: Problem): Call {
  return {
    args: () => ({ options }),
    run: (args) => odegrad.solve(problem, { solver: make(args.options), maxSteps: 1000 }),
  };
}

/** A controller, by which a few steps are then chosen. */
function controller(make: Unsafe, options: object): Call {
  return {
    args: () => ({ options }),
    run: (args) => odegrad.solve(decay, { controller: make(args.options) as never, maxSteps: 1000 }),
  };
}

/** A worker in all but the thread: what goes there and comes back is cloned. */
function worker(): odegrad.WorkerLike {
  let take: (event: { data: unknown }) => void = () => {};
  return {
    postMessage: (message) => {
      const { odegrad: request } = structuredClone(message) as Envelope<Request>;
      let reply: Reply;
      try {
        reply = { id: request.id, kind: "result", result: answer(decay as never, loss as never, request, () => {}) };
      } catch (error) {
        unnamed = error instanceof odegrad.OdegradError ? undefined : error;
        reply = { id: request.id, kind: "error", name: (error as Error).name, message: (error as Error).message };
      }
      const data = structuredClone({ odegrad: reply });
      queueMicrotask(() => take({ data }));
    },
    terminate: () => {},
    addEventListener: (type: string, listener: never) => {
      if (type === "message") take = listener;
    },
  };
}

/** What the worker threw last, where it is no error of ours. */
let unnamed: unknown;

async function inWorker(name: "solve" | "gradient", { make, options }: Readonly<Record<string, unknown>>): Promise<unknown> {
  unnamed = undefined;
  const result = await odegrad
    .inWorker<Problem>(make as () => odegrad.WorkerLike)
    [name](options as object)
    .catch((error) => {
      throw unnamed ?? error;
    });
  return result;
}

const series = { t: [0, 1], u: [[1], [2]], names: ["x"] };
const quantiles = Object.fromEntries([5, 25, 50, 75, 95].map((percent) => [percent, series.u]));
const fitted = {
  residuals: [{ experiment: 0, name: "x", t: 0.5, observed: 1, predicted: 0.9, residual: 0.1 }],
  predictions: {
    t: [0, 1],
    level: 0.95,
    bands: { x: { value: [1, 2], lower: [0, 1], upper: [2, 3], observed: { lower: [-1, 0], upper: [3, 4] } } },
  },
  labels: { x: "prey" },
  timeLabel: "t",
};
const point = { u: rows, p: { k: 2 }, t: 0.5, ...onDevice };
const direction = ndarray(Float64Array.of(1, 1), [2, 1]);
const vector = [1, 2, 4];
const matrix = ndarray([2, 0, 1, 3], [2, 2]);

const operationArguments: Readonly<Record<string, readonly unknown[]>> = {
  dot: [vector, vector],
  outer: [vector, vector],
  matmul: [matrix, [1, 2]],
  conv1d: [vector, [1, 2], { padding: "same" }],
  conv2d: [matrix, matrix, { padding: "valid" }],
  interpolate: [{ nodes: [0, 1, 2], values: vector }, 0.5, { method: "cubic" }],
  linearSolve: [matrix, [1, 2]],
  slice: [vector, 0, 2],
  reshape: [matrix, [4]],
  concat: [[vector, vector], 0],
  roll: [vector, 1, 0],
};

/** Operations on arrays, whose arguments are `_0`, `_1`, …: nothing but what stands here is promised to be taken. */
const operations = Object.fromEntries(
  Object.entries(operationTable).map(([name, { operands }]): [string, Call] => {
    const given = operationArguments[name] ?? (operands === 1 ? [vector] : [vector, vector]);
    return [name, { args: () => Object.fromEntries(given.map((value, i) => [`_${i}`, value])) }];
  }),
);

/** Figures, each drawn. */
const figures = Object.fromEntries(
  Object.entries<Call>({
    seriesFigure: { args: () => ({ series, title: "a" }) },
    bandsFigure: { args: () => ({ bands: { t: [0, 1], quantiles, names: ["x"], timeLabel: "t" }, title: "a" }) },
    barsFigure: { args: () => ({ bars: [{ name: "a", value: 1 }], title: "a", label: "b" }) },
    curvesFigure: {
      args: () => ({
        panels: [
          {
            title: "a",
            x: { label: "x", log: true },
            y: { label: "y", log: false },
            curves: [{ name: "a", points: [{ x: 1, y: 1 }], dashed: true }],
          },
        ],
        title: "a",
      }),
    },
    fieldFigure: {
      args: () => ({ fields: [{ name: "a", rows: 1, columns: 2, values: [1, 2] }], title: "a" }),
    },
    fitFigure: { open: ["residuals", "predictions", "labels"], args: () => ({ data: fitted, title: "a" }) },
    residualsFigure: { open: ["residuals", "predictions", "labels"], args: () => ({ data: fitted, title: "a" }) },
    lossFigure: { open: ["course"], args: () => ({ course: [{ step: 1, value: 2, heldOut: 3 }], title: "a" }) },
    pairsFigure: {
      open: ["posterior", "labels"],
      args: () => ({ posterior: { names: ["a"], draws: ndarray([1, 2, 4], [1, 3, 1]) }, title: "a", labels: { a: "rate" } }),
    },
    profilesFigure: {
      open: ["found", "labels"],
      args: () => ({
        found: {
          threshold: 2,
          level: 0.95,
          profiles: [
            {
              name: "a",
              best: 1,
              lower: 0,
              upper: 2,
              points: [
                { at: 0, value: 2 },
                { at: 1, value: 0 },
                { at: 2, value: 2 },
              ],
            },
          ],
        },
        title: "a",
        labels: { a: "rate" },
      }),
    },
    termsFigure: {
      open: ["terms"],
      args: () => ({ terms: [{ name: "a", at: [0, 1], trained: [1, 2], truth: [1, 3] }], title: "a", timeLabel: "t" }),
    },
    waterfallFigure: { open: ["starts"], args: () => ({ starts: [{ value: 1 }, { value: 3 }], title: "a" }) },
  }).map(([name, call]): [string, Call] => [
    name,
    {
      ...call,
      run: async (args) => {
        const make = (plot as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<plot.Figure>>>)[name];
        return (await make(...Object.values(args))).toSvg();
      },
    },
  ]),
);

export const calls: Readonly<Record<string, Call>> = {
  ...operations,
  odeProblem: {
    open: ["p", "u0"],
    args: () => ({
      spec: {
        ...specification,
        constants: { c: 1 },
        name: "decay",
        events: { at: [0.5], apply: (u: { x: number }) => void (u.x += 1) },
        derivatives: { jac: (J: { set(...args: number[]): number }, _u: unknown, p: { k: number }) => void J.set(0, 0, -p.k) },
      },
    }),
    run: ({ spec }) => odegrad.solve((odeProblem as Unsafe)(spec), { solver: odegrad.rodas5P(), maxSteps: 1000 }),
  },
  daeProblem: {
    open: ["p", "u0"],
    args: () => ({
      spec: {
        residual: (r: { x: number }, du: { x: number }, u: { x: number }, p: { k: number }) => void (r.x = du.x + p.k * u.x),
        u0: { x: 1 },
        p: { k: 0.5 },
        tspan: [0, 1],
      },
    }),
    run: ({ spec }) => odegrad.solve((odegrad.daeProblem as Unsafe)(spec), { solver: odegrad.rodas5P(), maxSteps: 1000 }),
  },
  remake: {
    open: ["p", "u0"],
    args: () => ({
      problem: decay,
      changes: { ...values, constants: { c: 1 }, events: { at: [0.5], apply: (u: { x: number }) => void (u.x += 1) } },
    }),
    run: ({ problem, changes }) => odegrad.solve((odegrad.remake as Unsafe)(problem, changes), { maxSteps: 1000 }),
  },
  solve: {
    args: () => ({
      problem: decay,
      options: { ...solving, ...values, ...watched, saveat: 0.5, dense: true, throwOnFailure: true },
    }),
  },
  steadyState: {
    args: () => {
      const { tspan: _, ...start } = values;
      const tolerances = { rtol: 1e-8, atol: 1e-8, maxSteps: 1000, maxTime: 1e4, target: "wasm" };
      return { problem: decay, options: { ...tolerances, ...start, ...watched, throwOnFailure: true, onProgress: () => {} } };
    },
  },
  gradient: { args: () => ({ problem: decay, options: gradientOptions() }) },
  explain: { args: () => ({ problem: decay, options: gradientOptions() }) },
  checkGradient: { args: () => ({ problem: decay, options: gradientOptions() }) },
  "gradient of all times at once": {
    args: () => ({
      problem: decay,
      options: {
        ...gradientOptions(),
        loss: { at: [0.25, 0.5], all: (u: { x: number[] }) => u.x[1] * u.x[0], constants: { c: 1 } },
      },
    }),
    run: ({ problem, options }) => (odegrad.gradient as Unsafe)(problem, options),
  },
  "hessian through a solve": {
    args: () => ({ problem: decay, options: { ...gradientOptions(), curvature: "gaussNewton" } }),
    run: ({ problem, options }) => (odegrad.hessian as Unsafe)(problem, options),
  },
  "hessianVectorProduct through a solve": {
    args: () => ({ problem: decay, options: { ...gradientOptions(), direction: { p: { k: 1 }, u0: { x: 2 } } } }),
    run: ({ problem, options }) => (odegrad.hessianVectorProduct as Unsafe)(problem, options),
  },
  sensitivities: {
    args: () => ({ problem: decay, options: { ...solving, ...values, ...watched, wrt: ["p", "u0"], saveat: [0.5, 1] } }),
  },
  solveWithPullback: {
    args: () => {
      const { loss: _, check: _check, ...options } = differentiating;
      return { problem: decay, options: { ...options, saveat: [0.5, 1] }, _cotangents: [{ x: 1 }, { x: 2 }] };
    },
    run: ({ problem, options, _cotangents }) =>
      (odegrad.solveWithPullback as Unsafe as (...args: unknown[]) => { pullback: Unsafe })(problem, options).pullback(
        _cotangents,
      ),
  },
  solveBatch: { args: () => ({ problem: decay, options: { ...batch, ...onDevice, saveat: 0.5, save: ["x"], firstStep: 0.1 } }) },
  gradientBatch: {
    args: () => ({ problem: decay, options: { ...batch, ...onDevice, loss: { at: [0.5], of, final, constants: {} } } }),
  },
  solveEnsemble: {
    mayBe: ofEnsembles,
    args: () => ({
      problem: decay,
      options: { ...ensemble, saveat: 0.5, save: ["x"], firstStep: 0.1, reduce: { average: odegrad.mean(), own: counting } },
    }),
  },
  gradientEnsemble: {
    mayBe: ofEnsembles,
    args: () => ({ problem: decay, options: { ...ensemble, loss: { at: [0.5], of, final, constants: {} } } }),
  },
  mean: { args: () => ({}), run: reducing(odegrad.mean as Unsafe) },
  variance: { args: () => ({}), run: reducing(odegrad.variance as Unsafe) },
  quantiles: {
    mayBe: {
      probabilities: (x) => Array.from(x as ArrayLike<number>).every((q) => q >= 0 && q <= 1) && (x as number[]).length > 0,
    },
    args: () => ({ probabilities: [0.05, 0.5] }),
    run: reducing(odegrad.quantiles as Unsafe),
  },
  histogram: {
    mayBe: { bins: isCount, between: (x) => isPair(x) && x[0] < x[1] },
    args: () => ({ options: { between: [0, 2], bins: 4 } }),
    run: reducing(odegrad.histogram as Unsafe),
  },
  evaluateBatch: { args: () => ({ problem: decay, options: { ...point } }) },
  vjpBatch: { args: () => ({ problem: decay, options: { ...point, v: direction } }) },
  jvpBatch: { args: () => ({ problem: decay, options: { ...point, v: direction } }) },
  batchStatistics: { open: ["solution"], args: () => ({ solution: { u: ndarray(Float64Array.of(1, 2), [2, 1, 1]) } }) },
  derivative: operator(odegrad.derivative as Unsafe),
  gradientOf: operator(odegrad.gradientOf as Unsafe),
  jacobian: operator(odegrad.jacobian as Unsafe),
  hessian: operator(odegrad.hessian as Unsafe),
  jvp: operator(odegrad.jvp as Unsafe, 1),
  vjp: operator(odegrad.vjp as Unsafe, 1),
  hessianVectorProduct: operator(odegrad.hessianVectorProduct as Unsafe, 1),
  differentiable: {
    args: () => ({
      fn: (x: number, _c: object) => x * x,
      options: {
        inputs: [1],
        vjp: (v: number, x: number) => 2 * v * x,
        jvp: (dx: number, x: number) => 2 * dx * x,
        check: true,
        activity: [{ of: ["active"], vjp: (v: number, x: number) => 2 * v * x }],
        name: "square",
        constants: { c: 1 },
      },
    }),
    run: ({ fn, options }) => odegrad.gradientOf((odegrad.differentiable as Unsafe)(fn, options) as never)(3),
  },
  implicit: {
    args: () => ({
      spec: { solve: (a: number) => Math.sqrt(a), residual: (y: number, a: number) => y * y - a, constants: {} },
    }),
    run: ({ spec }) => odegrad.gradientOf((odegrad.implicit as Unsafe)(spec) as never)(4),
  },
  methodNamed: {
    args: () => ({ _name: "rk4", options: { dt: 0.1 } }),
    run: ({ _name, options }) =>
      odegrad.solve(decay, { solver: (odegrad.methodNamed as Unsafe)(_name, options), maxSteps: 1000 }),
  },
  ...Object.fromEntries(
    methodNames.map((name) => {
      const { family } = methodBy(name, 0.1);
      const problem = family.alternates ? oscillator : decay;
      return [name, method(odegrad.methods[name] as Unsafe, needsStep(name) ? { dt: 0.1 } : {}, problem)];
    }),
  ),
  gmres: {
    args: () => ({ options: { restart: 5 } }),
    run: ({ options }) => {
      const solver = odegrad.fbdf({ linearSolver: (odegrad.gmres as Unsafe)(options) });
      return odegrad.solve(decay, { solver, maxSteps: 1000 });
    },
  },
  ...Object.fromEntries(
    (["integral", "pi", "predictive"] as const).map((name) => [
      name,
      controller((options) => (odegrad[name] as Unsafe)(options), { safety: 0.8, minFactor: 0.3, maxFactor: 5 }),
    ]),
  ),
  pid: controller((options) => (odegrad.pid as Unsafe)({ beta: [0.5, -0.3, 0.1], alpha: [0.1, 0.1] }, options), {
    safety: 0.8,
    minFactor: 0.3,
    maxFactor: 5,
  }),
  periodic: {
    args: () => ({ event: { every: 0.25, from: 0.1, until: 0.9, apply: (u: { x: number }) => void (u.x += 1) } }),
    run: ({ event }) => odegrad.solve(odegrad.remake(decay, { events: (odegrad.periodic as Unsafe)(event) as never })),
  },
  explicitRK: {
    args: () => ({
      given: {
        name: "mine",
        order: 2,
        c: [0, 1],
        A: [
          [0, 0],
          [1, 0],
        ],
        b: [0.5, 0.5],
        embedded: [1, 0],
      },
    }),
    run: ({ given }) => odegrad.solve(decay, { solver: (odegrad.explicitRK as Unsafe)(given) as never, maxSteps: 1000 }),
  },
  fromSteadyState: {
    args: () => ({ problem: decay, options: { rtol: 1e-8, maxSteps: 1000 } }),
    run: ({ problem, options }) => ((odegrad.fromSteadyState as Unsafe)(problem, options) as Unsafe)({ k: 1 }),
  },
  solutionFromJson: {
    args: () => ({ _text: JSON.stringify(odegrad.solve(decay)), problem: decay }),
    run: ({ _text, problem }) => [...odegrad.solutionFromJson(_text as string, problem as never).t],
  },
  flatten: { open: ["_value"], mayBe: { _value: flattens, k: flattens }, args: () => ({ _value: { k: 1 } }) },
  unflatten: {
    open: ["_like"],
    mayBe: { _like: flattens, k: flattens, _flat: isOneNumber },
    args: () => ({ _flat: [2], _like: { k: 1 } }),
    // Numbers of the shape mean nothing.
    run: ({ _flat, _like }) => odegrad.unflatten(_flat as number[], _like),
  },
  ndarray: { args: () => ({ _data: [1, 2, 3, 4], _shape: [2, 2], _stride: [2, 1], _offset: 0 }) },
  adam: {
    mayBe: { _parameters: oneNumber },
    args: () => ({
      options: { learningRate: 0.1, beta1: 0.9, beta2: 0.9, epsilon: 1e-8 },
      _parameters: Float64Array.of(1),
      _gradient: [2],
    }),
    run: ({ options, _parameters, _gradient }) => {
      return ((odegrad.adam as Unsafe)(options) as Unsafe)(_parameters, _gradient);
    },
  },
  "Solution.at": { args: () => ({ _t: 0.5 }), run: ({ _t }) => odegrad.solve(decay).at(_t as number) },
  inWorker: {
    args: () => ({
      make: worker,
      options: { rtol: 1e-4, ...values, saveat: 0.5, solver: odegrad.tsit5(), maxSteps: 10, onProgress() {} },
    }),
    run: (args) => inWorker("solve", args),
  },
  "gradient in a worker": {
    args: () => {
      const { loss: _, ...options } = differentiating;
      return { make: worker, options };
    },
    run: (args) => inWorker("gradient", args),
  },
  serve: {
    args: () => ({ problem: decay, options: { loss } }),
    run: ({ problem, options }) => odegrad.gradient((odegrad.serve as Unsafe)(problem, options), options as never),
  },
  serveFit: { args: () => ({ problem: decay, data: training.observations({ t: [0.5, 1], values: { x: [0.6, 0.4] } }) }) },
  show: { args: () => ({ _value: odegrad.solve(decay) }) },
  ...figures,
  ...trainingCalls,
  ...Object.fromEntries(
    Object.entries(problems.problemTable).map(([name, { make, options }]) => [
      name,
      {
        args: () => ({ options: { ...options, ...("n" in options && { n: 6 }) } }),
        run: (args) => (make as Unsafe)(args.options),
      },
    ]),
  ),
};

/** What is exported and calls nothing that a user could spoil. */
const others = ["showPlace", "levenbergMarquardt", "trustRegion"];

const all = { ...odegrad, ...plot, ...problems, ...training };

/** Every function that the package exports, of all its entries. */
export function exportedFunctions(): string[] {
  const isClass = (value: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(value));
  return Object.entries(all)
    .filter(([name, value]) => typeof value === "function" && !isClass(value) && !others.includes(name))
    .map(([name]) => name);
}

/** The export of a name. */
export function exported(name: string): Unsafe {
  return (all as unknown as Readonly<Record<string, Unsafe>>)[name];
}
