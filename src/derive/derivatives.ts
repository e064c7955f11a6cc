/** Derivatives of a right-hand side that its author gives. */
import type { NdArray } from "../arrays/ndarray.ts";
import type { Shaped } from "../arrays/pack.ts";

/** A state or parameters to write to: in the shape they have; a number by itself is a Float64Array of length 1. */
export type Written<T> = T extends number ? Float64Array : Shaped<T>;

/**
 * Any of them may be given. All work in place, and write everything in their first arguments, whose contents before are not
 * defined; components of matrices are in flat order (as names appear, arrays row-major).
 */
export interface Derivatives<U = unknown, P = unknown, C = unknown> {
  /** The Jacobian, an ndarray of shape [n, n]: J.set(i, j, ∂f_i/∂u_j). Implicit solvers use it too. */
  readonly jac?: (J: NdArray<Float64Array>, u: U, p: P, t: number, constants: C) => void;
  /** An ndarray of shape [n, number of parameters]: J.set(i, j, ∂f_i/∂p_j). */
  readonly paramJac?: (J: NdArray<Float64Array>, u: U, p: P, t: number, constants: C) => void;
  /** The directional derivative: duDot = ∂f/∂u uDot + ∂f/∂p pDot. */
  readonly jvp?: (duDot: Written<U>, uDot: Shaped<U>, pDot: Shaped<P>, u: U, p: P, t: number, constants: C) => void;
  /** The product with a cotangent v of the derivative: uBar = (∂f/∂u)ᵀ v and pBar = (∂f/∂p)ᵀ v. */
  readonly vjp?: (uBar: Written<U>, pBar: Written<P>, v: Shaped<U>, u: U, p: P, t: number, constants: C) => void;
}
