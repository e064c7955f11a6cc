/** Errors of data. */
import { OdegradError } from "../../src/core/errors.ts";

/** Data that say nothing, that no component or observable belongs to, or that their noise cannot have. */
export class BadData extends OdegradError {
  static override readonly name = "BadData";
}
