/** All parts. */
import { guards } from "./guards.ts";
import { kinks } from "./kinks.ts";
import type { PartMaker } from "./part.ts";
import { powers } from "./powers.ts";
import { resting } from "./resting.ts";
import { short } from "./short.ts";
import { stiff } from "./stiff.ts";
import { switches } from "./switches.ts";

export const makers: readonly PartMaker[] = [...resting, ...kinks, ...switches, ...short, ...stiff, ...guards, ...powers];
