/** Errors of the command line: what it was asked cannot be done as asked. */
import { OdegradError } from "../../src/core/errors.ts";
import { nearest } from "../../src/core/options/names.ts";
import { quoted } from "./text.ts";

/** Names listed in a message, at most. */
const MOST_SHOWN = 20;

/** The command line itself cannot be read; the exit code is 2. */
export class UsageError extends OdegradError {
  static override readonly name: string = "UsageError";
}

/** `odegrad help` of a command that there is not. */
export class UnknownCommand extends UsageError {
  static override readonly name = "UnknownCommand";

  constructor(name: string, near: string | undefined, known: readonly string[]) {
    super(`There is no command ${quoted(name)}.${near ? ` Did you mean "${near}"?` : ""} The commands: ${known.join(", ")}.`);
  }
}

/** Options that do not go together; `what` says why, and what to give. */
export class OptionsDisagree extends UsageError {
  static override readonly name = "OptionsDisagree";
}

/** PROBLEM is neither a known name nor a path. */
export class UnknownProblem extends OdegradError {
  static override readonly name = "UnknownProblem";

  constructor(name: string, known: readonly string[]) {
    const near = nearest(name, known);
    super(
      `There is no problem ${JSON.stringify(name)}.${near ? ` Did you mean "${near}"?` : ""} Known problems: ${known.join(", ")}. ` +
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
    super(`${option} ${quoted(value)}: expected ${expected}.`);
  }
}

/** The problem's module does not exist. */
export class MissingModule extends OdegradError {
  static override readonly name = "MissingModule";

  constructor(path: string) {
    super(`There is no file "${path}". Give the path of a .ts or .js module, or a name that \`odegrad problems\` lists.`);
  }
}

/** What should be a module is a folder, a device, a socket. */
export class NotAFile extends OdegradError {
  static override readonly name = "NotAFile";

  constructor(path: string) {
    super(`"${path}" is no file. Give the path of a .ts or .js module, or a name that \`odegrad problems\` lists.`);
  }
}

/** The problem's module, or a function of it, did not return in the time that `--max-time` gives. */
export class NeverReturned extends OdegradError {
  static override readonly name = "NeverReturned";

  constructor(milliseconds: number) {
    super(
      `--max-time ${milliseconds} was over, and a second later nothing had come back. Look for a loop without an end in the ` +
        `problem's module and its functions, or give more time.`,
    );
  }
}

/** The process ends with nothing left to do and no result. */
export class EndedEarly extends OdegradError {
  static override readonly name = "EndedEarly";

  constructor() {
    super("There is no result: the problem's module ended the process (process.exit), or awaits what never comes.");
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

/** Training moves parameters. */
export class NothingToTrain extends OdegradError {
  static override readonly name = "NothingToTrain";

  constructor(problem: string) {
    super(`The problem "${problem}" has no parameters that could be trained. Give it some: odeProblem({ …, p }).`);
  }
}

/** An option names a component that neither the parameters nor the initial state have. */
export class UnknownComponent extends OdegradError {
  static override readonly name = "UnknownComponent";

  constructor(problem: string, component: string, known: readonly string[], option: string) {
    const near = nearest(component, known);
    const shown = known.length > MOST_SHOWN ? [...known.slice(0, MOST_SHOWN), `… (${known.length} in all)`] : known;
    super(
      `The problem "${problem}" has no component "${component}" for ${option}.${near ? ` Did you mean "${near}"?` : ""} ` +
        `Its components: ${shown.join(", ")}.`,
    );
  }
}

/** A file of data cannot be read. */
export class CannotRead extends OdegradError {
  static override readonly name = "CannotRead";

  constructor(path: string, cause: unknown) {
    super(
      `--data ${quoted(path)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}. Give the path of a CSV file.`,
      { cause },
    );
  }
}

/** A column of values that no component of the state has the name of. */
export class UnknownColumn extends OdegradError {
  static override readonly name = "UnknownColumn";

  constructor(path: string, column: string, problem: string, known: readonly string[]) {
    const near = nearest(column, known);
    super(
      `--data ${quoted(path)} has values of ${JSON.stringify(column)}, which is no component of the state of "${problem}" ` +
        `(${known.slice(0, MOST_SHOWN).join(", ")}).${near ? ` Is "${near}" meant?` : ""} Say which columns count, --columns ${near ?? known[0]}=${column}, or what it is of: --of ${column}=expression.`,
    );
  }
}

/** `--max-time` was over before a fit or a posterior was found. */
export class TimeOver extends OdegradError {
  static override readonly name = "TimeOver";

  constructor(milliseconds: number) {
    super(`--max-time ${milliseconds} was over before there was a result. Give more time, or ask for less.`);
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

/** Some benchmarks of a report have nothing to show. */
export class BenchmarksFailed extends OdegradError {
  static override readonly name = "BenchmarksFailed";

  constructor(names: readonly string[], page: string) {
    super(
      `${names.join(", ")}: failed, as ${page} tells. The others are on it. Run \`odegrad bench ${names[0]}\` to see it fail.`,
    );
  }
}

/** A picture's path with an extension that cannot be written. */
export class UnknownPictureFormat extends OdegradError {
  static override readonly name = "UnknownPictureFormat";

  constructor(path: string, known: readonly string[]) {
    super(`--plot ${quoted(path)}: the name of a picture must end in ${known.join(" or ")}.`);
  }
}

/** The system does not take what is to be written. */
export class CannotWrite extends OdegradError {
  static override readonly name = "CannotWrite";

  constructor(where: string, cause: unknown) {
    super(`Cannot write to ${where}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
