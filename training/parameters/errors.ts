/** Errors of parameters. */
import { OdegradError } from "../../src/core/errors.ts";

/** A parameter that is not there, that starts outside its bounds, or whose scale it cannot be on. */
export class BadParameter extends OdegradError {
  static override readonly name = "BadParameter";
}
