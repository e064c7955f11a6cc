/**
 * The base of all errors of the library, and those that are thrown on this floor or on many; others stand in an errors.ts of the floor
 * that throws them. Each message says what happened, where, and what to try.
 */
import { inWords } from "./in-words.ts";

/** The base of all errors that odegrad throws on purpose. */
export class OdegradError extends Error {
  /** Written out in every class: minifiers rename classes. */
  static override readonly name: string = "OdegradError";

  override get name(): string {
    return this.constructor.name;
  }
}

/** The library broke its own rule; a fault of odegrad, never of the input. */
export class InternalError extends OdegradError {
  static override readonly name = "InternalError";
}

/** The page's content security policy forbids `new Function`, which the JavaScript target needs. */
export class CodeGenerationForbidden extends OdegradError {
  static override readonly name = "CodeGenerationForbidden";

  constructor(program: string, options?: ErrorOptions) {
    super(
      `Compiling "${program}" to JavaScript needs \`new Function\`, which this page's content security policy forbids ` +
        `(script-src without 'unsafe-eval'). Use the "wasm" target: it needs only 'wasm-unsafe-eval'.`,
      options,
    );
  }
}

/** Shapes of arrays that do not fit an operation. */
export class ShapeMismatch extends OdegradError {
  static override readonly name = "ShapeMismatch";
}

/** An array, typed array or ndarray of another length or shape than the problem has. */
export class WrongLength extends OdegradError {
  static override readonly name = "WrongLength";
}

/** Names that a state or its parameters lack, or do not know. */
export class UnknownComponent extends OdegradError {
  static override readonly name = "UnknownComponent";
}

/** NaN or an infinity where a finite number must be. */
export class NonFinite extends OdegradError {
  static override readonly name = "NonFinite";

  /** `t`: when, where it came up on the way. */
  constructor(
    message: string,
    readonly t?: number,
  ) {
    super(message);
  }
}

/** A value that can be neither state nor parameter: nested arrays, strings, class instances, … */
export class UnsupportedValue extends OdegradError {
  static override readonly name = "UnsupportedValue";
}

/** A time span that is not two different finite numbers. */
export class BadTimeSpan extends OdegradError {
  static override readonly name = "BadTimeSpan";
}

/** The value of an option is not of its kind. */
export class BadOption extends OdegradError {
  static override readonly name: string = "BadOption";
}

/** A key that an object of options, or of a problem, a loss, events, does not have. */
export class UnknownOption extends BadOption {
  static override readonly name = "UnknownOption";

  /** `where`: the verb or the object. `advice`: a sentence, see options/names.ts. */
  constructor(
    where: string,
    readonly key: string,
    advice: string,
  ) {
    super(`${where}: there is no "${key}". ${advice}`);
  }
}

/** A function made by `implicit` whose `residual` is not zero at what its `solve` returned. */
export class ResidualNotZero extends OdegradError {
  static override readonly name = "ResidualNotZero";

  constructor(name: string, component: number, residual: number, allowed: number) {
    super(
      `${name}: at what \`solve\` returned, component ${component} of \`residual\` is ${residual}, not zero; a solution that is right to ` +
        `five digits would leave ${allowed} at most. Its derivatives would be those of another function. Look whether both are of the ` +
        "same equations, and let `solve` iterate until it has converged.",
    );
  }
}

/** A user's function threw where its value is needed; what it threw is the cause. */
export class FunctionThrew extends OdegradError {
  static override readonly name = "FunctionThrew";

  /** `where`: "at t = 0.3", as far as that is known; `hint`: what to do about it. */
  constructor(name: string, where: string, cause: unknown, hint = "It must give a value wherever steps may lead.") {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : inWords(cause);
    super(`${name} threw${where && ` ${where}`}: ${what}. ${hint}`, {
      cause,
    });
  }
}

/** What is asked for needs more memory than there is to have; told before any of it is taken. */
export class TooMuchMemory extends OdegradError {
  static override readonly name = "TooMuchMemory";

  /** `what` needs so many bytes, of `most`; `remedy`: sentences, with the largest size that would do where that can be said. */
  constructor(what: string, bytes: number, most: number, remedy: string) {
    const gigabytes = (x: number): string => `${Number((x / 1e9).toPrecision(3))} GB`;
    super(`${what}: that needs ${gigabytes(bytes)}, and ${gigabytes(most)} is the most there can be. ${remedy}`);
  }
}

/** A function that cannot run for many trajectories at once. */
export class CannotBatch extends OdegradError {
  static override readonly name = "CannotBatch";
}

