/** Derivatives of one function with respect to its first argument, for flat arrays. */
import type { Target } from "../../src/compile/compile.ts";
import type { AnyFunction, Definition } from "../../src/definitions.ts";
import type { Signature } from "./signature.ts";

export interface FunctionDerivatives {
  /** Which products cost about one call of the function; the others are made of these. */
  readonly native: "jvp" | "vjp" | "both";
  /** (∂f/∂x)ᵀ v at the inputs, of which x is the first. */
  vjp(inputs: readonly Float64Array[], v: Float64Array): Float64Array;
  /** ∂f/∂x dx. */
  jvp(inputs: readonly Float64Array[], dx: Float64Array): Float64Array;
  /** Of a function whose value is one number: ∂²f/∂x² dx. Throws BackendRefused. */
  hvp(inputs: readonly Float64Array[], dx: Float64Array): Float64Array;
}

export interface DerivativesRequest {
  readonly fn: AnyFunction;
  /** What is known of it. */
  readonly definition: Definition;
  readonly signature: Signature;
  /** Flat: the arguments, and what the function itself gives there. */
  readonly inputs: readonly Float64Array[];
  readonly value: Float64Array;
  readonly target: Target;
}

export type MakeDerivatives = (request: DerivativesRequest) => FunctionDerivatives;

type Product = (inputs: readonly Float64Array[], vector: Float64Array) => Float64Array;

/** J dx of rows of J, or Jᵀ v of its columns: one product of the other kind for each entry of the result. */
export function productByTransposed(transposed: Product, size: number, from: number): Product {
  return (inputs, vector) => {
    const unit = new Float64Array(size);
    return Float64Array.from({ length: size }, (_, i) => {
      unit[i] = 1;
      const row = transposed(inputs, unit);
      unit[i] = 0;
      let sum = 0;
      for (let j = 0; j < from; j++) sum += row[j] * vector[j];
      return sum;
    });
  };
}
