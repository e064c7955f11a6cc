/** Errors of optimisers. */
import { OdegradError } from "../../src/core/errors.ts";

/** A setting of an optimiser out of its range, or arrays that do not belong together. */
export class BadTrainingOption extends OdegradError {
  static override readonly name = "BadTrainingOption";
}
