/** Errors of how trajectories differ. */
import { OdegradError } from "../../src/core/errors.ts";

/** What `vary` says of a trajectory, or of a component, makes no sense. */
export class BadVariation extends OdegradError {
  static override readonly name = "BadVariation";
}
