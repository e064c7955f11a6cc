/** Methods are plain descriptions: a family, which brings the step's body, and a tableau. */
import type { ExplicitTableau } from "./explicit/tableau.ts";
import type { RosenbrockTableau } from "./rosenbrock/tableau.ts";
import { BadSolver } from "../src/errors.ts";
import { checkOptions, type Check } from "../src/options/check.ts";

interface MethodTraits {
  readonly name: string;
  readonly order: number;
}

export interface ExplicitMethod extends MethodTraits {
  readonly family: "explicit";
  readonly tableau: ExplicitTableau;
  /** The length of every step, for methods without an error estimate; its sign does not matter. */
  readonly dt?: number;
}

/** Needs the system's Jacobian. */
export interface RosenbrockMethod extends MethodTraits {
  readonly family: "rosenbrock";
  readonly tableau: RosenbrockTableau;
}

export type Method = ExplicitMethod | RosenbrockMethod;

/** Methods that control their error have none: tolerances are those of the solve. */
export type NoOptions = Readonly<Record<string, never>>;

export function requireNoOptions(method: string, options: NoOptions): void {
  checkOptions(options, {}, method);
}

/** For callers without types: a name is no method, and neither is a constructor that was not called. */
export const solver: Check = (value, what) => {
  if (typeof value !== "object" || value === null || !("tableau" in value)) throw new BadSolver(value, what);
};
