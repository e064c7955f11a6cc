/** A method is a family, which brings the step's body, and a tableau of that family. */
import { memo } from "../../src/core/memo.ts";
import { BadSolver } from "./errors.ts";
import { checkOptions, type Check } from "../../src/core/options/check.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { Controller, StepControl } from "./controller.ts";
import type { AdjointParts } from "./adjoint.ts";
import type { StepPrograms } from "./builder.ts";
import { isController } from "./controllers.ts";
import type { LinearSystems } from "./linear-systems.ts";
import type { System } from "./system.ts";

export interface Method<Tableau = unknown> {
  /** As it is published. */
  readonly name: string;
  readonly order: number;
  readonly family: Family<Tableau>;
  readonly tableau: Tableau;
  /** The length of every step, for methods without an error estimate; its sign does not matter. */
  readonly dt?: number;
  /** How its steps are judged and chosen, where a solve asks for something else than its family's way. */
  readonly control?: StepControl;
  /** Of methods that iterate: how their linear systems are solved, where not by factors. */
  readonly linearSolver?: { readonly name: "gmres"; readonly restart: number };
}

/** All methods whose steps have one body. */
export interface Family<Tableau> {
  readonly name: string;
  /** Whether its steps solve linear systems with the Jacobian, which makes them fit for stiff problems. */
  readonly implicit: boolean;
  /** Of implicit ones: what is known of these systems. */
  readonly linearSystems?: LinearSystems;
  /** Whether its steps solve M u' = f, where the system has an M: f is not the derivative there. Default: no. */
  readonly takesMass?: boolean;
  /** Whether they do so again and again, by Newton's iterations. */
  readonly iterates?: true;
  /** Whether its steps move position and velocity in turns, of a right-hand side that is stated so. */
  readonly alternates?: true;
  /** Whether its steps use the Jacobian though they solve no systems with it. */
  readonly usesJacobian?: true;
  /** The programs of a method's step. Throws {@link MissingJacobian} where it needs one that the system lacks. */
  step(method: Method<Tableau>, system: System): StepPrograms;
  /** By default. */
  controller(method: Method<Tableau>): Controller;
  /** Boundary of the stability domain on the negative real axis, where it limits the steps. */
  stability(tableau: Tableau): number | undefined;
  /**
   * The adjoint of a step, where one that is written by hand is faster than the derived one: see adjoint.ts, and
   * derived-adjoint.ts for the other. `interpolated`: there were losses within the step.
   */
  adjoint?(method: Method<Tableau>, parts: AdjointParts, interpolated: boolean): Program;
}

/** Boundary of the stability domain, on the negative real axis, of a method whose steps it limits and whose errors are controlled. */
export function boundaryOf(method: Method): number | undefined {
  return method.dt === undefined ? boundaryOfTableau(method) : undefined;
}

const boundaryOfTableau = memo(({ family, tableau }: Method): number | undefined => family.stability(tableau), {
  by: ({ tableau }) => [tableau as object],
});

/** Methods that control their error have none: tolerances are those of the solve. */
export type NoOptions = Readonly<Record<string, never>>;

export function requireNoOptions(method: string, options: NoOptions): void {
  checkOptions(options, {}, method);
}

/** For callers without types: a name is no method, and neither is a constructor that was not called. */
export const solver: Check = (value, what) => {
  const family = typeof value === "object" && value !== null && "tableau" in value && "family" in value && value.family;
  if (typeof family !== "object" || family === null || !("step" in family)) throw new BadSolver(value, what);
};

/** The methods of a name, each of another kind: anyone may make a method. */
const kindsNamed = memo((_name: string): Method[] => []);

/** What is made for a method is kept by this: those that are alike in all but the length of their steps share it. */
export function kindOf(method: Method): object {
  const kinds = kindsNamed(method.name);
  for (const kind of kinds) if (isAlike(kind, method)) return kind;
  // What is kept for it would be wrong for the tableau that became of this one.
  freeze(method.tableau);
  const kind = { ...method };
  kinds.push(kind);
  return kind;
}

/** Whatever is changed in it from now on throws. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

function isAlike(a: Method, b: Method): boolean {
  const isSameStep = a.family === b.family && a.order === b.order && "dt" in a === "dt" in b && isSame(a.tableau, b.tableau);
  return isSameStep && isSameControl(a.control, b.control) && isSame(a.linearSolver, b.linearSolver);
}

/** Programs are the same where they are one. */
function isSameControl(a: StepControl = {}, b: StepControl = {}): boolean {
  const isAsked = isController(a.controller) && isController(b.controller);
  return (
    a.norm === b.norm &&
    isSame(a.positive, b.positive) &&
    (isAsked ? isSame(a.controller, b.controller) : a.controller === b.controller)
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => isSame(x, b[i]));
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return keys.length === others.length && keys.every((key) => isSame((a as Bag)[key], (b as Bag)[key]));
}

type Bag = Readonly<Record<string, unknown>>;
