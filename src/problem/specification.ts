/** What a problem is, what it is stated by, and what is asked of its solution. */
import type { Layout } from "../arrays/layout.ts";
import type { NdArray } from "../arrays/ndarray.ts";
import type { ArrayValue, NumberNdArray } from "../core/array-values.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import type { CapturedByFunctions } from "./captured.ts";
import type { ProblemCode } from "./code.ts";
import type { CheckedEvent, Events, Mutable } from "./events.ts";
import type { MassMatrixSpec } from "./mass-matrix.ts";

/** u' = rhs(u, p, t), or M u' = rhs(u, p, t), on tspan from u0; see `odeProblem`. */
export interface OdeProblem<U = unknown, P = unknown, C = unknown> {
  readonly name: string;
  /** As it was stated: a function, or its parts by name. */
  readonly rhs: ((...args: never[]) => unknown) | Readonly<Record<string, (...args: never[]) => unknown>>;
  /** The initial state; where it was given as a function of p, its value at p. */
  readonly u0: U;
  /** The function that u0 was given as, and its value. */
  readonly initial?: InitialState<U>;
  readonly p: P;
  /** From the first time to the second, which may be the earlier one. */
  readonly tspan: readonly [number, number];
  readonly constants: C;
  readonly events?: readonly CheckedEvent[];
  readonly preconditioner?: (...args: never[]) => void;
  /** M, as it was given; absent: the identity. */
  readonly massMatrix?: unknown;
  /** See {@link OdeProblemSpec}, {@link DaeProblemSpec}. */
  readonly initialise?: "algebraic";
  /** F of F(u', u, p, t) = 0, which is then `rhs` too; see `daeProblem`. */
  readonly residual?: (...args: never[]) => unknown;
  /** As it was given. */
  readonly du0?: U;
  /**
   * What its functions capture, and counts as constants, by function and by name, `captured.rhs.k`, as far as the engine or the build plugin
   * shows it; of helpers, too: `captured.rhs["drag.density"]`.
   */
  readonly captured: CapturedByFunctions;
  readonly layout: { readonly u: Layout; readonly p: Layout };
  /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. */
  readonly inPlace: boolean;
  /** Shared with the problems remade from this one with other values. */
  readonly code: ProblemCode;
}

/** An initial state that is a function of parameters. */
export interface InitialState<U = unknown> {
  readonly of: (...args: never[]) => unknown;
  /** At the problem's p. */
  readonly value: U;
}

/** A scalar of a solution: any of the keys, or several together (they add up); or, by itself, one of all times at once, or of a steady state. */
export interface Loss<U = unknown, P = unknown, C = unknown> {
  /** Times of the summands of `of`. */
  readonly at?: ArrayLike<number>;
  readonly of?: (u: U, p: P, t: number, i: number, constants: C) => number;
  /**
   * Integrated over tspan, under the tolerances of the solve, whose steps it shortens where they do not resolve it. What lasts less
   * than about a thousandth of tspan, and no longer than a quarter of a step, may be missed: give `maxStep` or `stops`.
   */
  readonly integral?: (u: U, p: P, t: number, constants: C) => number;
  /** Of the state at the end of tspan. */
  readonly final?: (u: U, p: P, constants: C) => number;
  /**
   * Of the states at all times `at` together, in place of `of`: by the names of the state, of which each holds its values at the times, in
   * the order of `at`: `u.prey[i]`, for a component that is an array `u.field.get(i, j)`. For differences between times, means and
   * correlations along the trajectory; it stands alone. With events that change parameters, p is what it was at the start.
   */
  readonly all?: (u: Series<U>, p: P, constants: C) => number;
  /** Of the steady state that the dynamics reach from u0 (see `steadyState`). */
  readonly steady?: (u: U, p: P, constants: C) => number;
  /**
   * The last argument of each. Arrays of numbers are read from memory, and numbers too once they were seen to change: others in the next
   * call compile nothing, unless lengths of loops, or what the text is read for, depend on them.
   */
  readonly constants?: C;
}

/** States at several times: of each number a list, of each array an ndarray whose first axis is that of the times. */
export type Series<U> = U extends number
  ? number[]
  : U extends ArrayValue
    ? NdArray<Float64Array>
    : { -readonly [K in keyof U]: Series<U[K]> };

/** What an out-of-place function may return for a state of type U: its names, with any kind of array of the same shape. */
export type Derivative<U> = U extends number
  ? number
  : U extends NumberNdArray
    ? NumberNdArray
    : U extends ArrayValue
      ? ArrayValue
      : { readonly [K in keyof U]: Derivative<U[K]> };

/**
 * In place, rhs(du, u, p, t, constants), or out of place, rhs(u, p, t, constants). Which one it is shows only in what the
 * function returns, and TypeScript types parameters before it looks at that: so each parameter has the type of both.
 */
export type RightHandSide<U, P, C> = (
  duOrU: Mutable<U>,
  uOrP: U & P,
  pOrT: P & number,
  tOrConstants: number & C,
  constants: C,
) => Derivative<U> | void;

/** A derivative in two parts that add up. */
export interface StiffParts<U, P, C> {
  /** What decays or oscillates faster than the solution moves: it is solved for. */
  readonly stiff: RightHandSide<U, P, C>;
  /** The rest, which is taken explicitly: steps are as short as its stability asks for. */
  readonly nonstiff: RightHandSide<U, P, C>;
}

/** The derivatives of a state { position, velocity }, both of one shape. */
export type Halves<U, P, C> = U extends { readonly position: infer X; readonly velocity: infer V }
  ? {
      /** position' by the velocity alone: (velocity, p, t, constants), or in place. Of a mechanical system, the velocity itself. */
      readonly position: RightHandSide<V, P, C>;
      /** velocity' by the position alone: (position, p, t, constants), or in place. */
      readonly velocity: RightHandSide<X, P, C>;
    }
  : never;

