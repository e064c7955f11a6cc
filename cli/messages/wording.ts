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
  "out",
  "steps",
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
  "between",
  "bins",
  "save",
]);

/** Options that the library has no such name of. */
const OWN: ReadonlySet<string> = new Set(["data", "columns", "params", "start", "bounds", "log", "prior", "of", "covariates"]);

/** Sentences about calls, and what there is of it on a command line. */
const OF_CALLS: readonly (readonly [string | RegExp, string])[] = [
  [" The solution so far is attached as `solution`; `throwOnFailure: false` returns it.", ""],
  ["Start elsewhere: parameters: { name: { start } }.", "Start elsewhere: --start name=number."],
  ["Give smaller ones by name, atol: { … }.", "Give a smaller --atol."],
  [/(?<![\w.])initial\.(?=u0\[)|(?<![\w.])parameters\.(?=\w)/g, ""],
  [/(?<![\w.])initial\.(?=\w)/g, "u0."],
  [
    /^(\S+) starts at (\S+), outside its bounds \[(\S+), (\S+)\]\. Give a `start` within them\./g,
    "--bounds $1=$3:$4: $1 starts at $2, outside of them. Give --start $1=number within them.",
  ],
  [
    /^(\S+) is (\S+), but on the scale "log" it must be (.*)\.$/g,
    "--log $1: it starts at $2, but must be $3. Give it such a --start and such --bounds.",
  ],
  [/^(\S+)\.prior has the deviation (\S+),/g, "--prior $1 has the deviation $2,"],
  [
    /^(\S+)\.prior is of what is positive, but the parameter starts at (\S+)\. Give it a positive `start`\./g,
    "--prior $1 is of what is positive, but it starts at $2. Give --start $1=number, a positive one.",
  ],
  [/^multiStart: /g, "--starts: "],
  [/^holdOut: (.* Give another )`part`, or more data\./g, "--held-out: $1part."],
  [/observations(?=\[\d+\])/g, "--data"],
  [
    /Leave it out of `(?:parameters|initial)`, or of `(?:p|u0)` of the observations\./g,
    "Leave it out of --params, or of --covariates.",
  ],
  ["Give it two `bounds`, a `prior`, or another `start`.", "Give it two --bounds, a --prior, or another --start."],
  ['On the scale "linear" with bounds it', "With --bounds, and without --log, it"],
  [/(?<=Give one: )sigma: \{ (.+?): … \}/g, "--sigma $1=number"],
  [/^observations: `of` has /g, "--of has "],
  [/^observations: sigma\.(.+)\[(\d+)\] is /g, "--sigma $1: value [$2] is "],
  [/^observations(?:\[\d+\])?(?=:| has | is )/g, "--data"],
  ["Give tspan: [start, end] of this experiment.", "Give --tspan start,end."],
  ['Name that of the times: { t: "hours" }.', "Name that of the times: --columns t=hours."],
  ['those that count: { values: { prey: "prey" } }.', "those that count: --columns prey=prey."],
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
    let text = ofCommand(line);
    for (const [name, flag] of names) {
      const value = new RegExp(`(?<![\\w.-])${name}: "(\\w+)"`, "g");
      const alone = new RegExp(`(?<![\\w.-])${name}(?=${WORDS.has(name) ? ":|\\[|`| is (?!a )" : "\\b(?!\\()"})`, "g");
      text = text.replaceAll(value, `${flag} $1`).replaceAll(alone, flag);
    }
    return text;
  };
  return message.split("\n").map(renamed).join("\n");
}

/** Below a result. */
export function warningLines(warnings: readonly string[]): string[] {
  return warnings.map((warning) => `warning: ${ofCommand(warning)}`);
}

/** A line whose sentences about calls are of the command. */
export function ofCommand(line: string): string {
  return OF_CALLS.reduce((text, [ofCalls, instead]) => text.replaceAll(ofCalls, instead), line);
}
