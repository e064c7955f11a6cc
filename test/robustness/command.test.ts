/**
 * Command lines wrong in one place, at random: each ends with the exit code that is documented and one message, which names the
 * option and is no stack trace; or where what is given may be right, with a result without a NaN.
 */
import { expect, it, vi } from "vitest";
import type { Command } from "commander";
import * as odegradExports from "../../index.ts";
import * as cliErrors from "../../cli/messages/errors.ts";
import { odegradCommand, runCommand } from "../../cli/command.ts";
import { hostile, hostileProblems, observationsFile, optionValues, together, valuesOf } from "./command-lines.ts";
import { uniforms } from "../../src/core/random.ts";

/** Command lines in all. */
const LINES = Number(process.env.ODEGRAD_RANDOM ?? 300);

interface Line {
  readonly args: readonly string[];
  /** The option whose value is spoilt, and so is to be named. */
  readonly about?: string;
  /** May it succeed? */
  readonly mayBeRight?: boolean;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const uniform = uniforms(10);
const choose = <T>(list: readonly T[]): T => list[Math.floor(uniform() * list.length)];

const program = odegradCommand();
const solving = program.commands.filter((command) => command.registeredArguments[0]?.name() === "problem");
const others = program.commands.filter((command) => !solving.includes(command));
const problems = hostileProblems();

/** Options of a command that take a value, by their long names. */
function optionsOf(command: Command): string[] {
  return command.options.filter((option) => option.required).map((option) => option.long!);
}

/** What a command needs to succeed, in little time. */
function rightLine(command: Command): string[] {
  const batch = command.name() === "ensemble" ? ["--vary", "p.a=uniform(1,2)", "--trajectories", "3"] : [];
  const train = command.name() === "train" ? ["--steps=2"] : [];
  return [command.name(), "lotkaVolterra", ...batch, ...train, ...fitted(command, preyFile, "prey", "a")];
}

const [preyFile, fieldFile] = [observationsFile("prey"), observationsFile('"u[0,0,0]"')];

/** What fits need to have something to do, and little of it. */
function fitted(command: Command, file: string, component: string, free: string): string[] {
  if (!["fit", "sample"].includes(command.name())) return [];
  const few = command.name() === "sample" ? ["--chains", "1", "--draws", "4", "--warmup", "2"] : [];
  return ["--data", file, "--columns", `${component}=${component}`, "--params", free, ...few];
}

/** A right line, but for the value. */
function withOption(command: Command, option: string, value: string): string[] {
  const field = fitted(command, fieldFile, "u[0,0,0]", "A");
  if (option === "--set" && field.length > 0) return [command.name(), "brusselator", ...field, `--set=${value}`];
  const line = rightLine(command);
  if (option === "--set") line.splice(1, 2, "brusselator", ...(command.name() === "ensemble" ? ["--vary=p.A=uniform(1,2)"] : []));
  if (option === "--set" && command.name() === "ensemble") line.splice(3, 1);
  if (option === "--set" && command.name() === "train") line.push("--steps=2");
  const at = line.indexOf(option);
  if (at >= 0) line.splice(at, 2);
  return [...line, ...(together[option] ?? []), `${option}=${value}`];
}

/** A name with one letter less, more, or another one. */
function misspelt(name: string): string {
  const at = 2 + Math.floor(uniform() * (name.length - 2));
  return choose([
    name.slice(0, at) + name.slice(at + 1),
    `${name.slice(0, at)}x${name.slice(at)}`,
    `${name.slice(0, at)}x${name.slice(at + 1)}`,
    name.toUpperCase(),
  ]);
}

/** Of a hundred lines, so many are wrong in this way. */
const kinds: readonly (readonly [share: number, wrong: (command: Command) => Line])[] = [
  [
    30,
    (command) => {
      const option = choose(optionsOf(command).filter((name) => valuesOf(command.name(), name).wrong.length > 0));
      return { args: withOption(command, option, choose(valuesOf(command.name(), option).wrong)), about: option };
    },
  ],
  [
    30,
    (command) => {
      const [option, value] = [choose(optionsOf(command)), choose(hostile)];
      return {
        args: withOption(command, option, value),
        about: option,
        mayBeRight: valuesOf(command.name(), option).mayBeRight(value),
      };
    },
  ],
  // Problems that are none.
  [15, (command) => ({ args: [command.name(), choose(problems)] })],
  // An option without its value.
  [
    5,
    (command) => {
      const option = choose(optionsOf(command));
      return { args: [...rightLine(command), option], about: option };
    },
  ],
  // Near names of options, and of commands.
  [3, (command) => ({ args: [...rightLine(command), misspelt(choose(command.options).long!)] })],
  [2, () => ({ args: [choose(others).name(), misspelt("--json")] })],
  [5, () => ({ args: [choose([misspelt(choose(program.commands).name()), choose(hostile)])] })],
  // Too much.
  [4, (command) => ({ args: [...rightLine(command), choose(hostile)] })],
  [6, () => ({ args: [choose(others).name(), choose(hostile)] })],
];

/** In this process; what goes to the outputs is kept. */
async function outcomeOf(args: readonly string[]): Promise<Outcome> {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    }),
  );
  const errors = vi.spyOn(console, "error").mockImplementation((text) => void (said.stderr += `${text}\n`));
  try {
    return { code: await runCommand(args), ...said };
  } finally {
    for (const spy of [...spies, errors]) spy.mockRestore();
  }
}

