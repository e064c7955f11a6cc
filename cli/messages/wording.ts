/** What the library says of its options, in the names of the command's. */
import type { Command } from "commander";

/** Options whose names are words: they stand for the option only where something is said of its value. */
const WORDS: ReadonlySet<string> = new Set([
  "set",
  "solver",
  "stops",
  "check",
  "seed",
  "device",
  "precision",
  "plot",
  "json",
  "adjoint",
  "vary",
  "trajectories",
  "version",
  "experiment",
  "sigma",
  "starts",
  "chains",
  "draws",
  "warmup",
]);

/** Options that the library has no such name of. */
const OWN: ReadonlySet<string> = new Set(["data", "columns", "params", "start", "bounds", "log", "prior"]);

/** Sentences about calls, and what there is of it on a command line. */
const OF_CALLS: readonly (readonly [string, string])[] = [
  [" The solution so far is attached as `solution`; `throwOnFailure: false` returns it.", ""],
  ["Start elsewhere: parameters: { name: { start } }.", "Start elsewhere: --start name=number."],
  ["Give smaller ones by name, atol: { … }.", "Give a smaller --atol."],
];

/** Lines of the user's own code, as messages show them. */
const CODE = /^\s*\d* \| /;

/** "maxStep is 0" becomes "--max-step is 0", `device: "cpu"` becomes "--device cpu". */
export function inCommandWords(message: string, program: Command): string {
  const names = new Map(
    program.commands
      .flatMap(({ options }) => options.map((option) => [option.attributeName(), option.long!] as const))
      .filter(([name]) => !OWN.has(name)),
  );
  const renamed = (line: string): string => {
    if (CODE.test(line)) return line;
    let text = line;
    for (const [name, flag] of names) {
      const value = new RegExp(`(?<![\\w.-])${name}: "(\\w+)"`, "g");
      const alone = new RegExp(`(?<![\\w.-])${name}(?=${WORDS.has(name) ? ":|\\[|`| is (?!a )" : "\\b(?!\\()"})`, "g");
      text = text.replaceAll(value, `${flag} $1`).replaceAll(alone, flag);
    }
    return text;
  };
  return withoutCalls(message).split("\n").map(renamed).join("\n");
}

/** Below a result. */
export function warningLines(warnings: readonly string[]): string[] {
  return warnings.map((warning) => `warning: ${withoutCalls(warning)}`);
}

function withoutCalls(message: string): string {
  return OF_CALLS.reduce((text, [ofCalls, instead]) => text.replaceAll(ofCalls, instead), message);
}
