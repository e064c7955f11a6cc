/** Errors of losses. */
import { OdegradError } from "../../src/core/errors.ts";

/** A loss whose keys or times make no sense, or whose value is not finite. */
export class BadLoss extends OdegradError {
  static override readonly name: string = "BadLoss";
}

/** A loss that is NaN or infinite, or its integrand on the way. */
export class NonFiniteLoss extends BadLoss {
  static override readonly name = "NonFiniteLoss";
}
