/** Errors of files of parameters. */
import { OdegradError } from "../../src/core/errors.ts";

/** A file that does not hold the parameters that it is read for, or parameters that no file can hold apart. */
export class BadParameterFile extends OdegradError {
  static override readonly name = "BadParameterFile";
}
