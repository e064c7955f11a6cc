/** A right-hand side of the matrix, as data. */
import { odeProblem, type OdeProblem, type OdeProblemSpec } from "../../src/problem/problem.ts";

export interface Traits {
  /** Recursion, growing lists, maps, classes, exceptions: beyond programs. */
  readonly dynamic?: true;
  /** The function's text cannot be had. */
  readonly noText?: true;
  /** The inputs that the function uses through array operations only, or not at all. Default none. */
  readonly arrays?: readonly ("u" | "p")[];
}

export interface Scenario {
  readonly name: string;
  readonly problem: OdeProblem;
  readonly t: number;
  readonly traits: Traits;
}

export type Spec<U, P, C> = Omit<OdeProblemSpec<U, P, C>, "tspan" | "name"> & {
  readonly name: string;
  /** Default 0.5. */
  readonly t?: number;
  readonly traits?: Traits;
};

/** Its point is (u0, p, t); the function is smooth within a relative distance of `RADIUS` of it (see jacobian.ts). */
export function scenario<U, P = number[], C = unknown>({ name, t = 0.5, traits = {}, ...spec }: Spec<U, P, C>): Scenario {
  return { name, t, traits, problem: odeProblem({ ...spec, name, tspan: [t, t + 1] } as OdeProblemSpec<U, P, C>) as OdeProblem };
}
