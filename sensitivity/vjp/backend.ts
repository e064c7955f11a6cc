/** The interface of vjp backends, with what they can do stated as data. */
import type { Arena } from "../../src/compile/arena.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { External, Program } from "../../src/ir/ir.ts";

/** What a backend can do. */
export interface Capabilities {
  /** Whether it needs the function's text. If not, it only calls the function. */
  readonly needsText: boolean;
  /** Whether it follows the function's own calls, which takes one function. Default: no. */
  readonly records?: true;
  /** Whether it takes scalar arithmetic on components. If not, it takes operations on whole arrays only. */
  readonly scalars: boolean;
  /** Whether it takes functions that overwrite arrays. */
  readonly mutation: boolean;
  /** Whether it takes branches and loops that depend on values. */
  readonly branches: boolean;
  /** Whether it takes objects, lists that grow, recursion and exceptions. */
  readonly dynamic: boolean;
  /** Whether it gives programs, which can be differentiated again and compiled into a step. If not, it gives functions of the host. */
  readonly programs: boolean;
  /** Whether its products are exact to rounding. */
  readonly exact: boolean;
  /** Whether it takes only problems that come with derivatives of their own. */
  readonly needsDerivatives?: boolean;
  /** The products that cost about one call of the function, whatever its size. The others are made of these. */
  readonly modes: readonly ("forward" | "reverse")[];
}

/** The rough cost of a backend's products, in calls of the compiled right-hand side or of the plain function. */
export interface VjpCost {
  readonly unit: "compiled" | "plain";
  readonly u: number;
  readonly p: number;
}

/** What a backend is to prepare products for. */
export interface VjpRequest {
  readonly code: ProblemCode;
  /** The memory in which functions of the host find their arguments. It is not committed yet. */
  readonly arena: Arena;
  readonly target: Target;
  /** The numbers that tapes of data-dependent loops hold. A vjp program that needs more returns how many, and NaN for gradients. */
  readonly tapeCapacity?: number;
}

/** Vector-Jacobian products of a right-hand side, callable from generated programs. Addresses are in the request's arena. */
export interface PreparedVjp {
  /** (input u[n], input p[np], scalar t, input du_bar[n], output u_bar[n]): u_bar = (∂f/∂u)ᵀ du_bar. */
  readonly wrtU: Program | External;
  /** (input u[n], input p[np], scalar t, input du_bar[n], output p_bar[np]): p_bar = (∂f/∂p)ᵀ du_bar. */
  readonly wrtP: Program | External;
  /** Both in one call: (input u[n], input p[np], scalar t, input du_bar[n], output u_bar[n], output p_bar[np]). Absent where it takes two. */
  readonly wrtBoth?: Program | External;
  /** The forward mode, where a backend has it: from the parameters u, p, t, u_dot[n] and p_dot[np] to du_dot[n], by these names. */
  readonly jvp?: Program | External;
  /** Second derivatives, where vjps are no programs but can be derived again; parameters are named as in forward mode over wrtU and wrtP. */
  readonly hvp?: Readonly<Record<"u" | "p", External>>;
}

/** A row of the table of backends. */
export interface VjpBackend {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Tells the planner the cost. It is asked only about functions that the backend can take. */
  readonly cost: (code: ProblemCode) => VjpCost;
  /**
   * Prepares the products of a right-hand side.
   *
   * @throws BackendRefused, or ReadError from a backend that needs the text, where it cannot take the function.
   */
  prepare(request: VjpRequest): PreparedVjp;
}
