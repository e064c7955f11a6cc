/** What a layer of a network is: a function of an input and of parameters that lie in the p of a problem, like any others. */
import { layoutOf } from "../../src/arrays/layout.ts";
import type { NdArray } from "../../src/arrays/ndarray.ts";
import type { ArrayValue } from "../../src/core/array-values.ts";
import { define, type PlainCall } from "../../src/operations/definitions.ts";

type Vector = NdArray<Float64Array>;

/** A function of the library or of one's own, of each element or of the whole: `tanh`, or `(x) => pow(x, 3)`. */
export type Activation = (x: Vector) => ArrayValue;

/** A layer, or a network of them: call it with an input and its parameters, in a right-hand side or a loss that has it as a constant. */
export interface Layer<P = unknown> {
  (x: ArrayValue, p: P): Vector;
  /** Parameters to start from, which go into the p of a problem. A whole number as seed gives always the same; 1 by default. */
  readonly initial: (seed?: number) => P;
  /** How many numbers its parameters are. */
  readonly parameterCount: number;
}

/** Any layer, whatever its parameters. */
export interface AnyLayer {
  (x: ArrayValue, p: never): Vector;
  readonly initial: (seed?: number) => unknown;
  readonly parameterCount: number;
}

/** A layer of a function whose last argument, `constants`, holds all else that it needs, so that its text says the rest. */
export function layer<P, C extends Readonly<Record<string, unknown>>>(
  name: string,
  fn: (x: Vector, p: P, constants: C) => ArrayValue,
  constants: C,
  initial: (seed: number) => P,
): Layer<P> {
  const callable = define({ name, fn: fn as PlainCall, constants });
  const { size } = layoutOf(initial(1), name);
  return Object.assign(callable, { initial: (seed = 1) => initial(seed), parameterCount: size }) as unknown as Layer<P>;
}

export function isLayer(value: unknown): value is AnyLayer {
  return typeof value === "function" && "initial" in value && "parameterCount" in value;
}
