/** Errors of fits. */
import { OdegradError } from "../src/core/errors.ts";

/** The model gives no finite misfit at the start of a fit; `cause` says why. */
export class BadStart extends OdegradError {
  static override readonly name = "BadStart";
}
