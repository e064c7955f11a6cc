/** All scenarios, by group. */
import type { Scenario } from "../scenario.ts";
import { arrays } from "./arrays.ts";
import { branches } from "./branches.ts";
import { dynamic } from "./dynamic.ts";
import { loops } from "./loops.ts";
import { middle } from "./middle.ts";
import { mutation } from "./mutation.ts";
import { rules } from "./rules.ts";
import { structures } from "./structures.ts";

export const groups: Readonly<Record<string, readonly Scenario[]>> = {
  "Scalar loops": loops,
  "Arrays that change": mutation,
  "Branches and kinks": branches,
  "Array operations": arrays,
  "The middle": middle,
  "Structures and functions": structures,
  "Derivatives of their own": rules,
  "Too dynamic for a program": dynamic,
};
