/** Errors of solving. */
import { OdegradError } from "../../src/core/errors.ts";

/** A solve that did not reach the end of its time span. */
export abstract class SolveFailed extends OdegradError {
  static override readonly name: string = "SolveFailed";

  /** What was solved up to the failure, as `solve` returns it. Not enumerable, so that an error that nobody catches prints its message alone. */
  declare readonly solution: unknown;

  constructor(message: string, solution: unknown) {
    super(
      `${message}${/\s$/.test(message) ? "" : " "}The solution so far is attached as \`solution\`; \`throwOnFailure: false\` returns it.`,
    );
    Object.defineProperty(this, "solution", { value: solution });
  }
}

/** The right-hand side gave NaN or an infinity, however short the step. */
export class NonFiniteDerivative extends SolveFailed {
  static override readonly name = "NonFiniteDerivative";

  /** `place`: in the right-hand side, with what happened there, and `cause`, where they could be found out. */
  constructor(where: string, component: string, place: string | undefined, cause: string | undefined, solution: unknown) {
    const hint = place
      ? `\n${place}\n`
      : " Look in the right-hand side for a division by zero, or a root or logarithm of a negative number. ";
    super(`${where}: the derivative of ${component} is not finite there.${hint}${cause ?? ""}`, solution);
  }
}

/** The step became too short to change the time. */
export class StepUnderflow extends SolveFailed {
  static override readonly name = "StepUnderflow";

  /** `cause`: in whole sentences, with what to try, where it could be found out. */
  constructor(where: string, cause: string | undefined, solution: unknown) {
    super(
      `${where}: the step became too short to advance. ` +
        (cause ??
          "The solution may have a singularity there, or the tolerances ask for more than rounding allows. Look at the solution so " +
            "far; if a component is smaller than its atol, give a smaller one."),
      solution,
    );
  }
}

export class TooManySteps extends SolveFailed {
  static override readonly name = "TooManySteps";

  /** As of {@link StepUnderflow}. */
  constructor(where: string, cause: string | undefined, solution: unknown) {
    super(
      `${where} after the largest number of steps allowed. ` +
        (cause ?? "Raise maxSteps, loosen the tolerances, or try a stiff method (rodas5P)."),
      solution,
    );
  }
}

/** The matrix of an implicit step could not be factorized, however short the step. */
export class SingularMatrix extends SolveFailed {
  static override readonly name = "SingularMatrix";

  constructor(where: string, solution: unknown) {
    super(
      `${where}: the matrix I/(γh) − J is singular. Look for infinite entries of the Jacobian, give another dt where steps are of one length, or try an explicit method (tsit5).`,
      solution,
    );
  }
}

/** Newton's iterations of an implicit step did not converge, however short the step. */
export class ConvergenceFailure extends SolveFailed {
  static override readonly name = "ConvergenceFailure";

  constructor(where: string, solution: unknown) {
    super(
      `${where}: Newton's iterations do not converge, however short the step. Look for jumps and kinks of the right-hand side, or for ` +
        `a Jacobian of your own that is wrong (checkGradient tells); rodas5P solves linear systems alone.`,
      solution,
    );
  }
}

/** The Jacobian of an implicit step, or ∂f/∂t, is not finite, and no step was short enough to do without it. */
export class NonFiniteJacobian extends SolveFailed {
  static override readonly name = "NonFiniteJacobian";

  /** `entry`: which derivative; `place`: in the right-hand side, with what happened there, where that could be found out. */
  constructor(where: string, entry: string, place: string | undefined, solution: unknown) {
    super(
      `${where}: ${entry} is not finite there, though the right-hand side is.${place ? `\n${place}\n` : " "}` +
        `Write it so that it is smooth there (Math.sqrt(x + 1e-12) for Math.sqrt(x)), or take an explicit method (tsit5).`,
      solution,
    );
  }
}

/** A solution that the right-hand side leads back, from either side, to where it switches. */
export class SlidingMode extends SolveFailed {
  static override readonly name = "SlidingMode";

