/** `--held-out`: data that a fit does not see, and ends by. */
import type { Command } from "commander";
import { counted } from "../../src/core/in-words.ts";
import { nearest } from "../../src/core/options/names.ts";
import { holdOut, type HeldOut, type Observations } from "../../training/index.ts";
import { BadOptionValue, OptionsDisagree } from "../messages/errors.ts";
import { names } from "./pairs.ts";

export interface HeldOutOptions {
  readonly heldOut?: string;
}

export function heldOutOption(command: Command): Command {
  return command.option(
    "--held-out <part>",
    "end where data are met no better that are not fitted: a part of the times, such as 0.2, or experiments by their names, such as A,B",
  );
}

/** Both parts, of experiments by their names. Throws {@link OptionsDisagree}, {@link BadOptionValue}. */
export function heldOutIn(
  all: ReadonlyMap<string, Observations>,
  { heldOut, starts = 1, seed }: HeldOutOptions & { readonly starts?: number; readonly seed: number },
): HeldOut {
  if (heldOut === undefined) return { data: [...all.values()], heldOut: [] };
  if (starts > 1) throw new OptionsDisagree("--held-out is of a fit from one start: leave out --starts, or --held-out.");
  const part = Number(heldOut);
  if (part > 0 && part < 1 && !all.has(heldOut)) return holdOut([...all.values()], { part, seed });
  const held = names("--held-out", heldOut);
  const unknown = held.find((name) => !all.has(name));
  if (unknown !== undefined || held.length === all.size) throw badNames(heldOut, unknown, [...all.keys()]);
  const half = (isOut: boolean): Observations[] =>
    [...all].flatMap(([name, one]) => (held.includes(name) === isOut ? [one] : []));
  return { data: half(false), heldOut: half(true) };
}

function badNames(text: string, unknown: string | undefined, known: readonly string[]): BadOptionValue {
  if (known.length === 1)
    return new BadOptionValue("--held-out", text, "a part between 0 and 1, as there is one experiment alone");
  if (unknown === undefined) return new BadOptionValue("--held-out", text, "some experiments, but not all");
  const near = nearest(unknown, known);
  return new BadOptionValue(
    "--held-out",
    text,
    `a part between 0 and 1, or some of ${counted(known.length, "experiment")} by name${near === undefined ? "" : `: is "${near}" meant?`}`,
  );
}
