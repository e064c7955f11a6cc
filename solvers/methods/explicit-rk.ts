import { checkOptions, requireKeys, type Checks } from "../../src/core/options/check.ts";
import { count, finite, list, listOf, positive, text } from "../../src/core/options/kinds.ts";
import { bootstrapped } from "../families/explicit/bootstrap.ts";
import { explicit } from "../families/explicit/family.ts";
import { largestDefect } from "../families/explicit/order-conditions.ts";
import { BadTableau } from "../step/errors.ts";
import { fixedStep } from "../step/fixed-step.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

/** A Butcher tableau as it is printed. */
export interface ButcherTableau {
  /** For messages. Default: "explicitRK". */
  readonly name?: string;
  /** 1 to 10. */
  readonly order: number;
  /** Times of the stages, in steps; the first is 0. */
  readonly c: readonly number[];
  /** Rows of the stages, each with what stands left of the diagonal, or with zeros behind that; the first may be empty. */
  readonly A: readonly (readonly number[])[];
  readonly b: readonly number[];
  /**
   * Weights of an embedded method, from whose difference the error is estimated: one a stage, and one more where it uses the derivative
   * at the step's end. Its order is found from its conditions. Absent: steps of the length `dt`.
   */
  readonly embedded?: readonly number[];
  /** The length of every step, in units of t, where there is no embedded method. */
  readonly dt?: number;
}

const row = listOf(finite);
const checks: Checks<ButcherTableau> = {
  name: text,
  order: count,
  c: row,
  A: (value, what) => (list(value, what), listOf(row)(value, what)),
  b: row,
  embedded: row,
  dt: positive,
};

const HIGHEST_ORDER = 10;
/** What may be left of a row's sum or a condition whose terms are of size one: coefficients of less than twelve digits are refused. */
const ROUNDING = 1e-11;

/**
 * An explicit Runge–Kutta method of your own. The tableau is held to what it says of itself: each row sums to its time, and all
 * conditions of its order are met (Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, II.2). Dense output of an order
 * less by one, so that it errs by as much as the step: the cubic Hermite polynomial up to order 4, beyond that with derivatives at
 * further points (Enright, Jackson, Nørsett, Thomsen 1986), which are taken only for steps that are interpolated.
 *
 * Throws {@link BadTableau} where shapes, sums or conditions do not fit, {@link MissingStepSize} without `embedded` and without `dt`,
 * and BadOption or UnknownOption where a value or a key is none.
 */
export function explicitRK(given: ButcherTableau): ExplicitMethod {
  checkOptions(given, checks, "explicitRK");
  requireKeys(given, "explicitRK", "order", "c", "A", "b");
  const { name = "explicitRK", order, c, b, embedded, dt } = given;
  const rows = rowsOf(given, name);
  const fail = (what: string, advice: string): never => {
    throw new BadTableau(name, what, advice);
  };
  if (order > HIGHEST_ORDER) fail(`order is ${order}`, `Conditions are checked up to order ${HIGHEST_ORDER}.`);
  rows.forEach((a, i) => {
    const sum = a.reduce((x, y) => x + y, 0);
    if (Math.abs(sum - c[i]) > ROUNDING * sizeOf(a))
      fail(`row ${i} of A sums to ${sum}, but c[${i}] is ${c[i]}`, "Look for a wrong sign or digit.");
  });
  for (let k = 1; k <= order; k++) {
    const { tree, size } = largestDefect(rows, b, k);
    if (Math.abs(size) > rounding(rows, b)) {
      const missed = `order is ${order}, but a condition of order ${k}, of the tree ${tree}, is missed by ${size.toPrecision(2)}`;
      fail(missed, "Look for a wrong sign or digit, give all digits, or state a lower order.");
    }
  }
  if (embedded && dt !== undefined)
    fail("there are both embedded and dt", "Give dt only where there is no estimate of the error.");
  const stages = rows.slice(1).map((a, i) => ({ c: c[i + 1], a }));
  const tableau: ExplicitTableau = { stages, b, ...(embedded && estimate(rows, b, embedded, name)) };
  const dense = bootstrapped(tableau, order - 1);
  const method = { name, family: explicit, order, tableau: { ...tableau, ...(dense && { dense }) } };
  return embedded ? method : { ...method, dt: fixedStep(name, dt === undefined ? undefined : { dt }) };
}

/** What stands left of the diagonal. */
function rowsOf({ c, A, b, embedded }: ButcherTableau, name: string): number[][] {
  const stages = b.length;
  const wrong = (what: string): BadTableau =>
    new BadTableau(name, what, "A method of s stages has s numbers in c and b, s rows in A, and s or s + 1 numbers in embedded.");
  if (stages === 0) throw wrong("b is empty");
  if (c.length !== stages) throw wrong(`c has ${c.length} numbers, but b has ${stages}`);
  if (A.length !== stages) throw wrong(`A has ${A.length} rows, but b has ${stages} numbers`);
  if (embedded && embedded.length !== stages && embedded.length !== stages + 1) {
    throw wrong(`embedded has ${embedded.length} numbers, but b has ${stages}`);
  }
  return A.map((given, i) => {
    const beyond = given.findIndex((x, j) => j >= i && x !== 0);
    if (beyond >= 0) {
      const what = `A[${i}][${beyond}] is ${given[beyond]}, on or above the diagonal: the method is not explicit`;
      throw new BadTableau(name, what, "Stages may use those before them only.");
    }
    return Array.from({ length: i }, (_, j) => given[j] ?? 0);
  });
}

/** Its weights, and the power of h that it shrinks with. */
function estimate(
  rows: readonly (readonly number[])[],
  b: readonly number[],
  embedded: readonly number[],
  name: string,
): Required<Pick<ExplicitTableau, "error" | "errorOrder">> {
  const error = embedded.map((weight, i) => (b[i] ?? 0) - weight);
  if (error.every((e) => e === 0)) {
    throw new BadTableau(name, "embedded is b itself, so that every error is zero", "Leave it out, and give dt.");
  }
  // The derivative at the step's end is that of a last stage.
  const all = [...rows, b];
  const allowed = rounding(all, embedded);
  let errorOrder = 1;
  while (errorOrder < HIGHEST_ORDER && Math.abs(largestDefect(all, embedded, errorOrder).size) <= allowed) errorOrder++;
  if (errorOrder === 1) {
    throw new BadTableau(
      name,
      "the weights of embedded do not sum to 1",
      "Give those of the other method, not their differences from b.",
    );
  }
  return { error, errorOrder };
}

/** What rounding of the coefficients makes of conditions. */
function rounding(rows: readonly (readonly number[])[], weights: readonly number[]): number {
  return ROUNDING * sizeOf(rows.flat()) * sizeOf(weights);
}

function sizeOf(numbers: readonly number[]): number {
  return Math.max(1, ...numbers.map(Math.abs));
}
