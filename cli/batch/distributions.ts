/** How a component differs from trajectory to trajectory. */
import { normalOf } from "../../src/core/random.ts";

export interface Distribution {
  /** Names of the two numbers that it takes. */
  readonly takes: readonly [string, string];
  /** What the two numbers must be, where not all will do. */
  readonly requires?: { readonly what: string; readonly holds: (a: number, b: number) => boolean };
  /** The value of a trajectory that is the part `position`, from 0 to 1, through the batch. */
  readonly value: (a: number, b: number, uniform: () => number, position: number) => number;
}

export const distributions: Readonly<Record<string, Distribution>> = {
  uniform: { takes: ["a", "b"], value: (a, b, uniform) => a + (b - a) * uniform() },
  loguniform: {
    takes: ["a", "b"],
    requires: { what: "a and b above zero", holds: (a, b) => a > 0 && b > 0 },
    value: (a, b, uniform) => a * (b / a) ** uniform(),
  },
  normal: {
    takes: ["mean", "deviation"],
    requires: { what: "a deviation of zero or more", holds: (_, deviation) => deviation >= 0 },
    value: (mean, deviation, uniform) => mean + deviation * normalOf(uniform),
  },
  linspace: { takes: ["first", "last"], value: (first, last, _, position) => first + (last - first) * position },
};
