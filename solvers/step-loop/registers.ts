/** What the step loop and its caller tell each other, by name. */
import { numbered } from "../../src/ir/registers.ts";

export const rememberedReals = ["remembered0", "remembered1", "remembered2", "remembered3"] as const;

/** What the step loop is told, and tells, in f64s. */
export const real = numbered([
  /** Where it is, what it proposes, and where it must stop. */
  "t",
  "h",
  "stop",
  "rtol",
  /** A shorter step is none, also near t = 0. */
  "least",
  /** 1 or -1. */
  "direction",
  /** No step is longer. */
  "longest",
  /** In parts of this length, or shorter ones, of a step it is looked whether decisions switch. */
  "part",
  /** What the controller remembers: see controller.ts. */
  ...rememberedReals,
  /** The length of the last try that was rejected. */
  "tried",
  /** Steps between whose ends something is seen are no longer: see between-steps.ts. */
  "reach",
  /** Tries that were left for what they err by there, less what good steps made up for. */
  "left",
]);

/** And in i32s. */
export const integer = numbered([
  /** Told: steps of one length, not judged; keep every record; look for events within steps; look for stiffness; tries at most; save times at most, then pause. */
  "fixed",
  "records",
  "events",
  "detects",
  "mostTries",
  "pauseAtSave",
  /** Kept from run to run. */
  "rejected",
  /** The number of the status of the last try that was rejected. */
  "failure",
  "nextSave",
  /** The slot where the step ends whose record was made last. */
  "recorded",
  /** Told: 1, the next step that is taken switches nothing, whatever a look at it says; {@link RELEASED}, and so do all others. */
  "unwatched",
  /** Of stiffness: steps since the start, the score, and whether any look was in favour. */
  "looks",
  "stiffness",
  "strained",
  /** Told by this run: how it ended, tries, steps accepted. */
  "outcome",
  "tries",
  "slot",
]);

/** Of `unwatched`: no decision is held any more. */
export const RELEASED = 2;

/**
 * How a run ended: for the caller to look, at the stop, because it could not go on, because stability holds it back, before a step within
 * which a decision of the right-hand side may switch, or before one that held decisions lead out of the numbers.
 */
export const outcome = { paused: 0, stopped: 1, failed: 2, stiff: 3, crossed: 4, astray: 5 } as const;
