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
