/** Errors of vjp backends, and of options for derivatives. */
import { BadOption, OdegradError } from "../../src/core/errors.ts";

/** An option of `gradient` that names nothing the library has, or that the problem rules out. */
export class BadGradientOption extends BadOption {
  static override readonly name: string = "BadGradientOption";
}

/** A vjp backend that cannot take the function. */
export class BackendRefused extends OdegradError {
  static override readonly name = "BackendRefused";

  /** `nearest`: the backend to try instead. */
  constructor(
    readonly backend: string,
    readonly reason: string,
    readonly nearest: string | undefined,
    options?: ErrorOptions,
  ) {
    const remedy = nearest === undefined ? "No other one is at hand that can." : `The nearest that can is "${nearest}".`;
    super(`The backend "${backend}" cannot do this: ${reason}. ${remedy}`, options);
  }
}

/** A tracked array was used as a number: the closure backend sees operations on whole arrays only. */
export class TrackedAsNumber extends OdegradError {
  static override readonly name = "TrackedAsNumber";

  constructor(array: string, use: string) {
    super(
      `${array} is tracked by the closure backend, and was used as a number (${use}). This backend sees operations on arrays only: ` +
        `write add(a, b), mul(a, b), slice(a, from, to), … instead of a + b, a * b, a[i]; or take the backend "source", or "finite".`,
    );
  }
}

/** Arguments that have other shapes than a differentiable function was made for, or than one another. */
export class SignatureMismatch extends OdegradError {
  static override readonly name = "SignatureMismatch";
}
