/** Errors of gradients. */
import { AdjointFailed, OdegradError } from "../../src/core/errors.ts";
import { BadGradientOption } from "../vjp/errors.ts";

/** The signal of the caller was aborted on the backward pass, or while derivatives were carried along. */
export class AdjointAborted extends AdjointFailed {
  static override readonly name = "AdjointAborted";

  constructor(where: string) {
    super(`${where}: the signal was aborted.`);
  }
}

/** The backward pass, or the derivatives carried along, needed more steps than were allowed. */
export class AdjointOutOfSteps extends AdjointFailed {
  static override readonly name = "AdjointOutOfSteps";
}

/** `maxTime` was over on the backward pass, or while derivatives were carried along. */
export class AdjointOutOfTime extends AdjointFailed {
  static override readonly name = "AdjointOutOfTime";

  constructor(where: string) {
    super(
      `${where}: maxTime was over. Raise it, loosen the tolerances, or ask for another adjoint: explain() tells what each would take.`,
    );
  }
}

/** A derivative came out as NaN or an infinity. */
export class DerivativeNotFinite extends AdjointFailed {
  static override readonly name = "DerivativeNotFinite";

  constructor(
    /** Which one, and what it is. */
    readonly what: string,
    where = "Look for sqrt, log or powers at zero along the solution, in the right-hand side and in the loss.",
  ) {
    super(`${what}. ${where}`);
  }

  /** Of the same derivative, once it is known that first derivatives are not the cause; `other`: an adjoint method that needs no others. */
  besideFirstDerivatives(other: "gauss" | "dual"): DerivativeNotFinite {
    return new DerivativeNotFinite(
      this.what,
      "First derivatives are finite at all steps. Steps of implicit methods use them, so the adjoint of such a step needs second " +
        `derivatives, which may be infinite where first ones are not, as of x**1.5 at zero: adjoint "${other}" needs none.`,
    );
  }
}

/** An event of the state whose time has no derivative: its condition only touches zero, or another event at its time undid it. */
export class GrazingEvent extends AdjointFailed {
  static override readonly name = "GrazingEvent";
}

/** An event ended the solve before a time of the loss. */
export class EndedBeforeLoss extends AdjointFailed {
  static override readonly name = "EndedBeforeLoss";
}

/** A steady state that parameters do not move smoothly: one of many side by side, or the laws that single it out hold for some p alone. */
export class DegenerateSteadyState extends AdjointFailed {
  static override readonly name = "DegenerateSteadyState";
}

/** What a gradient is asked for cannot influence the loss, whatever the values: no function passes it on. */
export class NoInfluence extends OdegradError {
  static override readonly name = "NoInfluence";

  /** `advice`: what may have been meant, in a sentence after a space. */
  constructor(problem: string, what: "p" | "u0", advice: string) {
    super(
      `${problem}: nothing of ${what} can influence the loss, so all its derivatives are zero by structure. Look whether the ` +
        `right-hand side uses it for what the loss depends on, or leave "${what}" out of wrt.${advice}`,
    );
  }
}

/** The state integrated backward left the forward solution: the gradient would be wrong. */
export class BacksolveDrifted extends OdegradError {
  static override readonly name = "BacksolveDrifted";
}

/** Reverse and forward derivatives disagree: the gradient would be wrong. */
export class GradientCheckFailed extends OdegradError {
  static override readonly name = "GradientCheckFailed";
}

/** An adjoint method that cannot take the task. */
export class MethodRefused extends BadGradientOption {
  static override readonly name = "MethodRefused";
  /** `nearest`: the method to try instead. */
  constructor(
    readonly method: string,
    readonly reason: string,
    readonly nearest: string | undefined,
  ) {
    const remedy = nearest === undefined ? "No other one is at hand that can." : `The nearest that can is "${nearest}".`;
    super(`The adjoint method "${method}" cannot do this: ${reason}. ${remedy}`);
  }
}

/** What second derivatives cannot be taken of. */
export class SecondDerivativesRefused extends BadGradientOption {
  static override readonly name = "SecondDerivativesRefused";

  constructor(problem: string, reason: string, remedy: string) {
    super(`${problem}: second derivatives cannot be taken here: ${reason}. ${remedy}`);
  }
}
