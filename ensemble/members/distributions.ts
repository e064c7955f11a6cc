/** How a component differs from trajectory to trajectory. */

interface DistributionRow {
  /** Names of the two numbers that it takes. */
  readonly takes: readonly [string, string];
  /** What the two numbers must be, where not all will do. */
  readonly requires?: { readonly what: string; readonly holds: (a: number, b: number) => boolean };
  /** The value of a trajectory that is the part `position`, from 0 to 1, through the ensemble, of two uniform numbers of its own. */
  readonly value: (a: number, b: number, uniform: readonly [number, number], position: number) => number;
}

export const distributions = {
  uniform: { takes: ["a", "b"], value: (a, b, [x]) => a + (b - a) * x },
  loguniform: {
    takes: ["a", "b"],
    requires: { what: "a and b above zero", holds: (a, b) => a > 0 && b > 0 },
    value: (a, b, [x]) => a * (b / a) ** x,
  },
  normal: {
    takes: ["mean", "deviation"],
    requires: { what: "a deviation of zero or more", holds: (_, deviation) => deviation >= 0 },
    value: (mean, deviation, uniform) => mean + deviation * normal(uniform),
  },
  lognormal: {
    takes: ["mean of ln x", "deviation of ln x"],
    requires: { what: "a deviation of zero or more", holds: (_, deviation) => deviation >= 0 },
    value: (mean, deviation, uniform) => Math.exp(mean + deviation * normal(uniform)),
  },
  linspace: { takes: ["first", "last"], value: (first, last, _, position) => first + (last - first) * position },
} as const satisfies Readonly<Record<string, DistributionRow>>;

export type DistributionName = keyof typeof distributions;

/** By its name and its two numbers: { uniform: [1, 2] }, { normal: [mean, deviation] }, { linspace: [first, last] }, … */
export type Distribution = { readonly [Name in DistributionName]?: readonly [number, number] };

/** "uniform(a, b), normal(mean, deviation), …" */
export function knownDistributions(): string {
  return Object.entries(distributions)
    .map(([name, { takes }]) => `${name}(${takes.join(", ")})`)
    .join(", ");
}

export function distributionNamed(name: string): DistributionRow | undefined {
  return Object.hasOwn(distributions, name) ? distributions[name as DistributionName] : undefined;
}

/** Box and Muller's transform (1958). */
function normal([a, b]: readonly [number, number]): number {
  return Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b);
}
