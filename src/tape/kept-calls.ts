/**
 * What a function keeps from one call to the next, as in a cache, is a constant to a tape: what was computed there in an earlier call has no
 * derivative. Values do not show that, but differences do.
 */
import { ifItCanBe } from "../operations/calling.ts";
import { keptBy, remembering } from "../problem/kept.ts";
import type { Operator } from "../problem/operator.ts";
import type { Inputs } from "../problem/plain-operator.ts";
import { pseudoRandom } from "../problem/pseudo-random.ts";
import { ReadBeforeWrite } from "../read/syntax/errors.ts";

/** Relative steps of differences, which agree where a function is smooth. */
const STEPS = [1e-5, 3e-6];
/** Relative, of sums of terms that may cancel. */
const ALLOWED = 1e-4;
/** Of the values, which differences round. */
const ROUNDING = 1e-12;

/**
 * Compares the tape's derivatives at a point with differences, where calls elsewhere change what the function keeps. `along`: the tape's
 * derivative of the weighted sum of what it gives, by each number that it takes. Throws {@link ReadBeforeWrite}.
 */
export function requireNothingKept(
  operator: Operator,
  inputs: Inputs,
  along: (weights: Float64Array) => ArrayLike<number>,
): void {
  const before = remembering(keptBy(operator));
  const random = pseudoRandom();
  const weights = Float64Array.from({ length: operator.output.layout.size }, random);
  const directions = inputs.map((input) =>
    typeof input === "number" ? [0] : Array.from(input, (x) => (0.5 + random() / 4) * (Math.abs(x) || 1)),
  );
  const valueAt = (by: number): number => {
    const into = new Float64Array(weights.length);
    const moved = inputs.map((input, k) => (typeof input === "number" ? input : input.map((x, i) => x + by * directions[k][i])));
    operator.evaluate(into, moved);
    return into.reduce((sum, x, i) => sum + weights[i] * x, 0);
  };
  const compared = ifItCanBe(() => {
    const value = valueAt(0);
    valueAt(STEPS[0]);
    const name = before.changed();
    if (name === undefined) return undefined;
    const [one, other] = STEPS.map((by) => (valueAt(by) - valueAt(-by)) / (2 * by));
    valueAt(0);
    const adjoints = along(weights);
    const terms = directions.flat().map((direction, i) => direction * adjoints[i]);
    const slope = terms.reduce((sum, x) => sum + x, 0);
    const allowed = ALLOWED * terms.reduce((sum, x) => sum + Math.abs(x), Math.abs(one)) + ROUNDING * Math.abs(value / STEPS[1]);
    return { name, slope, one, isWrong: Math.abs(one - other) <= allowed && Math.abs(one - slope) > 2 * allowed };
  });
  before.putBack();
  if (!compared?.isWrong) return;
  const { name, slope, one } = compared;
  throw new ReadBeforeWrite({
    name: operator.name,
    what:
      `it keeps \`${name}\` from call to call, and what an earlier call left there has no derivative: along one direction its derivative would be ` +
      `${slope.toPrecision(4)}, and differences give ${one.toPrecision(4)}`,
    construct: name,
    remedy: "Compute in each call what depends on u, p or t. A cache of what depends on none of them may stay.",
  });
}