/** A package that only some work needs is not installed. */
export class MissingPackage extends OdegradError {
  static override readonly name = "MissingPackage";

  constructor(name: string, purpose: string, options?: ErrorOptions) {
    super(`${purpose} needs the package ${name}, which is not installed. Install it: npm install ${name}`, options);
  }
}

/** What `odegrad/core` has not, which is made for small pages. */
export class NotInCore extends OdegradError {
  static override readonly name = "NotInCore";

  constructor(what: string, remedy: string) {
    super(`${what} is not in odegrad/core. ${remedy}, or import from odegrad in place of odegrad/core.`);
  }
}

/** A place in the text of a user's function. */
export interface Place {
  /** Name of the function. */
  readonly name: string;
  /** In the function's own text: 1-based line, 0-based column. Absent where there is no text. */
  readonly line?: number;
  readonly column?: number;
  /** That line. */
  readonly code?: string;
}

/** What happened there, in one sentence without a full stop, with the line and a caret under the column. */
export function showPlace({ name, line, column, code }: Place, what: string): string {
  const where = line === undefined ? "" : `, line ${line}, column ${column! + 1}`;
  const label = `  ${line} | `;
  const caret =
    code === undefined ? "" : `\n${label}${code}\n${" ".repeat(label.length)}${code.slice(0, column).replace(/[^\t]/g, " ")}^`;
  return `${name}${where}: ${what}.${caret}`;
}

/** Where and why the text of a user's function could not be read. */
export interface ReadErrorDetails extends Place {
  /** What happened, in one sentence without a full stop. */
  readonly what: string;
  /** What could not be read: a construct of the language, a name. */
  readonly construct: string;
  /** What to try. */
  readonly remedy: string;
}

/** The base of all errors of reading a user's function. */
export class ReadError extends OdegradError {
  static override readonly name: string = "ReadError";

  readonly construct: string;
  readonly remedy: string;
  readonly line?: number;
  readonly column?: number;
  readonly code?: string;
  readonly #details: ReadErrorDetails;

  constructor(details: ReadErrorDetails) {
    const { what, construct, remedy, line, column, code } = details;
    super(`${showPlace(details, what)}\n${remedy}`);
    this.#details = details;
    this.construct = construct;
    this.remedy = remedy;
    this.line = line;
    this.column = column;
    this.code = code;
  }

  /** The same, with other words on what to try. */
  withRemedy(remedy: string): ReadError {
    const Class = this.constructor as new (details: ReadErrorDetails) => ReadError;
    return new Class({ ...this.#details, remedy });
  }
}

/** A loop without end: seen when the function is read, or when the loop's budget of operations was over. */
export class EndlessLoop extends ReadError {
  static override readonly name = "EndlessLoop";
}

/** The backward pass of an adjoint method failed or was cut short; the cause is attached. */
export class AdjointFailed extends OdegradError {
  static override readonly name: string = "AdjointFailed";
}

/** A derivative that the gradient needs is not finite: at a kink or at the edge of a domain, as `sqrt` at zero. */
export class NotDifferentiable extends AdjointFailed {
  static override readonly name = "NotDifferentiable";

  /** `where`: on the solution; `what` happened at the place in the user's function. */
  constructor(place: Place, what: string, where: string, options?: ErrorOptions) {
    super(
      `${showPlace(place, `${what}, ${where}`)}\nStart from a point where it is smooth, or write it so that it stays smooth there: ` +
        `Math.sqrt(x + 1e-12) for Math.sqrt(x), and a branch for what is not needed at the edge.`,
      options,
    );
  }
}

/** A tolerance that is not positive, or that has another length than the state. */
export class BadTolerance extends OdegradError {
  static override readonly name = "BadTolerance";
}

/** The right-hand side becomes another one more often, as time goes by, than a solve can stop for. */
export class TooManySwitches extends OdegradError {
  static override readonly name = "TooManySwitches";

  constructor(place: Place, most: number, t: number, [t0, t1]: readonly [number, number]) {
    const what = `more than ${most} times of switching between t = ${t0} and t = ${t1}, ${most} of them by t = ${t}`;
    super(
      `${showPlace(place, what)}\nA solve stops at each of them. Solve a shorter tspan, or write what switches so fast as its mean.`,
    );
  }
}

/** A derivative that the author of a function gave, and the derived one, differ. */
export class DerivativeMismatch extends OdegradError {
  static override readonly name = "DerivativeMismatch";
}
