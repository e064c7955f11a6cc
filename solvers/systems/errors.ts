/** Errors of algebraic equations. */
import { OdegradError } from "../../src/core/errors.ts";

/** Algebraic equations do not hold where a solve begins. */
export class InconsistentInitialValues extends OdegradError {
  static override readonly name = "InconsistentInitialValues";
}

/** The algebraic equations do not determine what the mass matrix leaves out. */
export class IndexTooHigh extends OdegradError {
  static override readonly name = "IndexTooHigh";
}
