/**
 * Derivatives of any function of numbers, arrays, ndarrays and objects of those, with respect to its first argument; further arguments are
 * held fixed. Each operator takes a function, plain or made by `differentiable`, and returns a function; reading, deriving and compiling
 * happen at its first call, and again only for other shapes or constants.
 *
 * What the operators return throws SignatureMismatch for arguments that do not fit, NotDifferentiable where a derivative is NaN or infinite,
 * ReadError where the text of a function with rules of its own cannot be read, BackendRefused for a backend that cannot take the function,
 * and BadGradientOption for an unknown one.
 */
import { defaultTarget } from "../../../src/compile/compile.ts";
import { ndarray, type NdArray } from "../../../src/arrays/ndarray.ts";
import { unpack, type Shaped } from "../../../src/arrays/pack.ts";
import { ShapeMismatch } from "../../../src/core/errors.ts";
import { checkOptions, type Checks } from "../../../src/core/options/check.ts";
import { callable, text } from "../../../src/core/options/kinds.ts";
import {
  define,
  type AnyFunction,
  type Definition,
  type DerivativeOperator,
  type PlainCall,
} from "../../../src/operations/definitions.ts";
import { definitionOf } from "./differentiable.ts";
import { derivativesBy } from "./backends.ts";
import type { FunctionDerivatives } from "./derivatives.ts";
import { inputLayouts, packArguments, packLike, restLayout, resultOf, type Signature } from "./signature.ts";

/** What operators take besides the function. */
export interface OperatorOptions {
  /**
   * How derivatives are made: "source", "dual", "tape", "compiledTape", "closure", or "finite", which loses half of the digits. By default
   * "source", and "tape" where the text cannot be read.
   */
  readonly backend?: string;
}

const checks: Checks<OperatorOptions> = { backend: text };

type Fn<X, Rest extends readonly unknown[], Y> = (x: X, ...rest: Rest) => Y;
type Matrix = NdArray<Float64Array>;

/**
 * The derivative of a function of one number.
 *
 * @param f - The function; further arguments are held fixed.
 * @returns A function that gives f'(x) in the shape of f's result.
 * @example
 * derivative((x: number) => Math.sin(x))(0); // 1
 */
export function derivative<Rest extends readonly unknown[], Y>(
  f: Fn<number, Rest, Y>,
  options?: OperatorOptions,
): Fn<number, Rest, Shaped<Y>> {
  return operator("derivative", f, options, (x, ...rest) => {
    const at = prepare(f, options, [x, ...rest]);
    return at.shapedLikeResult(at.derivatives.jvp(Float64Array.of(1)));
  });
}

/**
 * The gradient of a function whose value is one number, by reverse mode.
 *
 * @param f - The function of x; further arguments are held fixed.
 * @returns A function that gives the gradient in the shape of x.
 * @throws ShapeMismatch where the value is not one number.
 * @example
 * gradientOf((x: { a: number; b: number }) => x.a * x.b)({ a: 2, b: 3 }); // { a: 3, b: 2 }
 */
export function gradientOf<X, Rest extends readonly unknown[]>(
  f: Fn<X, Rest, number>,
  options?: OperatorOptions,
): Fn<X, Rest, Shaped<X>> {
  return operator("gradientOf", f, options, (x, ...rest) => {
    const at = prepare(f, options, [x, ...rest]);
    at.requireNumber("gradientOf", "jacobian or vjp");
    return at.shapedLikeX<X>(at.derivatives.vjp(Float64Array.of(1)));
  });
}

/**
 * The Jacobian: the matrix of all derivatives.
 *
 * @param f - The function of x; further arguments are held fixed.
 * @returns A function that gives an ndarray [components of the result, components of x], both in flat order.
 */
export function jacobian<X, Rest extends readonly unknown[]>(
  f: Fn<X, Rest, unknown>,
  options?: OperatorOptions,
): Fn<X, Rest, Matrix> {
  return operator("jacobian", f, options, (x, ...rest) => {
    const { derivatives, n, m } = prepare(f, options, [x, ...rest]);
    return ndarray(derivatives.jacobian(), [m, n]);
  });
}

/**
 * The directional derivative ∂f/∂x dx, by forward mode.
 *
 * @param f - The function of x; further arguments are held fixed.
 * @returns A function of x and of dx, which is shaped like x, that gives the derivative in the shape of the result.
 */
export function jvp<X, Rest extends readonly unknown[], Y>(
  f: Fn<X, Rest, Y>,
  options?: OperatorOptions,
): (x: X, dx: X | Shaped<X>, ...rest: Rest) => Shaped<Y> {
  return operator("jvp", f, options, (x, dx, ...rest) => {
    const at = prepare(f, options, [x, ...rest]);
    return at.shapedLikeResult(at.derivatives.jvp(packLike(at.definition, at.signature.inputs[0], dx, "dx")));
  });
}

