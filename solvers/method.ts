/** Methods are plain descriptions: a family, which brings the step's body, and a tableau. */
import type { ExplicitTableau } from "./explicit/tableau.ts";
import type { RosenbrockTableau } from "./rosenbrock/tableau.ts";

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
