/** Errors of the command line: what it was asked cannot be done as asked. */
import { OdegradError } from "../src/errors.ts";

/** Names listed in a message, at most. */
const MOST_SHOWN = 20;

/** The command line itself cannot be read; the exit code is 2. */
export class UsageError extends OdegradError {
  static override readonly name: string = "UsageError";
}

/** PROBLEM is neither a known name nor a path. */
export class UnknownProblem extends OdegradError {
  static override readonly name = "UnknownProblem";

  constructor(name: string, known: readonly string[]) {
    const nearest = nearestOf(name, known);
    super(
      `There is no problem "${name}".${nearest ? ` Did you mean "${nearest}"?` : ""} Known problems: ${known.join(", ")}. ` +
        `A problem of your own is the path of a .ts or .js module.`,
    );
  }
}

/** `--set` names an option that the problem does not have. */
export class UnknownProblemOption extends OdegradError {
  static override readonly name = "UnknownProblemOption";

  constructor(problem: string, option: string, known: readonly string[]) {
    super(
      `The problem "${problem}" has no option "${option}". ` +
        (known.length ? `Its options: ${known.join(", ")}.` : `It has no options: leave --set out.`),
    );
  }
}

/** `--set` on a problem that comes from a module. */
export class ModuleTakesNoOptions extends OdegradError {
  static override readonly name = "ModuleTakesNoOptions";

  constructor(path: string) {
    super(`--set works on the named problems only; "${path}" is a module: change the problem there.`);
  }
}

/** A benchmark that does not exist. */
export class UnknownBenchmark extends OdegradError {
  static override readonly name = "UnknownBenchmark";

  constructor(name: string, known: readonly string[]) {
    super(`There is no benchmark "${name}". Known benchmarks: ${known.join(", ")}.`);
  }
}

/** An option's value that cannot be read. */
export class BadOptionValue extends UsageError {
  static override readonly name = "BadOptionValue";

  constructor(option: string, value: string, expected: string) {
    super(`${option} ${value}: expected ${expected}.`);
  }
}

/** The problem's module does not exist. */
export class MissingModule extends OdegradError {
  static override readonly name = "MissingModule";

  constructor(path: string) {
    super(`There is no file "${path}". Give the path of a .ts or .js module, or a name that \`odegrad problems\` lists.`);
  }
}

/** The problem's module throws or cannot be parsed. */
export class BrokenModule extends OdegradError {
  static override readonly name = "BrokenModule";

  constructor(path: string, cause: unknown) {
    super(
      `The module "${path}" cannot be loaded: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** The problem's module has no default export. */
export class NoDefaultExport extends OdegradError {
  static override readonly name = "NoDefaultExport";

  constructor(path: string, exported: readonly string[]) {
    super(
      `The module "${path}" has no default export${exported.length ? ` (it exports ${exported.join(", ")})` : ""}. ` +
        `Write \`export default odeProblem({ … })\` or \`export default { problem, loss }\`.`,
    );
  }
}

/** The default export of the problem's module is no problem. */
export class NotAProblem extends OdegradError {
  static override readonly name = "NotAProblem";

  constructor(path: string, found: string) {
    super(
      `The default export of "${path}" is ${found}, not a problem. ` +
        `Write \`export default odeProblem({ … })\` or \`export default { problem, loss }\`.`,
    );
  }
}

/** A gradient was asked of a problem that comes without a loss. */
export class NoLoss extends OdegradError {
  static override readonly name = "NoLoss";

  constructor(problem: string) {
    super(`The problem "${problem}" has no loss, and a gradient needs one. Write \`export default { problem, loss }\`.`);
  }
}

/** `--vary` names a component that neither the parameters nor the initial state have. */
export class UnknownComponent extends OdegradError {
  static override readonly name = "UnknownComponent";

  constructor(problem: string, component: string, known: readonly string[]) {
    const nearest = nearestOf(component, known);
    const shown = known.length > MOST_SHOWN ? [...known.slice(0, MOST_SHOWN), `… (${known.length} in all)`] : known;
    super(
      `The problem "${problem}" has no component "${component}" to vary.${nearest ? ` Did you mean "${nearest}"?` : ""} ` +
        `Its components: ${shown.join(", ")}.`,
    );
  }
}

/** No trajectory of a batch reached the end. */
export class EveryTrajectoryFailed extends OdegradError {
  static override readonly name = "EveryTrajectoryFailed";

  constructor(problem: string, outcome: string, count: number) {
    super(
      `${problem}: none of the ${count} trajectories reached the end; the first ended with ${outcome}. ` +
        `Vary less, shorten --tspan, or look at one by \`odegrad solve\`.`,
    );
  }
}

/** A picture's path with an extension that cannot be written. */
export class UnknownPictureFormat extends OdegradError {
  static override readonly name = "UnknownPictureFormat";

  constructor(path: string, known: readonly string[]) {
    super(`Cannot tell how to write the picture "${path}": the name must end in ${known.join(" or ")}.`);
  }
}

/** The system does not take what is to be written. */
export class CannotWrite extends OdegradError {
  static override readonly name = "CannotWrite";

  constructor(where: string, cause: unknown) {
    super(`Cannot write to ${where}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}

/** The known name closest to `name` in edits, where it is close at all. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }));
  scored.sort((a, b) => a.distance - b.distance);
  return scored.length && scored[0].distance <= Math.max(2, name.length / 3) ? scored[0].candidate : undefined;
}

/** Levenshtein distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
