/** What every vjp backend is: one interface, with what it can do stated as data. */
import type { ProblemCode } from "../../src/code.ts";
import type { External, Program } from "../../src/program/ir.ts";

export interface Capabilities {
  /** Reads the function's text; without it the function is only called. */
  readonly needsText: boolean;
  readonly mutation: boolean;
  readonly branches: boolean;
  /** Can itself be differentiated in forward mode, for second derivatives. */
  readonly secondOrder: boolean;
}

/** Vector-Jacobian products of a right-hand side, callable from generated programs. */
export interface PreparedVjp {
  /** (input u[n], input p[np], scalar t, input du_bar[n], output u_bar[n]): u_bar = (∂f/∂u)ᵀ du_bar. */
  readonly wrtU: Program | External;
  /** (input u[n], input p[np], scalar t, input du_bar[n], output p_bar[np]): p_bar = (∂f/∂p)ᵀ du_bar. */
  readonly wrtP: Program | External;
}

export interface VjpBackend {
  readonly name: string;
  readonly capabilities: Capabilities;
  prepare(code: ProblemCode): PreparedVjp;
}
