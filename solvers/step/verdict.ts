/**
 * What a step says of itself besides its error: a status, where it has something to point at an entry of its Jacobian, and what it
 * took. It writes them into an array of f64s, by these names; counts are added to.
 */
import type { Builder } from "../../src/ir/builder.ts";
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import { numbered } from "../../src/ir/registers.ts";

/** What a step counts. */
export const COUNTERS = [
  "rhsCalls",
  "jacobians",
  "factorizations",
  "linearSolves",
  "newtonIterations",
  "linearIterations",
] as const;
export type Counter = (typeof COUNTERS)[number];

/**
 * `status`: of a step that may fail otherwise than by its error, the number of one of {@link statuses}; other steps leave it alone.
 * `entry`: zero, or 1 + the number of the first entry of the Jacobian that was not finite, by its pattern, behind them the components
 * of ∂f/∂t. `factor`: of a method that chooses its steps itself, by what the length of this one is multiplied for the next one, or for
 * the next try.
 */
export const verdict = numbered(["status", "entry", "factor", ...COUNTERS]);
export const VERDICT_SIZE = Object.keys(verdict).length;

/**
 * How a try ended, what a solve that ends with it is told, and by what its length is multiplied for the next try: NaN where the
 * controller says so. A step with a status other than the first has an infinite error.
 */
export const statuses = [
  { name: "judged", result: "stepUnderflow", factor: NaN },
  { name: "nonFinite", result: "nonFiniteDerivative", factor: 0.2 },
  { name: "singular", result: "singularMatrix", factor: 0.25 },
  { name: "notConverged", result: "convergenceFailure", factor: 0.25 },
  { name: "tooManyStages", result: "stepUnderflow", factor: 0.5 },
] as const;
export type Status = (typeof statuses)[number]["name"];
export type FailedStep = (typeof statuses)[number]["result"];

/** By name. */
export const status = numbered(statuses.map(({ name }): Status => name));

/** Adds to a count. */
export function count(b: Builder, { array, offset }: ArrayArgument, counter: Counter, by: number | Value): void {
  const at = b.operation("i32.add", offset, b.i32(verdict[counter]));
  b.accumulate(array, at, typeof by === "number" ? b.f64(by) : by);
}

export function say(b: Builder, { array, offset }: ArrayArgument, name: "status" | "entry" | "factor", value: Value): void {
  b.store(array, b.operation("i32.add", offset, b.i32(verdict[name])), value);
}