/**
 * The vector-Jacobian product (∂f/∂x)ᵀ v, by reverse mode.
 *
 * @param f - The function of x; further arguments are held fixed.
 * @returns A function of x and of v, which is shaped like the result, that gives the product in the shape of x.
 */
export function vjp<X, Rest extends readonly unknown[], Y>(
  f: Fn<X, Rest, Y>,
  options?: OperatorOptions,
): (x: X, v: Y | Shaped<Y>, ...rest: Rest) => Shaped<X> {
  return operator("vjp", f, options, (x, v, ...rest) => {
    const at = prepare(f, options, [x, ...rest]);
    return at.shapedLikeX<X>(at.derivatives.vjp(packLike(at.definition, at.signature.output, v, "v")));
  });
}

/**
 * The product of the Hessian of a function whose value is one number with a vector, by forward over reverse mode.
 *
 * @param f - The function of x; further arguments are held fixed.
 * @returns A function of x and v that gives the product. Both v and the product are shaped like x.
 * @throws ShapeMismatch where the value is not one number.
 */
export function hessianVectorProduct<X, Rest extends readonly unknown[]>(
  f: Fn<X, Rest, number>,
  options?: OperatorOptions,
): (x: X, v: X | Shaped<X>, ...rest: Rest) => Shaped<X> {
  return operator("hessianVectorProduct", f, options, (x, v, ...rest) => {
    const at = prepare(f, options, [x, ...rest]);
    at.requireNumber("hessianVectorProduct", "jvp of a gradient of one component");
    return at.shapedLikeX<X>(at.derivatives.hessianVectorProduct(packLike(at.definition, at.signature.inputs[0], v, "v")));
  });
}

/**
 * The Hessian: the matrix of second derivatives of a function whose value is one number.
 *
 * @param f - The function of x; further arguments are held fixed.
 * @returns A function that gives an ndarray [n, n] in the flat order of x.
 * @throws ShapeMismatch where the value is not one number.
 */
export function hessian<X, Rest extends readonly unknown[]>(
  f: Fn<X, Rest, number>,
  options?: OperatorOptions,
): Fn<X, Rest, Matrix> {
  return operator("hessian", f, options, (x, ...rest) => {
    const at = prepare(f, options, [x, ...rest]);
    at.requireNumber("hessian", "the hessian of one component");
    const data = new Float64Array(at.n * at.n);
    eachUnit(at.n, (i, unit) => data.set(at.derivatives.hessianVectorProduct(unit), i * at.n));
    return ndarray(data, [at.n, at.n]);
  });
}

function checkOperator(name: string, f: unknown, options: OperatorOptions = {}): void {
  callable(f, `${name}: its function`);
  checkOptions(options, checks, name);
}

/** The function that an operator gives. Within right-hand sides and losses it is recognised as the derivative of another function. */
function operator<F extends AnyFunction>(
  kind: DerivativeOperator["kind"],
  f: AnyFunction,
  options: OperatorOptions | undefined,
  fn: F,
): F {
  checkOperator(kind, f, options);
  return define({ fn: fn as unknown as PlainCall, name: `${kind}(${f.name || "f"})`, operator: { kind, of: f } }) as unknown as F;
}

/** A function ready to be derived at some arguments. */
class Prepared {
  constructor(
    readonly definition: Definition,
    readonly signature: Signature,
    readonly derivatives: FunctionDerivatives,
  ) {}

  /** The number of components of x. */
  get n(): number {
    return this.signature.inputs[0].size;
  }

  /** The number of components of the result. */
  get m(): number {
    return this.signature.output.size;
  }

  shapedLikeX<X>(flat: Float64Array): Shaped<X> {
    return unpack<X>(this.signature.inputs[0], flat);
  }

  shapedLikeResult<Y>(flat: Float64Array): Shaped<Y> {
    return unpack<Y>(this.signature.output, flat);
  }

  requireNumber(operator: string, instead: string): void {
    if (this.m === 1) return;
    throw new ShapeMismatch(`${operator}: ${this.definition.name} returns ${this.m} components, not one number. Use ${instead}.`);
  }
}

function prepare(f: (...args: never[]) => unknown, { backend }: OperatorOptions = {}, args: readonly unknown[]): Prepared {
  const definition = definitionOf(f);
  const layouts = inputLayouts(definition, args);
  const inputs = packArguments(definition, layouts, args);
  const { output, value } = resultOf(definition, args);
  const signature = { inputs: layouts, rest: restLayout(definition, args), output };
  return new Prepared(
    definition,
    signature,
    derivativesBy(backend, { fn: f, definition, signature, inputs, value, target: defaultTarget() }),
  );
}

function eachUnit(size: number, use: (i: number, unit: Float64Array) => void): void {
  const unit = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    unit[i] = 1;
    use(i, unit);
    unit[i] = 0;
  }
}
