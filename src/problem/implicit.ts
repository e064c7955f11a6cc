/** Functions that are given by equations. */
import { checkOptions, requireKeys, type Checks } from "../core/options/check.ts";
import { anything, callable } from "../core/options/kinds.ts";
import { define, type AnyFunction, type PlainCall } from "../operations/definitions.ts";

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;
type WithoutLast<T extends readonly unknown[]> = T extends readonly [...infer Rest, unknown] ? Rest : never;

export interface ImplicitSpec<F extends AnyFunction> {
  /** Finds y(x...), by whatever iteration; converged as far as the result is to be exact. */
  readonly solve: F;
  /** residual(y, x...), in the shape of y, zero at the solution; ∂residual/∂y must be regular there. */
  readonly residual: (y: ReturnType<F>, ...args: Parameters<F>) => unknown;
}

const checks: Checks<ImplicitSpec<AnyFunction> & { readonly constants: unknown }> = {
  solve: callable,
  residual: callable,
  constants: anything,
};

/**
 * The y(x...) with residual(y, x...) = 0: a root, or with residual y - g(y, x...) a fixed point. x... and y are numbers or vectors.
 * It is called plainly, without its constants, and inside right-hand sides and losses that get it as a constant. Its derivatives
 * come from the implicit function theorem, ẏ = -(∂r/∂y)⁻¹ (∂r/∂x) ẋ, not from the iteration (Griewank & Walther, "Evaluating
 * Derivatives", 2008, section 15.1).
 *
 * Calls throw ResidualNotZero where the residual is not zero at what `solve` returned; looked at now and then.
 */
export function implicit<F extends AnyFunction>(
  spec: ImplicitSpec<F> & {
    /** What else both functions read, their last argument. Never differentiated. */
    readonly constants: Last<Parameters<F>>;
  },
): (...args: WithoutLast<Parameters<F>>) => ReturnType<F>;
export function implicit<F extends AnyFunction>(spec: ImplicitSpec<F>): F;
export function implicit(spec: ImplicitSpec<AnyFunction>): unknown {
  checkOptions(spec, checks, "implicit");
  requireKeys(spec, "implicit", "solve", "residual");
  const { solve, residual, ...rest } = spec;
  return define({ ...rest, fn: solve as PlainCall, name: solve.name || "implicit", residual: residual as PlainCall });
}
