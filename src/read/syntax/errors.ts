/** Errors of reading a function. */
import { ReadError, type Place } from "../../core/errors.ts";

/** A function that may be right and run as it is, but cannot be made a program. Other ReadErrors are mistakes in the function. */
export class UnreadableFunction extends ReadError {
  static override readonly name: string = "UnreadableFunction";
}

/** A construct of JavaScript outside the subset that can be read and differentiated. */
export class UnreadableConstruct extends UnreadableFunction {
  static override readonly name = "UnreadableConstruct";
}

/** The engine gives no text for the function: native, bound, or a proxy. */
export class NoSourceText extends UnreadableFunction {
  static override readonly name = "NoSourceText";
}

/** A free name: its value cannot be known from the function's text. */
export class CapturedVariable extends UnreadableFunction {
  static override readonly name = "CapturedVariable";
}

/** A method that was taken out of its object, or class, and says `this`. */
export class UnboundThis extends ReadError {
  static override readonly name = "UnboundThis";
}

/** What stands for no constant: a promise, or what gives another value each time it is asked. */
export class NotAConstant extends ReadError {
  static override readonly name = "NotAConstant";
}

/** An object whose state nobody can look through, and which may change unseen: of the page, of the system, a WeakMap. */
export class HiddenState extends UnreadableFunction {
  static override readonly name = "HiddenState";
}

/** A function that calls itself, directly or through others. */
export class RecursiveFunction extends UnreadableFunction {
  static override readonly name = "RecursiveFunction";
}

/** A function whose compiled form does not do what the function does: it was read wrongly, which is the library's fault. */
export class MisreadFunction extends UnreadableFunction {
  static override readonly name: string = "MisreadFunction";

  constructor(place: Place, what: string, remedy = misreadRemedy) {
    super({ ...place, what, construct: place.name, remedy });
  }
}

const misreadRemedy =
  "The library has read it wrongly; its compiled form is not used. Please report the function. Until that is mended, write it " +
  "in a simpler way, or let it run by itself: `solve` does so, and `gradient` takes its tape.";

/** A function that does not do what the text says that a build plugin handed over with it: another plugin has rewritten one of them. */
export class RewrittenFunction extends MisreadFunction {
  static override readonly name = "RewrittenFunction";

  constructor(place: Place, what: string) {
    super(
      place,
      what,
      "The text is the one that odegrad's build plugin took, and the function was rewritten after that by another plugin: of two plugins that " +
        'both rewrite a function the other has to run first (enforce: "pre", listed before odegrad\'s), or to leave this file alone.',
    );
  }
}

/** A property that the object does not have. */
export class UnknownProperty extends ReadError {
  static override readonly name = "UnknownProperty";
}

/** A write to what a function may only read: its state, its parameters, its constants. */
export class WriteToInput extends ReadError {
  static override readonly name = "WriteToInput";
}

/** A read of an output or of a work buffer before the same call has written it. */
export class ReadBeforeWrite extends ReadError {
  static override readonly name = "ReadBeforeWrite";
}

/** A component of the result that the function never writes. */
export class UnwrittenOutput extends ReadError {
  static override readonly name = "UnwrittenOutput";
}

/** An index outside its array: seen when the function is read, or when it is first run. */
export class IndexOutOfRange extends ReadError {
  static override readonly name = "IndexOutOfRange";
}
