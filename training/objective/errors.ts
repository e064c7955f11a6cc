/** Errors of predictions. */
import { OdegradError } from "../../src/core/errors.ts";

/** An observable that is not finite. */
export class BadPrediction extends OdegradError {
  static override readonly name = "BadPrediction";
}
