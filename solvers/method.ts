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

/** By name, the methods of that name, each of another kind: anyone may make a method. */
const kinds = new Map<string, Method[]>();

/** What is made for a method is kept by this: those that are alike in all but the length of their steps share it. */
export function methodKey(method: Method): string {
  const { name } = method;
  let known = kinds.get(name);
  if (!known) kinds.set(name, (known = []));
  let place = 0;
  while (place < known.length && !isAlike(known[place], method)) place++;
  if (place === known.length) known.push(method);
  return place === 0 ? name : `${name}#${place}`;
}

function isAlike(a: Method, b: Method): boolean {
  return a.family === b.family && a.order === b.order && "dt" in a === "dt" in b && isSame(a.tableau, b.tableau);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => isSame(x, b[i]));
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return keys.length === others.length && keys.every((key) => isSame((a as Bag)[key], (b as Bag)[key]));
}

type Bag = Readonly<Record<string, unknown>>;