  constructor(where: string, what: string, solution: unknown) {
    super(
      `${where}: ${what} switches there, and from either side the right-hand side leads back to where it does. The solution would slide along ` +
        "that, and what its derivative is then the right-hand side does not say. Say it: let an event change to what holds then, and note it in a " +
        "component of the state that the right-hand side reads; let an event end the solve (`terminal`); or replace the jump by something " +
        'steep and smooth, as Math.tanh(x / width) for Math.sign(x). With `switches: "ignore"` steps go to and fro across it.',
      solution,
    );
  }
}

/** An event of the state takes place again and again, or the right-hand side switches so, in times that shrink or are next to nothing. */
export class EndlessEvents extends SolveFailed {
  static override readonly name = "EndlessEvents";

  constructor(where: string, event: string, solution: unknown) {
    super(
      `${where}: ${event} takes place ever more often there, and without an end, as the bounces of a ball do that comes to rest. Let it end ` +
        "the solve (`terminal`), or let `apply` change to what comes then: where the speed is small, make it zero and note it in a component " +
        "of the state that the right-hand side reads.",
      solution,
    );
  }
}

/** The signal of the caller was aborted. */
export class SolveAborted extends SolveFailed {
  static override readonly name = "SolveAborted";

  constructor(where: string, solution: unknown) {
    super(`${where}: the signal was aborted.`, solution);
  }
}

/** `maxTime` was over before the end was reached. */
export class OutOfTime extends SolveFailed {
  static override readonly name = "OutOfTime";

  /** `fraction`: of tspan, that was reached; undefined of a search for a steady state, which nobody knows the time of. */
  constructor(where: string, fraction: number | undefined, solution: unknown) {
    const part = fraction === undefined ? "" : `, ${(100 * fraction).toPrecision(3)} % of the way`;
    const remedy = fraction === undefined ? "Raise it" : "Raise it, loosen the tolerances, or solve a shorter span";
    super(`${where}${part}: maxTime was over. ${remedy}.`, solution);
  }
}

/** The dynamics did not come to rest, as far as they were followed. */
export class NoSteadyState extends SolveFailed {
  static override readonly name = "NoSteadyState";

  /** `cause`: in whole sentences, what they do instead, and what to try. */
  constructor(where: string, cause: string, solution: unknown) {
    super(`${where}: no steady state was reached. ${cause}`, solution);
  }
}

/** A problem that has no steady states of the kind that is looked for: its right-hand side changes with t, or it has events or a mass matrix. */
export class NotAutonomous extends OdegradError {
  static override readonly name = "NotAutonomous";
}

/** A text from which no solution can be read. */
export class BadRecord extends OdegradError {
  static override readonly name = "BadRecord";

  constructor(what: string, options?: ErrorOptions) {
    super(`The text is no solution of this problem. ${what}`, options);
  }
}

/** Times of `saveat` outside tspan, out of order, or not finite. */
export class BadSaveTimes extends OdegradError {
  static override readonly name = "BadSaveTimes";
}

/** A state between the steps was asked of a solution that kept only the times of \`saveat\`. */
export class NoDenseOutput extends OdegradError {
  static override readonly name = "NoDenseOutput";

  constructor(t: number) {
    super(`The state at t = ${t} was not kept. Solve with \`dense: true\`, or name the time in \`saveat\`.`);
  }
}

/** What a solution is asked for at a time that was not solved for. */
export class OutsideSolution extends OdegradError {
  static override readonly name = "OutsideSolution";

  /** `by`: what ended the solve. */
  constructor(t: number, from: number, to: number, by: "span" | "event" | "failure") {
    const remedy = {
      span: "Solve over a longer tspan.",
      event: "An event ended it there: see `terminated` of the solution.",
      failure: "It failed there: see `result` of the solution.",
    };
    super(`t = ${t} is outside of what was solved, from t = ${from} to ${to}. ${remedy[by]}`);
  }
}
