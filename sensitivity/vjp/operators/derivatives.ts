/** Derivatives of one function with respect to its first argument, for flat arrays. */
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { Target } from "../../../src/compile/compile.ts";
import type { AnyFunction, Definition } from "../../../src/operations/definitions.ts";
import { requireFiniteDerivative } from "../../../src/derive/finite-derivative.ts";
import type { PreparedDerivatives } from "../derivatives.ts";
import type { Signature } from "./signature.ts";

/** A function at some arguments. */
export interface DerivativesRequest {
  readonly fn: AnyFunction;
  /** What is known of the function. */
  readonly definition: Definition;
  readonly signature: Signature;
  /** The arguments, flat. */
  readonly inputs: readonly Float64Array[];
  /** The value of the function itself at the arguments, flat. */
  readonly value: Float64Array;
  readonly target: Target;
}

/** The derivatives at the arguments, of which x is the first. All throw NotDifferentiable where a derivative is not finite. */
export class FunctionDerivatives {
  private readonly at: { readonly u: Float64Array; readonly p: Float64Array; readonly t: number };

  constructor(
    private readonly prepared: PreparedDerivatives,
    private readonly code: ProblemCode,
    [x, ...rest]: readonly Float64Array[],
  ) {
    this.at = { u: x, p: Float64Array.from(rest.flatMap((input) => [...input])), t: 0 };
  }

  /** (∂f/∂x)ᵀ v. */
  vjp(v: Float64Array): Float64Array {
    return this.finite(this.prepared.vjp("u", this.at, v));
  }

  /** ∂f/∂x dx. */
  jvp(dx: Float64Array): Float64Array {
    return this.finite(this.prepared.jvp(this.at, dx, this.fixed));
  }

  /** ∂f/∂x, row-major. */
  jacobian(): Float64Array {
    return this.finite(this.prepared.jacobian("u", this.at));
  }

  /** Of a function whose value is one number: ∂²f/∂x² dx. */
  hessianVectorProduct(dx: Float64Array): Float64Array {
    return this.finite(this.prepared.hessianVectorProduct("u", this.at, Float64Array.of(1), dx, this.fixed));
  }

  private finite(values: Float64Array): Float64Array {
    const { code, at } = this;
    return requireFiniteDerivative(values, () => ({
      name: code.name,
      program: () => code.rhsProgram(),
      inputs: { ...at },
      wrt: ["u"],
      where: "at these arguments",
    }));
  }

  private get fixed(): Float64Array {
    return new Float64Array(this.at.p.length);
  }
}