/** See {@link OdeProblemSpec}. */
export type Preconditioner<U, P, C> = (z: Mutable<U>, r: U, u: U, p: P, t: number, d: number, constants: C) => void;

/**
 * In place, residual(r, du, u, p, t, constants), or out of place, residual(du, u, p, t, constants). Its parameters have the types of both,
 * as those of a {@link RightHandSide} have.
 */
export type Residual<U, P, C> = (
  rOrDu: Mutable<U>,
  duOrU: U,
  uOrP: U & P,
  pOrT: P & number,
  tOrConstants: number & C,
  constants: C,
) => Derivative<U> | void;

/** See `daeProblem`. */
export interface DaeProblemSpec<U, P, C> {
  /**
   * F(du, u, p, t), which is zero along a solution, du the derivative of the state by t: written to its first argument `r`, or returned;
   * in the shape of u0, an equation for each component. It has to be readable (see `explain`).
   */
  readonly residual: Residual<NoInfer<U>, NoInfer<P>, NoInfer<C>>;
  /** Initial state, as that of an {@link OdeProblemSpec}; it has to be consistent, or see `initialise`. */
  readonly u0: U;
  /**
   * The derivative of the state at tspan[0], in the shape of u0. Default: it is computed, from zeros, which matters only where
   * the equations have several solutions. What is given has to solve them to the tolerances; of a component whose derivative they do not
   * depend on it does not count.
   */
  readonly du0?: NoInfer<U>;
  /** As of an {@link OdeProblemSpec}, as all that follows. */
  readonly tspan: readonly [number, number];
  readonly p?: P;
  readonly constants?: C;
  readonly events?: Events<NoInfer<U>, NoInfer<P>, NoInfer<C>>;
  /**
   * "algebraic": what of u0 the equations determine is a guess, and so is du0. Newton's iterations correct both before the solve begins,
   * and where events or switches leave them; components whose derivatives are in the equations keep their values. Default: u0 that is
   * not consistent is an error.
   */
  readonly initialise?: "algebraic";
  readonly name?: string;
}

export interface OdeProblemSpec<U, P, C> {
  /**
   * The derivative u' at (u, p, t): written to `du`, or returned. Or in parts, for methods that take each in its own way: { position,
   * velocity } of a state of these names, for `velocityVerlet` and `kahanLi8`; { stiff, nonstiff }, whose sum it is, for `kenCarp3`,
   * `kenCarp4` and `kenCarp5`. Other methods solve the same equation. With { stiff, nonstiff } a `preconditioner` is for the stiff part.
   * `du` is 0 at the beginning of every call, so what a path leaves out is 0 on that path; what no path writes is an error,
   * `UnwrittenOutput`.
   */
  readonly rhs:
    | RightHandSide<NoInfer<U>, NoInfer<P>, NoInfer<C>>
    | StiffParts<NoInfer<U>, NoInfer<P>, NoInfer<C>>
    | Halves<NoInfer<U>, NoInfer<P>, NoInfer<C>>;
  /**
   * Initial state, at tspan[0]: a number, an array, a typed array, an ndarray, or a nested object of those. Or a function of the parameters
   * that returns it, `(p) => ({ gut: p.dose, blood: 0 })`: what is solved for other p begins where that says, and derivatives by p are
   * through it too, unless a u0 is given beside p. For TypeScript it comes before `rhs`, or has its parameter's type.
   */
  readonly u0: U | ((p: NoInfer<P>, constants: NoInfer<C>) => U);
  /** Start and end of time, in the units of `rhs`; the end may be the earlier one. */
  readonly tspan: readonly [number, number];
  /** Parameters, of the same kinds as the state; default none. */
  readonly p?: P;
  /**
   * What else `rhs` reads: sizes, tables, helper functions, work buffers. Never differentiated. Scalars
   * are compiled in; arrays of numbers are data, but where lengths of loops or indices follow from them alone.
   */
  readonly constants?: C;
  /** Changes of the state, and ends of the solve, at given times or where a condition crosses zero: one, or a list. Default none. */
  readonly events?: Events<NoInfer<U>, NoInfer<P>, NoInfer<C>>;
  /** Derivatives of `rhs` of your own, for `vjp: "user"` and implicit solvers (`jac`); checked against derived ones when first used. */
  readonly derivatives?: Derivatives<NoInfer<U>, NoInfer<P>, NoInfer<C>>;
  /**
   * For methods that solve their linear systems by `gmres()`: writes to z what solves P z = r, linearly in r, for a P that is near
   * d I − ∂rhs/∂u at (u, p, t), where d is about the reciprocal of a step. It saves iterations, and changes no solution.
   */
  readonly preconditioner?: Preconditioner<NoInfer<U>, NoInfer<P>, NoInfer<C>>;
  /**
   * M of M u' = rhs(u, p, t), constant; default the identity. Where it is singular, some equations are algebraic, 0 = rhs: they have to
   * hold at the start (see `initialise`), and to determine the components that no derivative is given of (index 1). It takes an implicit
   * solver; the default is then rodas5P. By rows, flat by rows, or as { rows, columns, values } of its entries; a diagonal also as a
   * vector or by component, { x: 1, y: 1, z: 0 }.
   */
  readonly massMatrix?: MassMatrixSpec<NoInfer<U>>;
  /**
   * "algebraic": what of u0 the algebraic equations determine is a guess, which Newton's iterations correct before the solve begins, and
   * where events or times at which the right-hand side switches leave it. Default: equations that do not hold there are an error.
   */
  readonly initialise?: "algebraic";
  /** For messages; default the function's own name. */
  readonly name?: string;
}
