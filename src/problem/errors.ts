/** Errors of stating a problem, and of functions that are not what was read. */
import { OdegradError } from "../core/errors.ts";

/** What was given as a problem is none. */
export class BadProblem extends OdegradError {
  static override readonly name = "BadProblem";
}

/** Events whose times or function make no sense. */
export class BadEvents extends OdegradError {
  static override readonly name = "BadEvents";
}

/** A preconditioner that is none. */
export class BadPreconditioner extends OdegradError {
  static override readonly name = "BadPreconditioner";

  constructor(what: string) {
    super(
      `preconditioner: ${what}. It writes to z what solves P z = r for a P near d I − ∂rhs/∂u; leave it out to go without, which costs ` +
        "iterations alone.",
    );
  }
}

/** A mass matrix that is none, or not constant. */
export class BadMassMatrix extends OdegradError {
  static override readonly name = "BadMassMatrix";
}

/** A compiled function and the user's plain one give different results. */
export class Disagreement extends OdegradError {
  static override readonly name: string = "Disagreement";
}

/** Constants of a problem that were changed after its function was compiled with them. */
export class ConstantsChanged extends Disagreement {
  static override readonly name = "ConstantsChanged";
}
