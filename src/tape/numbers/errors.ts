/** Errors of recording a function that runs by itself. */
import { OdegradError } from "../../core/errors.ts";

/** A number that depends on the inputs went where its derivative would be lost. */
export class Untraceable extends OdegradError {
  static override readonly name = "Untraceable";
}

/** A function's tape grew beyond what can be recorded at every call. */
export class TapeTooLong extends OdegradError {
  static override readonly name = "TapeTooLong";

  constructor(most: number) {
    super(
      `A call has more than ${most} operations on numbers that depend on the inputs: so many fit on the tape, which each call ` +
        "that cannot be compiled records anew. Write the function so that it can be read (explain() says why it cannot), with loops " +
        'over arrays in place of calls in calls; where its loops may not end, bound them. Or ask for differences: vjp: "finite".',
    );
  }
}
