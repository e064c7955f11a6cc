/** `--vary`: which components of parameters and initial state differ between trajectories, and how. */
import { distributionNamed, knownDistributions, type Distribution } from "../../ensemble/members/distributions.ts";
import { BadOptionValue } from "../messages/errors.ts";

export interface Variation {
  /** As the command line names it: "p.a", "u0[3]". */
  readonly component: string;
  readonly distribution: string;
  readonly numbers: readonly [number, number];
}

/** "p.a=uniform(1,2)", added to those before it. */
export function variation(text: string, before: readonly Variation[] = []): Variation[] {
  const [, component, distribution, first, second] = /^([^=\s]+)\s*=\s*(\w+)\(([^,()]+),([^,()]+)\)$/.exec(text.trim()) ?? [];
  const numbers = [numberIn(first), numberIn(second)] as const;
  const bad = (expected: string): BadOptionValue => new BadOptionValue("--vary", text, expected);
  const row = distribution === undefined ? undefined : distributionNamed(distribution);
  if (!row || !numbers.every(Number.isFinite))
    throw bad(`component=distribution, where the distribution is one of ${knownDistributions()} with two numbers`);
  if (row.requires && !row.requires.holds(...numbers)) throw bad(`${distribution} takes ${row.requires.what}`);
  if (before.some((earlier) => earlier.component === component)) throw bad(`each component once; ${component} is varied twice`);
  return [...before, { component, distribution, numbers }];
}

/** NaN where there is none. */
function numberIn(text: string | undefined): number {
  return text?.trim() ? Number(text) : NaN;
}

/** As the library takes them. */
export function varyOf(variations: readonly Variation[]): Readonly<Record<string, Distribution>> {
  return Object.fromEntries(variations.map(({ component, distribution, numbers }) => [component, { [distribution]: numbers }]));
}
