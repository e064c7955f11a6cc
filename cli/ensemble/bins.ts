/** `--bins` and `--between`: the bins of histograms. */
import { BadOptionValue } from "../messages/errors.ts";

type Range = readonly [number, number];

/** The ends of all components, or of each by its name. */
export type Between = Range | Readonly<Record<string, Range>>;

export interface GivenBins {
  readonly bins?: number;
  readonly between?: Between;
}

/** "0,10", or "prey=0,10" added to those before it. */
export function between(text: string, before?: Between): Between {
  const [, name, first, second] = /^(?:([^=]+)=)?([^,]+),([^,]+)$/.exec(text.trim()) ?? [];
  const range = [Number(first), Number(second)] as const;
  const bad = (expected: string): BadOptionValue => new BadOptionValue("--between", text, expected);
  if (!range.every(Number.isFinite) || !(range[0] < range[1]))
    throw bad('two numbers, the smaller one first, as "a,b" or "component=a,b"');
  if (name === undefined) {
    if (before !== undefined) throw bad("one range of all components, or one of each by its name");
    return range;
  }
  if (Array.isArray(before)) throw bad("one range of all components, or one of each by its name");
  const others = (before ?? {}) as Readonly<Record<string, Range>>;
  if (Object.hasOwn(others, name)) throw bad(`each component once; ${name} is there twice`);
  return { ...others, [name]: range };
}
