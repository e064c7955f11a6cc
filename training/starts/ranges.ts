/** Where a parameter may start: from what is known of it. */
import { BadParameter } from "../parameters/errors.ts";
import type { FreeParameter } from "../parameters/free.ts";

/** What starts of a parameter were taken from. */
export interface StartRange {
  readonly name: string;
  readonly of: "p" | "u0";
  /** Its bounds, evenly on its scale (evenly by itself, where that is endless between them); its prior; or, where it has neither, the decades around its start. */
  readonly from: "bounds" | "prior" | "start";
  /** The least and the largest value that a start may take. */
  readonly lower: number;
  readonly upper: number;
}

export interface Range extends StartRange {
  /** The value that so large a part of the starts lies below. */
  readonly at: (part: number) => number;
}

/** Of the start, where nothing else is known: up to this many times, and down to this part of it. */
const FACTOR = 10;

/** Throws {@link BadParameter} for a parameter of which nothing says how far apart its starts are. */
export function rangeOf(verb: string, parameter: FreeParameter): Range {
  const { name, of, start, lower, upper, scale, prior } = parameter;
  const named = { name, of };
  if (Number.isFinite(lower) && Number.isFinite(upper)) {
    const ends = [lower, upper].map((bound) => scale.toFree(bound, lower, upper));
    // Between them the scale "logit", and "log" above zero, are endless.
    const evenly = ends.every(Number.isFinite) ? (z: number): number => scale.fromFree(z, lower, upper) : undefined;
    const [first, last] = evenly ? ends : [lower, upper];
    const at = (part: number): number => (evenly ?? Number)(first + part * (last - first));
    return { ...named, from: "bounds", lower, upper, at };
  }
  if (prior) return { ...named, from: "prior", lower, upper, at: (part) => prior.quantile(part, lower, upper) };
  if (start === 0) {
    throw new BadParameter(
      `${verb}: nothing says how far apart the starts of ${name} are, which is 0. Give it two \`bounds\`, a \`prior\`, or another \`start\`.`,
    );
  }
  const ends = [start / FACTOR, start * FACTOR].sort((a, b) => a - b);
  const [least, most] = [Math.max(ends[0], lower), Math.min(ends[1], upper)];
  return { ...named, from: "start", lower: least, upper: most, at: (part) => least * (most / least) ** part };
}
