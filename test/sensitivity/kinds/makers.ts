/** All parts. */
import { guards } from "./guards.ts";
import { contact, kinks, springs } from "./kinks.ts";
import type { PartMaker } from "./part.ts";
import { powers } from "./powers.ts";
import { resting } from "./resting.ts";
import { bump, short } from "./short.ts";
import { stiff } from "./stiff.ts";
import { switches, weir } from "./switches.ts";

export const makers: readonly PartMaker[] = [...resting, ...kinks, ...switches, ...short, ...stiff, ...guards, ...powers];

/**
 * Across kinks of bouncing states steps are chosen for one direction; a switch of a small component beside a large one is not told; a
 * short smooth input is stepped over.
 */
const unsound: readonly PartMaker[] = [springs, contact, weir, bump];

export const sound = makers.filter((make) => !unsound.includes(make));
