/** Errors of models and their predictions. */
import { OdegradError } from "../../src/core/errors.ts";

/** An observable that is not finite. */
export class BadPrediction extends OdegradError {
  static override readonly name = "BadPrediction";
}

/** The model gives no finite misfit at the start of a fit; `cause` says why. */
export class BadStart extends OdegradError {
  static override readonly name = "BadStart";
}
