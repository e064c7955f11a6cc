/** Named problems solved with no solver and no tolerance named: true errors of at most a hundred times the tolerance, 1e-6. */
import { describe, expect, it } from "vitest";
import { problemTable, type NamedProblem, type Reference } from "../../problems/index.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { DEFAULT_TOLERANCE } from "../../solvers/step-loop/tolerances.ts";
import type { Loss } from "../../src/problem/problem.ts";
import { pack } from "../../src/arrays/pack.ts";

const MOST = 100 * DEFAULT_TOLERANCE;

/** Why it is no fault of the choice; each is held to miss, so that one that no longer does leaves the list. */
const missing: Readonly<Record<string, string>> = {
  lorenz: "chaotic: by the end an error is ten million times as large as it was",
  e5: "what components of 1e-18 are left with is rounding of what they were, 1e-10, and cancel",
};

describe.each(Object.entries(problemTable))("%s", (name, { make }) => {
  const { problem, loss, reference = {} as Reference } = make({}) as NamedProblem;
  const errorOf = (): number => {
    const { u, states } = solve(problem, { saveat: [problem.tspan[1]] });
    if (reference.end) return relativeError(states.at(-1)!, pack(problem.layout.u, reference.end, "reference"));
    const { final, constants } = loss as Loss<unknown, unknown, unknown> & {
      final: (...args: unknown[]) => number;
      constants?: unknown;
    };
    return Math.abs(final(u.at(-1), problem.p, constants) / reference.loss! - 1);
  };
  const isKnown = reference.end !== undefined || (reference.loss !== undefined && "final" in loss);
  if (!isKnown) it("has no known end", () => expect(reference.end).toBeUndefined());
  else if (name in missing) it(missing[name], () => expect(isMissed(errorOf)).toBe(true));
  else it("errs by a hundred times the tolerance at most", () => expect(errorOf()).toBeLessThan(MOST));
});

function isMissed(errorOf: () => number): boolean {
  try {
    return errorOf() > MOST;
  } catch {
    return true;
  }
}

/** Of the component that errs most, by its size and the largest one's, as tolerances count. */
function relativeError(u: ArrayLike<number>, reference: Float64Array): number {
  const largest = Math.max(...reference.map(Math.abs));
  return Math.max(...Array.from(reference, (value, i) => Math.abs(u[i] - value) / (Math.abs(value) + largest)));
}
