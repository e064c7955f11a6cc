/**
 * What is known of a parameter before there are data, one row each: as a residual, half of whose square is the negative logarithm of the
 * density of the parameter itself, but for constants.
 */
import { BadParameter } from "./errors.ts";
import { normalBelow, normalQuantile } from "../../src/core/normal.ts";
import { isObject } from "../../src/core/options/check.ts";
import { shown } from "../../src/core/options/kinds.ts";

interface PriorRow {
  readonly isPositive: boolean;
  readonly residual: (x: number, location: number, spread: number) => number;
  /** Its derivative by x. */
  readonly slope: (x: number, location: number, spread: number) => number;
  /** What is normal, of mean 0 and deviation 1, where x is as the prior says; and x of that. */
  readonly score: (x: number, location: number, spread: number) => number;
  readonly fromScore: (score: number, location: number, spread: number) => number;
}

const rows = {
  /** Of mean and standard deviation. */
  normal: {
    isPositive: false,
    residual: (x, mean, deviation) => (x - mean) / deviation,
    slope: (_x, _mean, deviation) => 1 / deviation,
    score: (x, mean, deviation) => (x - mean) / deviation,
    fromScore: (score, mean, deviation) => mean + deviation * score,
  },
  /** ln x is normal, of mean and standard deviation; the density is of x, so that ln x joins the square, which is completed. */
  lognormal: {
    isPositive: true,
    residual: (x, mean, deviation) => (Math.log(x) - mean) / deviation + deviation,
    slope: (x, _mean, deviation) => 1 / (x * deviation),
    score: (x, mean, deviation) => (Math.log(Math.max(x, 0)) - mean) / deviation,
    fromScore: (score, mean, deviation) => Math.exp(mean + deviation * score),
  },
} as const satisfies Readonly<Record<string, PriorRow>>;

/** A prior by its name and its two numbers: { normal: [mean, deviation] }, { lognormal: [mean of ln x, deviation of ln x] }. */
export type PriorSpec = { readonly [Name in keyof typeof rows]?: readonly [number, number] };

/** A prior of one parameter. */
export interface Prior {
  /** As a residual with its derivative. */
  readonly at: (x: number) => { readonly residual: number; readonly slope: number };
  /** Of a probability within (0, 1), where it is known to lie within bounds. */
  readonly quantile: (probability: number, lower: number, upper: number) => number;
}

/** Throws {@link BadParameter}; `what` is its place in the options, `start` a value that the parameter has. */
export function priorOf(what: string, spec: PriorSpec, start: number): Prior {
  const entries = isObject(spec) ? Object.entries(spec) : [];
  const [name, numbers] = entries[0] ?? [];
  const row = name !== undefined && Object.hasOwn(rows, name) ? (rows as Readonly<Record<string, PriorRow>>)[name] : undefined;
  if (entries.length !== 1 || !row || !Array.isArray(numbers) || numbers.length !== 2 || !numbers.every(Number.isFinite)) {
    const given = entries.length > 1 ? `of ${entries.map(([key]) => key).join(" and ")}` : shown(spec);
    throw new BadParameter(
      `${what} is ${given}. Give one of ${Object.keys(rows).join(", ")} with two numbers: { normal: [mean, deviation] }.`,
    );
  }
  const [location, spread] = numbers as readonly [number, number];
  if (!(spread > 0)) throw new BadParameter(`${what} has the deviation ${spread}, which must be positive.`);
  if (row.isPositive && !(start > 0)) {
    throw new BadParameter(`${what} is of what is positive, but the parameter starts at ${start}. Give it a positive \`start\`.`);
  }
  const below = (x: number): number => normalBelow(row.score(x, location, spread));
  return {
    at: (x) => ({ residual: row.residual(x, location, spread), slope: row.slope(x, location, spread) }),
    quantile(probability, lower, upper) {
      const [least, most] = [below(lower), below(upper)];
      return row.fromScore(normalQuantile(least + probability * (most - least)), location, spread);
    },
  };
}
