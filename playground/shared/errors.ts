/** What the playground refuses, by name. */
import { OdegradError } from "../../src/core/errors.ts";

/** A module that exports no problem. */
export class NoModel extends OdegradError {
  static override readonly name = "NoModel";

  constructor(given: string) {
    super(`The text exports ${given}. A model is \`export default odeProblem({ rhs, u0, tspan, p })\`.`);
  }
}

/** An import of what is not at hand here. */
export class UnknownImport extends OdegradError {
  static override readonly name = "UnknownImport";

  constructor(source: string, known: readonly string[]) {
    super(
      `There is no "${source}" to import: the playground loads nothing from elsewhere. It has ${known.map((name) => `"${name}"`).join(", ")}.`,
    );
  }
}

/** A model that asks for the network. */
export class NetworkRefused extends OdegradError {
  static override readonly name = "NetworkRefused";

  constructor(what: string) {
    super(
      `The model calls ${what}, but has no network here: nothing leaves the page. Paste data as CSV, or write them in the text.`,
    );
  }
}

/** Code of the model that does not come back; with the lines of the loops that may be why. */
export class ModelStopped extends OdegradError {
  static override readonly name = "ModelStopped";

  constructor(milliseconds: number, loops: readonly number[]) {
    super(`The model did not come back within ${(milliseconds / 1000).toFixed(1)} s, and was stopped. ${adviceOn(loops)}`);
  }
}

function adviceOn(loops: readonly number[]): string {
  if (loops.length === 0) return "It has no loop: make its lists shorter, or its functions call each other less often.";
  const lines = [loops.slice(0, -1).join(", "), loops.at(-1)].filter(Boolean).join(" and ");
  const which = loops.length === 1 ? `the loop in line ${lines}` : `one of the loops in lines ${lines}`;
  return `Perhaps ${which} never ends. Bound it: \`for (let k = 0; k < 100; k++)\`.`;
}

/** A text or a file that is longer than the playground takes. */
export class TooLong extends OdegradError {
  static override readonly name = "TooLong";
}

/** A link that does not hold what it once did. */
export class BrokenLink extends OdegradError {
  static override readonly name = "BrokenLink";
}
