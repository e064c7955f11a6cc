/** What every vjp backend is: one interface, with what it can do stated as data. */
import type { Arena } from "../../src/compile/arena.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { External, Program } from "../../src/ir/ir.ts";

export interface Capabilities {
  /** Reads the function's text; without it the function is only called. */
  readonly needsText: boolean;
  /** Scalar arithmetic on components; otherwise whole-array operations only. */
  readonly scalars: boolean;
  /** Arrays that the function overwrites. */
  readonly mutation: boolean;
  /** Branches and loops that depend on values. */
  readonly branches: boolean;
  /** Objects, growing lists, recursion, exceptions. */
  readonly dynamic: boolean;
  /** Gives programs, which can be differentiated again and compiled into a step; otherwise functions of the host. */
  readonly programs: boolean;
  /** Exact to rounding. */
  readonly exact: boolean;
  /** Takes only problems that come with derivatives of their own. */
  readonly needsDerivatives?: boolean;
  /** Which products cost about one call of the function, whatever its size; what is not among them is made of those. */
  readonly modes: readonly ("forward" | "reverse")[];
}

/** What a backend's products cost, about, in calls of the compiled right-hand side or of the plain function. */
export interface VjpCost {
  readonly unit: "compiled" | "plain";
  readonly u: number;
  readonly p: number;
}

export interface VjpRequest {
  readonly code: ProblemCode;
  /** Where functions of the host find their arguments; not committed yet. */
  readonly arena: Arena;
  readonly target: Target;
  /** Numbers that tapes of data-dependent loops hold. A vjp program that needs more returns how many, and NaN for gradients. */
  readonly tapeCapacity?: number;
}

/** Vector-Jacobian products of a right-hand side, callable from generated programs. Addresses are in the request's arena. */
export interface PreparedVjp {
  /** (input u[n], input p[np], scalar t, input du_bar[n], output u_bar[n]): u_bar = (∂f/∂u)ᵀ du_bar. */
  readonly wrtU: Program | External;
  /** (input u[n], input p[np], scalar t, input du_bar[n], output p_bar[np]): p_bar = (∂f/∂p)ᵀ du_bar. */
  readonly wrtP: Program | External;
  /** Both in one call: (input u[n], input p[np], scalar t, input du_bar[n], output u_bar[n], output p_bar[np]). Absent: two calls. */
  readonly wrtBoth?: Program | External;
  /** Of backends with the forward mode: by their names, u, p, t, u_dot[n] and p_dot[np] to du_dot[n]. */
  readonly jvp?: Program | External;
  /** Of backends whose vjps are no programs, but can be derived again: by the names that forward mode over wrtU and wrtP has. */
  readonly hvp?: Readonly<Record<"u" | "p", External>>;
}

export interface VjpBackend {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** To choose by; asked only about functions that the backend can take. */
  readonly cost: (code: ProblemCode) => VjpCost;
  /** Throws BackendRefused, or ReadError from a backend that needs the text, where it cannot take the function. */
  prepare(request: VjpRequest): PreparedVjp;
}
