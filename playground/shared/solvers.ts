/** The methods that choose their steps by themselves: what the page offers. */
import type { MethodName } from "../../solvers/methods/index.ts";

export const solvers: readonly MethodName[] = [
  "bs3",
  "dp5",
  "tsit5",
  "vern6",
  "vern7",
  "vern8",
  "vern9",
  "dop853",
  "vcabm",
  "rkc",
  "rock2",
  "rock4",
  "rosenbrock23",
  "rodas3",
  "rodas4",
  "rodas5P",
  "trbdf2",
  "kvaerno3",
  "kvaerno5",
  "kenCarp3",
  "kenCarp4",
  "kenCarp5",
  "radauIIA3",
  "radauIIA5",
  "radauIIA9",
  "fbdf",
];

export const tolerances = [1e-3, 1e-4, 1e-6, 1e-8, 1e-10];
/** At which solvers are compared. */
export const COMPARED_AT = [1e-4, 1e-6, 1e-8, 1e-10];
export const DEFAULT_TOLERANCE = 1e-6;
