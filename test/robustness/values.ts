/** Values that users hand in by mistake, and what may be right for each option. */

/** Made anew for each call: some are changed by use. */
export const mistakes: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  zero: () => 0,
  negative: () => -1,
  fraction: () => 1.5,
  small: () => 1e-300,
  large: () => 1e300,
  nan: () => NaN,
  infinity: () => Infinity,
  minusInfinity: () => -Infinity,
  bigint: () => 3n,
  emptyText: () => "",
  digits: () => "0.5",
  letter: () => "p",
  solverName: () => "tsit5",
  inherited: () => "toString",
  symbol: () => Symbol("s"),
  emptyArray: () => [],
  arrayOfOne: () => [0.5],
  arrayOfThree: () => [1, 2, 3],
  arrayOfText: () => ["0.5"],
  arrayOfNaN: () => [0.25, NaN],
  arrayOfNothing: () => [undefined, null],
  matrix: () => [[1, 2]],
  holes: () => Array.from({ length: 2 }),
  floats: () => Float64Array.of(0.25, 0.5),
  integers: () => Int32Array.of(1),
  bigints: () => BigInt64Array.of(1n),
  buffer: () => new ArrayBuffer(8),
  set: () => new Set([0.5]),
  map: () => new Map([["k", 1]]),
  date: () => new Date(0),
  expression: () => /k/,
  promise: () => Promise.resolve(1),
  error: () => new Error("e"),
  emptyObject: () => ({}),
  object: () => ({ k: 1 }),
  nested: () => ({ k: { k: 1 } }),
  withoutPrototype: () => Object.create(null) as unknown,
  arrayLike: () => ({ length: 1, 0: 0.5 }),
  longArrayLike: () => ({ length: 2 ** 40 }),
  boxed: () => Object(1) as unknown,
  instance: () =>
    new (class Model {
      k = 1;
    })(),
  native: () => Math.sin,
  bound: () => ((x: number) => x).bind(undefined),
  arrow: () => () => NaN,
  returnsText: () => () => "text",
  returnsNothing: () => () => undefined,
  returnsObject: () => () => ({ k: 1 }),
  asynchronous: () => async () => 1,
  generator: () =>
    function* () {
      yield 1;
    },
  classItself: () => class Model {},
  constructorNotCalled: () => Float64Array,
};

export type Predicate = (value: unknown) => boolean;

const isNumber = (x: unknown): x is number => typeof x === "number";
const isFinite: Predicate = (x) => Number.isFinite(x);
export const absentOr =
  (right: Predicate): Predicate =>
  (x) =>
    x === undefined || right(x);
const positive: Predicate = (x) => isNumber(x) && x > 0;
const isFunction: Predicate = (x) => typeof x === "function";
const isList =
  (right: Predicate): Predicate =>
  (x) =>
    typeof x === "object" &&
    x !== null &&
    "length" in x &&
    (x.length as number) < 1e6 &&
    Array.from(x as ArrayLike<unknown>).every(right);
export const never: Predicate = () => false;
export const any: Predicate = () => true;
const isRecord: Predicate = (x) => Object.prototype.toString.call(x) === "[object Object]";
const operand: Predicate = (x) => isNumber(x) || (isArray(x) && Array.from(x).every(isNumber));
const isArray = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || ArrayBuffer.isView(x);
const optionalFunction = absentOr(isFunction);
const tolerance = absentOr((x) => isNumber(x) && x > 0 && x < Infinity);
const span = absentOr((x) => Array.isArray(x) && x.length === 2 && x.every(isFinite));

/**
 * By the last name on the way to a value: what a call that returns may have been given. What is not listed, and every name that
 * begins with an underscore, may not be given anything but what stands in the table of calls.
 */
