/** Scales that a parameter is moved on, one row each: x is the parameter, z what an optimiser moves. */
export interface Scale {
  readonly toFree: (x: number, lower: number, upper: number) => number;
  readonly fromFree: (z: number, lower: number, upper: number) => number;
  /** dx/dz at x. */
  readonly slope: (x: number, lower: number, upper: number) => number;
  /** The derivative of ln |dx/dz| by z, at x. */
  readonly bend: (x: number, lower: number, upper: number) => number;
  /** May a parameter with this value and these bounds be on it? Otherwise, what it must be. */
  readonly refuses: (x: number, lower: number, upper: number) => string | undefined;
}

export const scales = {
  linear: { toFree: (x) => x, fromFree: (z) => z, slope: () => 1, bend: () => 0, refuses: () => undefined },
  /** Steps are relative: for what is positive, and may be of any size. */
  log: {
    toFree: (x) => Math.log(x),
    fromFree: (z) => Math.exp(z),
    slope: (x) => x,
    bend: () => 1,
    refuses: (x, lower) =>
      x > 0 && (lower >= 0 || lower === -Infinity) ? undefined : "a positive number, with bounds that are not negative",
  },
  /** Between two bounds, neither of which is reached. */
  logit: {
    toFree: (x, lower, upper) => Math.log((x - lower) / (upper - x)),
    fromFree: (z, lower, upper) => lower + (upper - lower) / (1 + Math.exp(-z)),
    slope: (x, lower, upper) => ((x - lower) * (upper - x)) / (upper - lower),
    bend: (x, lower, upper) => (lower + upper - 2 * x) / (upper - lower),
    refuses: (x, lower, upper) =>
      Number.isFinite(lower) && Number.isFinite(upper) && lower < x && x < upper
        ? undefined
        : "within two finite bounds, and at neither: give a `start` between them",
  },
} as const satisfies Readonly<Record<string, Scale>>;

export type ScaleName = keyof typeof scales;

export function isScaleName(value: unknown): value is ScaleName {
  return typeof value === "string" && Object.hasOwn(scales, value);
}
