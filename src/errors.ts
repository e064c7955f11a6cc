/** Every error of the library, by name. Each message says what happened, where, and what to try. */

/** The base of all errors that odegrad throws on purpose. */
export class OdegradError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** The library broke its own rule; a fault of odegrad, never of the input. */
export class InternalError extends OdegradError {}
