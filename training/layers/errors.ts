/** Errors of layers. */
import { OdegradError } from "../../src/core/errors.ts";

/** A layer that cannot be: of no inputs, of an initialisation that there is none of, or made of what is no layer. */
export class BadLayer extends OdegradError {
  static override readonly name = "BadLayer";
}
