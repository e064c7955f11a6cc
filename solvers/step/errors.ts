/** Errors of choosing a method. */
import { OdegradError } from "../../src/core/errors.ts";
import { inWords } from "../../src/core/in-words.ts";

/** A method of fixed steps was made without the length of its steps. */
export class MissingStepSize extends OdegradError {
  static override readonly name = "MissingStepSize";

  constructor(method: string, given: unknown) {
    super(`${method} takes steps of fixed length, and dt is ${inWords(given)}. Give a positive length: ${method}({ dt: 0.01 }).`);
  }
}

/** A tableau of the user's own is not what it says of itself. */
export class BadTableau extends OdegradError {
  static override readonly name = "BadTableau";

  constructor(method: string, what: string, advice: string) {
    super(`${method}: ${what}. ${advice}`);
  }
}

/** A method that needs the Jacobian met a system without one. */
export class MissingJacobian extends OdegradError {
  static override readonly name = "MissingJacobian";

  constructor(method: string) {
    super(`${method} needs the Jacobian, which this system does not have. Give one, or take an explicit method (tsit5).`);
  }
}

/** A method that forms no matrix met a right-hand side that is no program. */
export class MatrixFreeRefused extends OdegradError {
  static override readonly name = "MatrixFreeRefused";

  constructor(method: string) {
    super(
      `${method} with gmres() takes directional derivatives of the right-hand side, which could not be read (solution.stats.reason of ` +
        `another solve says why). Write it so that it can be, or leave linearSolver out: ${method}().`,
    );
  }
}

/** An explicit method met a system with a mass matrix. */
export class MassMatrixNeedsImplicit extends OdegradError {
  static override readonly name = "MassMatrixNeedsImplicit";

  constructor(method: string) {
    super(
      `${method} is explicit, and the problem has a mass matrix, or is stated by a residual. Take an implicit method: solver: rodas5P(), the default here, or ` +
        "kvaerno5(). Where the matrix is diagonal and has no zero, dividing by it in the right-hand side leaves an ordinary problem.",
    );
  }
}

/** An implicit method that cannot take a mass matrix met a system with one. */
export class MassMatrixRefused extends OdegradError {
  static override readonly name = "MassMatrixRefused";

  constructor(method: string, reason: string) {
    super(
      `${method} cannot take the problem's mass matrix, or its residual: ${reason}. Take rodas5P(), the default here, or kvaerno5().`,
    );
  }
}

/** A method that takes position and velocity in turns met a right-hand side that is not stated so. */
export class MissingHalves extends OdegradError {
  static override readonly name = "MissingHalves";

  constructor(method: string) {
    super(
      `${method} moves position and velocity in turns, and the right-hand side is in one piece, or could not be read. State it as ` +
        "rhs: { position: (velocity, p, t) => …, velocity: (position, p, t) => … } with u0: { position, velocity }, or take another method: dop853().",
    );
  }
}

/** A name that no method has. */
export class UnknownSolver extends OdegradError {
  static override readonly name = "UnknownSolver";

  constructor(name: unknown, known: readonly string[]) {
    super(`There is no solver ${inWords(name)}. The solvers are ${known.join(", ")}.`);
  }
}

/** What was given as a solver is no method. */
export class BadSolver extends OdegradError {
  static override readonly name = "BadSolver";

  constructor(given: unknown, option = "solver") {
    const what = typeof given === "function" ? `the function ${given.name}, not what it returns` : inWords(given);
    super(`${option} is ${what}. Give a method, such as solver: tsit5(), or leave it out and have one chosen.`);
  }
}