const named = new Set(Object.keys({ ...odegradExports, ...cliErrors }).filter((name) => name !== "InternalError"));

/** The library's names of what the command calls otherwise. */
const ofTheLibrary = [...new Set(solving.flatMap((command) => command.options.map((option) => option.attributeName())))].filter(
  (name) => /[A-Z]/.test(name),
);

/** What is wrong with how it went. */
function faultOf({ about, mayBeRight }: Line, { code, stdout, stderr }: Outcome): string | undefined {
  if (code === 0) {
    if (!mayBeRight) return "was taken";
    return /NaN|undefined|Infinity/.test(stdout) ? "gave no number" : undefined;
  }
  const name = /^(\w+): /.exec(stderr)?.[1] ?? "";
  const isUsage = name === "error" || (Object.hasOwn(cliErrors, name) && isA((cliErrors as never)[name], cliErrors.UsageError));
  if (code !== (isUsage ? 2 : 1)) return `has the exit code ${code}`;
  if (name !== "error" && !named.has(name)) return "has no error of a name";
  if (stdout !== "") return "printed something";
  if (/^\s+at /m.test(stderr)) return "shows a stack trace";
  if (!mayBeRight && about !== undefined && !stderr.includes(about)) return "is not told which option";
  if (ofTheLibrary.some((name) => stderr.includes(name))) return "is told of the library's option";
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(stderr)) return "steers the terminal";
  return stderr.length > 2000 ? `is told in ${stderr.length} letters` : undefined;
}

function isA(type: unknown, base: unknown): boolean {
  return type === base || (typeof type === "function" && type.prototype instanceof (base as never));
}

it("knows values of every option, and nothing else", () => {
  const options = new Set(solving.flatMap((command) => command.options.map(({ long }) => long)));
  expect(new Set(Object.keys(optionValues).map((name) => name.split(" ").at(-1)))).toEqual(options);
});

it.each(solving.map((command) => [command.name(), command] as const))("%s takes what is right", async (_, command) => {
  for (const option of optionsOf(command)) {
    for (const value of valuesOf(command.name(), option).right) {
      const { code, stderr } = await outcomeOf(withOption(command, option, value));
      // Training tells how far it is.
      const said = stderr.replaceAll(/^(step|iteration|start|transition) \d+.*\n/gm, "");
      expect([option, value, code, said]).toEqual([option, value, 0, ""]);
    }
  }
});

it(`${LINES} wrong command lines`, async () => {
  const lines = kinds.flatMap(([share, wrong]) =>
    Array.from({ length: Math.ceil((share * LINES) / 100) }, () => wrong(choose(solving))),
  );
  const faults: string[] = [];
  for (const line of lines) {
    const outcome = await outcomeOf(line.args);
    const fault = faultOf(line, outcome);
    if (fault) faults.push(`${line.args.join(" ").slice(0, 300)}: ${fault}: ${outcome.stderr.slice(0, 300)}`);
  }
  expect(faults).toEqual([]);
});
