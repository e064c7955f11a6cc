/** Every error of the library, by name. Each message says what happened, where, and what to try. */

/** The base of all errors that odegrad throws on purpose. */
export class OdegradError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** The library broke its own rule; a fault of odegrad, never of the input. */
export class InternalError extends OdegradError {}

/** The page's content security policy forbids `new Function`, which the JavaScript target needs. */
export class CodeGenerationForbidden extends OdegradError {
  constructor(program: string, options?: ErrorOptions) {
    super(
      `Compiling "${program}" to JavaScript needs \`new Function\`, which this page's content security policy forbids ` +
        `(script-src without 'unsafe-eval'). Use the "wasm" target: it needs only 'wasm-unsafe-eval'.`,
      options,
    );
  }
}

/** Shapes of arrays that do not fit an operation. */
export class ShapeMismatch extends OdegradError {}

/** An array, typed array or ndarray of another length or shape than the problem has. */
export class WrongLength extends OdegradError {}

/** Names that a state or its parameters lack, or do not know. */
export class UnknownComponent extends OdegradError {}

/** NaN or an infinity where a finite number must be. */
export class NonFinite extends OdegradError {}

/** A value that can be neither state nor parameter: nested arrays, strings, class instances, … */
export class UnsupportedValue extends OdegradError {}

/** A time span that is not two different finite numbers. */
export class BadTimeSpan extends OdegradError {}

/** A compiled function and the user's plain one give different results. */
export class Disagreement extends OdegradError {}

/** Where and why the text of a user's function could not be read. */
export interface ReadErrorDetails {
  /** Name of the function. */
  readonly name: string;
  /** What happened, in one sentence without a full stop. */
  readonly what: string;
  /** What could not be read: a construct of the language, a name. */
  readonly construct: string;
  /** What to try. */
  readonly remedy: string;
  /** In the function's own text: 1-based line, 0-based column. Absent where there is no text. */
  readonly line?: number;
  readonly column?: number;
  /** That line. */
  readonly code?: string;
}

/** The base of all errors of reading a user's function. */
export class ReadError extends OdegradError {
  readonly construct: string;
  readonly remedy: string;
  readonly line?: number;
  readonly column?: number;
  readonly code?: string;

  constructor({ name, what, construct, remedy, line, column, code }: ReadErrorDetails) {
    const where = line === undefined ? "" : `, line ${line}, column ${column! + 1}`;
    const label = `  ${line} | `;
    const caret = code === undefined ? "" : `\n${label}${code}\n${" ".repeat(label.length + column!)}^`;
    super(`${name}${where}: ${what}.${caret}\n${remedy}`);
    this.construct = construct;
    this.remedy = remedy;
    this.line = line;
    this.column = column;
    this.code = code;
  }
}

/** A construct of JavaScript outside the subset that can be read and differentiated. */
export class UnreadableConstruct extends ReadError {}

/** The engine gives no text for the function: native, bound, or a proxy. */
export class NoSourceText extends ReadError {}

/** A free name: its value cannot be known from the function's text. */
export class CapturedVariable extends ReadError {}

/** A function that calls itself, directly or through others. */
export class RecursiveFunction extends ReadError {}

/** A property that the object does not have. */
export class UnknownProperty extends ReadError {}

/** A write to what a function may only read: its state, its parameters, its constants. */
export class WriteToInput extends ReadError {}

/** A read of an output or of a work buffer before the same call has written it. */
export class ReadBeforeWrite extends ReadError {}

/** A component of the result that the function never writes. */
export class UnwrittenOutput extends ReadError {}

/** An index that is known when the function is read, and outside the array. */
export class IndexOutOfRange extends ReadError {}

/** A loss whose keys or times make no sense, or whose value is not finite. */
export class BadLoss extends OdegradError {}

/** The way back of an adjoint method failed or was cut short; the cause is attached. */
export class AdjointFailed extends OdegradError {}

/** Reverse and forward derivatives disagree: the gradient would be wrong. */
export class GradientCheckFailed extends OdegradError {}

/** An option of `gradient` that names nothing the library has, or that the problem rules out. */
export class BadGradientOption extends OdegradError {}

/** A method of fixed steps was made without the length of its steps. */
export class MissingStepSize extends OdegradError {
  constructor(method: string, given: unknown) {
    super(`${method} takes steps of fixed length, and dt is ${given}. Give a positive length: ${method}({ dt: 0.01 }).`);
  }
}

/** An implicit method met a system without a Jacobian. */
export class MissingJacobian extends OdegradError {
  constructor(method: string) {
    super(`${method} is implicit and needs the Jacobian, which this system does not have. Give one, or take an explicit method (tsit5).`);
  }
}
