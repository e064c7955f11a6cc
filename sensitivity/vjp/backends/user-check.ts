/** The check of derivatives that an author gives, against derived ones. */
import { componentName } from "../../../src/arrays/layout.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import { DerivativeMismatch } from "../../../src/core/errors.ts";
import { pointsNear } from "../../../src/problem/near.ts";
import type { ReferenceVjps } from "./reference.ts";
import type { HostVjp } from "../host.ts";

/** A derivative that is checked. */
export interface GivenDerivative {
  readonly code: ProblemCode;
  /** The name under which it is given: "jac", "vjp", … */
  readonly name: string;
  readonly input: "u" | "p";
  readonly given: HostVjp;
  readonly derived: ReferenceVjps;
}

/** The relative difference of an entry that is allowed. */
const RELATIVE = 1e-6;
/** The difference that is allowed relative to the largest entry, for what cancellation leaves of small ones. */
const CANCELLATION = 1e-11;
/** The factor on an estimated error, which is no bound. */
const SAFETY = 10;

/**
 * Compares the entries of the Jacobian, one row for each cotangent. At a kink of the function both may be right and differ, so where they
 * do, points near it decide.
 *
 * @throws {@link DerivativeMismatch}
 */
export function checkAgainstDerived(checked: GivenDerivative, u: Float64Array, p: Float64Array, t: number): void {
  const mismatch = mismatchAt(checked, u, p, t);
  if (!mismatch) return;
  const near = pointsNear({ u0: u, p }).map((point) => mismatchAt(checked, point.u0, point.p, t));
  if (near.some((found) => found !== undefined)) throw mismatch;
}

function mismatchAt(
  { code, name, input, given, derived }: GivenDerivative,
  u: Float64Array,
  p: Float64Array,
  t: number,
): DerivativeMismatch | undefined {
  const by = input === "u" ? "wrtU" : "wrtP";
  const { size } = code.layout[input];
  const n = code.layout.u.size;
  const [actual, expected, error] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  const compare = (v: Float64Array, row: string): DerivativeMismatch | undefined => {
    given(actual, u, p, t, v);
    derived[by](expected, u, p, t, v);
    derived.errors?.[by](error, u, p, t, v);
    const j = firstDifference(actual, expected, error);
    if (j < 0) return undefined;
    return new DerivativeMismatch(
      `${code.name}, derivatives.${name}: ∂(${row})/∂(${componentName(code.layout[input], j, input)}) is ${actual[j]}, but the derivative of the ` +
        `function (${derived.by}) is ${expected[j]}, at t = ${t}. Correct ${name}, or leave it out: what is not given is derived.`,
    );
  };
  const rows = Math.min(n, MOST_ROWS);
  for (let r = 0; r < rows; r++) {
    const i = Math.floor((r * n) / rows);
    const unit = new Float64Array(n);
    unit[i] = 1;
    const mismatch = compare(unit, componentName(code.layout.u, i, "du"));
    if (mismatch) return mismatch;
  }
  if (rows === n) return undefined;
  return compare(
    Float64Array.from({ length: n }, (_, i) => Math.cos(i)),
    "all components, weighted",
  );
}

/** The largest number of rows that are compared. Where there are more, a weighted sum of all rows is compared too. */
const MOST_ROWS = 32;

function firstDifference(actual: Float64Array, expected: Float64Array, error: Float64Array): number {
  const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  return actual.findIndex((x, j) => {
    const y = expected[j];
    return !(Math.abs(x - y) <= RELATIVE * Math.max(Math.abs(x), Math.abs(y)) + CANCELLATION * largest + SAFETY * error[j]);
  });
}
