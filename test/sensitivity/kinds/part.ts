/** A part of a random model: a few states and parameters of their own, with a solution that nothing of the library computes. */
import fc from "fast-check";

/** Kinds of difficulty. */
export type Kind = "resting" | "kink" | "switch" | "short" | "stiff" | "guard" | "power";

export interface Part {
  readonly kind: Kind;
  readonly name: string;
  readonly u0: readonly number[];
  readonly p: readonly number[];
  /** What the right-hand side says: statements, and an expression for each derivative, in the names handed in. */
  readonly text: (x: readonly string[], p: readonly string[], t: string) => Text;
  /** State at t >= 0, from u0 and p, which may be others than those above, but near. */
  readonly solution: (u0: readonly number[], p: readonly number[], t: number) => readonly number[];
}

export interface Text {
  readonly before?: string;
  readonly derivatives: readonly string[];
}

/** Makes parts; times are those of a model that ends at `end`. */
export type PartMaker = (end: number) => fc.Arbitrary<Part>;

/** Evenly from `low` to `high`; shrinks to `low`. */
export function between(low: number, high: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 23 }).map((i) => rounded(low + ((high - low) * i) / 23));
}

/** Over decades, from `low` to `high`; shrinks to `low`. */
export function decades(low: number, high: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 23 }).map((i) => rounded(low * (high / low) ** (i / 23)));
}

/** To few digits, for texts that are read. */
export function rounded(x: number): number {
  return Number(x.toPrecision(4));
}

/** x' = rate (target - x). */
export function relaxed(x: number, target: number, rate: number, t: number): number {
  return target + (x - target) * Math.exp(-rate * t);
}

/** x' = input(t) - k x, the input constant between the times where it switches; k may be 0. */
export function driven(x: number, k: number, t: number, switches: readonly number[], input: (t: number) => number): number {
  const times = [0, ...switches.filter((s) => s > 0 && s < t).sort((a, b) => a - b), t];
  for (let i = 1; i < times.length; i++) {
    const h = times[i] - times[i - 1];
    const r = input((times[i] + times[i - 1]) / 2);
    x = k === 0 ? x + r * h : relaxed(x, r / k, k, h);
  }
  return x;
}

/** The arithmetic, in the text and in the solution, of x' = input(t) - k x. */
export function drivenPart(
  kind: Kind,
  name: string,
  p: readonly number[],
  /** Of the parameters and the time. */
  input: (p: readonly string[], t: string) => string,
  switches: (p: readonly number[]) => readonly number[],
  value: (p: readonly number[], t: number) => number,
  x0 = 0,
): Part {
  return {
    kind,
    name,
    u0: [x0],
    p,
    text: ([x], names, t) => ({ derivatives: [`(${input(names, t)}) - ${names[0]} * ${x}`] }),
    solution: ([x], q, t) => [driven(x, q[0], t, switches(q), (s) => value(q, s))],
  };
}