export const mayBeRight: Readonly<Record<string, Predicate>> = {
  options: (x) => x === undefined || isRecord(x),
  // Of all that solves.
  problem: never,
  solver: absentOr(never),
  rtol: tolerance,
  atol: (x) => tolerance(x) || (typeof x === "object" && x !== null),
  tspan: span,
  maxSteps: absentOr((x) => x === Infinity || (Number.isInteger(x) && positive(x))),
  // 1e-300 and 0.5 ms end the call, by name, but for what is solved at once.
  maxTime: absentOr(positive),
  restart: absentOr((x) => Number.isInteger(x) && positive(x)),
  maxStep: absentOr(positive),
  firstStep: absentOr(positive),
  stops: absentOr(isList(isFinite)),
  onProgress: optionalFunction,
  signal: absentOr(never),
  target: absentOr(never),
  throwOnFailure: absentOr((x) => typeof x === "boolean"),
  dense: absentOr((x) => typeof x === "boolean"),
  save: (x) => x === undefined,
  saveat: absentOr((x) => (isNumber(x) ? x !== 0 && isFinite(x) : isList(isFinite)(x))),
  // A state or parameters are shapes of finite numbers: checked further by their own parts.
  u0: (x) => x === undefined || isNumber(x) || (typeof x === "object" && x !== null),
  p: (x) => x === undefined || isNumber(x) || (typeof x === "object" && x !== null),
  k: isFinite,
  x: isFinite,
  "points.x": isNumber,
  "series.t": isList(isNumber),
  "atol.x": absentOr(positive),
  nodes: isArray,
  padding: absentOr(never),
  method: absentOr(never),
  constants: any,
  // Of derivatives.
  wrt: absentOr((x) => x === "p" || Array.isArray(x)),
  loss: (x) => typeof x === "object" && x !== null,
  at: isList(isFinite),
  of: isFunction,
  integral: optionalFunction,
  final: optionalFunction,
  adjoint: absentOr(never),
  vjp: absentOr(isFunction),
  jvp: absentOr(isFunction),
  check: absentOr((x) => typeof x === "boolean"),
  backward: absentOr((x) => typeof x === "object" && x !== null),
  memoryBudget: absentOr(positive),
  // Of problems.
  rhs: isFunction,
  apply: isFunction,
  events: absentOr((x) => typeof x === "object" && x !== null),
  derivatives: absentOr((x) => typeof x === "object" && x !== null),
  jac: optionalFunction,
  name: absentOr((x) => typeof x === "string"),
  fn: isFunction,
  inputs: absentOr(Array.isArray),
  activity: absentOr(Array.isArray),
  solve: isFunction,
  residual: isFunction,
  backend: absentOr(never),
  // Of batches.
  device: absentOr(never),
  precision: absentOr(never),
  u: never,
  v: never,
  "bands.t": isList(isNumber),
  t: absentOr((x) => isFinite(x) || isList(isFinite)(x)),
  // Of methods and optimisers.
  dt: (x) => positive(x) && isFinite(x),
  safety: absentOr((x) => positive(x) && (x as number) <= 1),
  minFactor: absentOr((x) => positive(x) && (x as number) < 1),
  maxFactor: absentOr((x) => isNumber(x) && (x as number) >= 1),
  every: (x) => positive(x),
  from: absentOr(isFinite),
  until: absentOr((x) => isNumber(x) && (x as number) >= 0.1),
  learningRate: absentOr((x) => isFunction(x) || (positive(x) && isFinite(x))),
  beta1: absentOr((x) => isNumber(x) && x >= 0 && x < 1),
  beta2: absentOr((x) => isNumber(x) && x >= 0 && x < 1),
  epsilon: absentOr((x) => isFinite(x) && (x as number) >= 0),
  // Of a named problem: a part of the means.
  noise: absentOr((x) => isFinite(x) && (x as number) >= 0),
  // A tableau that is taken meets the conditions of its order.
  "given.name": absentOr((x) => typeof x === "string"),
  ...Object.fromEntries(["order", "c", "A", "b", "embedded"].map((name) => [`given.${name}`, any])),
  // Of named problems.
  n: absentOr((x) => Number.isInteger(x) && positive(x)),
  periods: absentOr(isFinite),
  side: absentOr((x) => positive(x) && isFinite(x)),
  tEnd: absentOr((x) => isFinite(x) && x !== 0),
  form: absentOr(never),
  // Of figures.
  title: (x) => typeof x === "string",
  label: (x) => typeof x === "string",
  timeLabel: absentOr((x) => typeof x === "string"),
  value: isNumber,
  log: absentOr((x) => typeof x === "boolean"),
  dashed: absentOr((x) => typeof x === "boolean"),
  rows: (x) => Number.isInteger(x) && positive(x),
  columns: (x) => Number.isInteger(x) && positive(x),
  values: isList(isNumber),
  quantiles: isRecord,
  "quantiles.25": isArray,
  names: isArray,
  y: isNumber,
  panels: Array.isArray,
  curves: Array.isArray,
  points: Array.isArray,
  bars: Array.isArray,
  fields: Array.isArray,
  series: isRecord,
  bands: isRecord,
  residuals: Array.isArray,
  predictions: absentOr((x) => isRecord(x) || Array.isArray(x)),
  "predictions.t": isList(isNumber),
  level: (x) => isNumber(x) && x > 0 && x < 1,
  "predictions.level": absentOr((x) => isNumber(x) && x > 0 && x < 1),
  "bands.x": isRecord,
  "x.value": isList(isNumber),
  "x.lower": absentOr(isList(isNumber)),
  "x.upper": absentOr(isList(isNumber)),
  "x.observed": absentOr(isRecord),
  "observed.lower": isList(isNumber),
  "observed.upper": isList(isNumber),
  labels: absentOr(isRecord),
  "labels.x": (x) => typeof x === "string",
  "labels.a": (x) => typeof x === "string",
  "residuals.t": isNumber,
  ...Object.fromEntries(["experiment", "observed", "predicted", "residual"].map((name) => [`residuals.${name}`, isNumber])),
  course: Array.isArray,
  step: absentOr(isNumber),
  heldOut: absentOr(isNumber),
  posterior: isRecord,
  found: isRecord,
  profiles: Array.isArray,
  ...Object.fromEntries(["threshold", "best", "lower", "upper", "points.at"].map((name) => [name, isNumber])),
  "terms.at": isList(isNumber),
  trained: isList(isNumber),
  truth: isList(isNumber),
  terms: Array.isArray,
  starts: Array.isArray,
  "panels.x": isRecord,
  "panels.y": isRecord,
  "series.u": isArray,
  "spec.p": any,
  "p.k": any,
  spec: isRecord,
  changes: isRecord,
  solution: isRecord,
  // Of array operations, methods and ndarrays, by place.
  _t: isFinite,
  _0: (x) => operand(x) || (Array.isArray(x) && x.every(operand)),
  _1: (x) => operand(x) || Array.isArray(x),
  _2: (x) => x === undefined || isRecord(x) || isNumber(x),
  _data: isArray,
  _shape: (x) => x === undefined || (Array.isArray(x) && x.every((y) => Number.isInteger(y) && (y as number) >= 0)),
  _stride: (x) => x === undefined || (Array.isArray(x) && x.every(Number.isInteger)),
  _offset: (x) => x === undefined || (Number.isInteger(x) && (x as number) >= 0),
  _cotangents: (x) => isFunction(x) || isArray(x),
  _gradient: isList(isFinite),
  _parameters: (x) => x instanceof Float64Array,
};
