/** Errors of sparse regression. */
import { OdegradError } from "../../src/core/errors.ts";

/** Candidates that there are none of, have one name, or are not finite at the samples. */
export class BadLibrary extends OdegradError {
  static override readonly name = "BadLibrary";
}
