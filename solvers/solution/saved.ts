/** Solutions that were written as JSON, read back. */
import { componentNames, ownLayout } from "../../src/arrays/layout.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import { describe, isPlainObject } from "../../src/core/array-values.ts";
import { requireProblem, type OdeProblem } from "../../src/problem/problem.ts";
import { BadRecord } from "./errors.ts";
import type { SolutionRecord } from "./solution.ts";

/** What is known of a solution that was written: not its dense output, so that there is no `at`. */
export interface SavedSolution<U> extends Omit<SolutionRecord, "t"> {
  readonly t: Float64Array;
  /** The saved states in the shape of u0. */
  readonly u: Shaped<U>[];
}

/**
 * Reads what `JSON.stringify(solution)` wrote, to the last bit.
 *
 * @param text - The JSON.
 * @param problem - The problem, or another with states of the same names and shapes.
 * @returns Times and states, and how the solve went.
 * @throws BadRecord for what is no solution, or of other components.
 * @example
 * const { t, u } = solutionFromJson(JSON.stringify(solve(problem)), problem);
 */
export function solutionFromJson<U, P, C>(text: string, problem: OdeProblem<U, P, C>): SavedSolution<U> {
  requireProblem(problem, "solutionFromJson");
  const record = recordIn(text);
  const layout = ownLayout(problem.layout.u);
  const names = componentNames(layout, "u");
  if (String(record.names) !== String(names)) {
    throw new BadRecord(`It is of ${record.names.join(", ")}, and the problem's states are of ${names.join(", ")}.`);
  }
  const states = record.states.map((state) => Float64Array.from(state));
  return { ...record, t: Float64Array.from(record.t), u: states.map((state) => unpack<U>(layout, state)) };
}

function recordIn(text: unknown): SolutionRecord {
  if (typeof text !== "string") throw new BadRecord(`It is ${describe(text)}, but must be a text.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadRecord(`It is no JSON: ${(cause as Error).message}.`, { cause });
  }
  if (!isPlainObject(value) || !isList(value.names) || !isNumbers(value.t) || !isList(value.states)) {
    throw new BadRecord("It has no names, t and states. Write it by JSON.stringify(solution).");
  }
  const { names, t, states } = value;
  const isWhole = states.length === t.length && states.every((state) => isNumbers(state) && state.length === names.length);
  if (!isWhole)
    throw new BadRecord(`It is cut off or changed: there are not ${names.length} numbers for each of ${t.length} times.`);
  return value as unknown as SolutionRecord;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isNumbers = (value: unknown): value is readonly number[] => isList(value) && value.every((x) => Number.isFinite(x));
