/** How the linear systems of Newton's iterations are solved, where a method is asked for another way than by factors. */
import { memo } from "../../src/core/memo.ts";
import { checkOptions, type Check, type Checks } from "../../src/core/options/check.ts";
import { BadOption } from "../../src/core/errors.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { isProgram } from "../../src/ir/ir.ts";
import { krylovSolve } from "./krylov-solve.ts";
import { MassMatrixRefused, MatrixFreeRefused, MissingJacobian } from "../step/errors.ts";
import type { Linearization } from "../step/factorized-system.ts";
import type { Method } from "../step/method.ts";
import type { System } from "../step/system.ts";

export interface GmresOptions {
  /** Iterations after which it begins anew from what it has: as many vectors of the state's size are kept. Default 20. */
  readonly restart?: number;
}

export interface Gmres {
  readonly name: "gmres";
  readonly restart: number;
}

/** Options of methods whose steps are solved by Newton's iterations. */
export interface NewtonOptions {
  /**
   * `gmres()` solves their linear systems by products with the Jacobian, none of whose entries is formed: for large systems whose factors
   * would fill up, as those of two- and three-dimensional problems do. Default: LU of what may differ from zero.
   */
  readonly linearSolver?: Gmres;
}

const restart: Check = (value, what) => {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= MOST_RESTART) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a whole number from 1 to ${MOST_RESTART}.`);
};

/** Vectors that nobody needs. */
const MOST_RESTART = 1000;

const gmresChecks: Checks<GmresOptions> = { restart };

/**
 * Matrix-free Newton–Krylov iterations, as an option of `fbdf` and of the diagonally implicit methods: `fbdf({ linearSolver: gmres() })`. Each
 * of Newton's corrections is solved for by GMRES to a twentieth of what Newton's iterations may leave, with directional derivatives of the
 * right-hand side, and a vector of the state's size for each of its iterations is all the memory it takes. Its gradients solve with the
 * transpose, by vector-Jacobian products. A problem's `preconditioner` saves iterations, there by its transpose.
 *
 * Y. Saad, M. H. Schultz, SIAM J. Sci. Stat. Comput. 7 (1986) 856–869; P. N. Brown, A. C. Hindmarsh, Matrix-free methods for stiff systems of
 * ODE's, SIAM J. Numer. Anal. 23 (1986) 610–638.
 *
 * @throws UnknownOption, BadOption
 */
export function gmres(options: GmresOptions = {}): Gmres {
  checkOptions(options, gmresChecks, "gmres");
  return { name: "gmres", restart: options.restart ?? 20 };
}

const linearSolver: Check = (value, what) => {
  const isGmres = typeof value === "object" && value !== null && (value as { readonly name?: unknown }).name === "gmres";
  if (!isGmres) throw new BadOption(`${what} is ${shown(value)}, but must be gmres(), or be left out.`);
  restart((value as Partial<Gmres>).restart, `${what}.restart`);
};

const newtonChecks: Checks<NewtonOptions> = { linearSolver };

/** What of a method its options say. */
export function newtonOptions(method: string, options: NewtonOptions): Pick<Method, "linearSolver"> {
  checkOptions(options, newtonChecks, method);
  return options.linearSolver ? { linearSolver: options.linearSolver } : {};
}

/** What the steps of a method know of the system's Jacobian. Throws {@link MissingJacobian}, {@link MatrixFreeRefused}, {@link MassMatrixRefused}. */
export function linearizationOf({ name, linearSolver }: Method, system: System): Linearization {
  if (linearSolver) return matrixFree(name, system, linearSolver.restart);
  if (!system.jacobian) throw new MissingJacobian(name);
  return system.jacobian;
}

const matrixFree = memo(
  (name: string, { n, np, rhs, mass, preconditioner }: System, restart: number): Linearization => {
    if (!isProgram(rhs)) throw new MatrixFreeRefused(name);
    if (mass) throw new MassMatrixRefused(`${name} with gmres()`, "its algebraic equations need the entries of the Jacobian");
    return { n, np, rhs, preconditioner, restart, solve: krylovSolve };
  },
  { by: (_name, system, restart) => [system, restart] },
);
