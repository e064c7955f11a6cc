/** Where the arrays of trajectories lie that are at work together. */
import type { Arena } from "../compile/arena.ts";
import { LANES } from "../compile/wasm/spmd-values.ts";
import { BatchTooLarge } from "./errors.ts";
import { parametersOf, type Kernel } from "./kernel.ts";
import type { LaneLayout, Place } from "./lane-calls.ts";

/** Memory of the trajectories that are at work together: it should stay in the second cache. */
const CHUNK_BYTES = 2 ** 18;
const MOST_GROUPS = 256;
/** Bytes of trajectories that run together: of 32-bit addresses half, the rest being for what they share. */
const LARGEST_GROUP = 2 ** 31;

/** Reserved in the arena. Throws {@link BatchTooLarge}. */
export function laneLayout(kernel: Kernel, arena: Arena): LaneLayout {
  const parameters = parametersOf(kernel).map((array) => ({ array, own: !kernel.shared.has(array.name) }));
  const ofGroup = parameters.reduce((sum, { array, own }) => sum + (own ? array.size * LANES * 8 : 0), 0);
  if (ofGroup > LARGEST_GROUP) throw new BatchTooLarge(kernel.program.name, ofGroup / LANES, LARGEST_GROUP / LANES);
  const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(CHUNK_BYTES / Math.max(1, ofGroup))));
  const places = parameters.map(({ array: { name, size, role }, own }): Place => {
    const address = arena.reserve(size * (own ? groups * LANES : 1));
    return { name, size, own, isWritten: role !== "input", address, stride: own ? size * LANES * 8 : 0 };
  });
  return { lanes: LANES, groups, places };
}
