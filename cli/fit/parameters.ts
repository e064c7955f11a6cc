/** What is free in a fit: `--params` and how each is fitted. */
import type { Command } from "commander";
import { componentNames } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Parameters, ParameterSpec, PriorSpec } from "../../training/index.ts";
import { BadOptionValue, OptionsDisagree, UnknownComponent } from "../messages/errors.ts";
import { names, pairs } from "./pairs.ts";

export interface FreeOptions {
  readonly params?: readonly string[];
  readonly start?: Readonly<Record<string, number>>;
  readonly bounds?: Readonly<Record<string, readonly [number, number]>>;
  readonly log?: readonly string[];
  readonly prior?: Readonly<Record<string, PriorSpec>>;
}

export function freeOptions(command: Command): Command {
  return command
    .option(
      "--params <names>",
      "what is free: components of p, and u0.x, u0[0] of the initial state, such as a,b,u0.prey (default: all of p)",
      (text) => names("--params", text),
    )
    .option("--start <name=number,…>", "where they start, such as a=1,b=2 (default: the problem's values)", (text) =>
      pairs("--start", text, "a=1,b=2", finite),
    )
    .option("--bounds <name=low:high,…>", "what they stay within, such as a=0:5,b=0: (default: none)", (text) =>
      pairs("--bounds", text, "a=0:5,b=0:,c=:1, the lower number first", range),
    )
    .option("--log <names>", "those that are positive and of any size, whose steps are relative, such as a,b", (text) =>
      names("--log", text),
    )
    .option(
      "--prior <name=distribution>",
      "what is known of one besides the data, such as a=normal(1,0.5) or a=lognormal(0,1), of mean and deviation of ln a; may be repeated",
      prior,
    );
}

function finite(text: string): number | undefined {
  return Number.isFinite(Number(text)) ? Number(text) : undefined;
}

function range(text: string): [number, number] | undefined {
  const ends = text.split(":").map((end) => end.trim());
  if (ends.length !== 2) return undefined;
  const [low, high] = [ends[0] === "" ? -Infinity : Number(ends[0]), ends[1] === "" ? Infinity : Number(ends[1])];
  return low < high ? [low, high] : undefined;
}

function prior(text: string, before: Readonly<Record<string, PriorSpec>> = {}): Record<string, PriorSpec> {
  const [, name, distribution, first, second] =
    /^([^=\s]+)\s*=\s*(normal|lognormal)\(([^,()]+),([^,()]+)\)$/.exec(text.trim()) ?? [];
  const numbers = [Number(first), Number(second)] as const;
  if (name === undefined || !numbers.every(Number.isFinite) || Object.hasOwn(before, name)) {
    throw new BadOptionValue("--prior", text, "a name once, with normal(mean,deviation) or lognormal(mean,deviation)");
  }
  return { ...before, [name]: { [distribution]: numbers } };
}

/** As `fit` and `sample` take them. Throws {@link UnknownComponent}, {@link OptionsDisagree}. */
export function freeIn(problem: OdeProblem, options: FreeOptions): { parameters: Parameters; initial?: Parameters } {
  const { layout } = problem;
  const ofP = componentNames(layout.p, "p");
  const ofU0 = componentNames(layout.u, "u0").map((name) => (layout.u.kind === "struct" ? `u0.${name}` : name));
  const { params: free = ofP, start = {}, bounds = {}, log = [], prior = {} } = options;
  const named = { "--params": free, "--start": keys(start), "--bounds": keys(bounds), "--log": log, "--prior": keys(prior) };
  for (const [option, list] of Object.entries(named)) {
    for (const name of list) {
      if (!isIn(ofP, name) && !isIn(ofU0, name)) throw new UnknownComponent(problem.name, name, [...ofP, ...ofU0], option);
      if (!free.includes(name)) throw new OptionsDisagree(`${option} has ${name}, which is not free: name it in --params, too.`);
    }
  }
  const specOf = (name: string): ParameterSpec => {
    return { start: start[name], bounds: bounds[name], scale: log.includes(name) ? "log" : "linear", prior: prior[name] };
  };
  const initial = free.filter((name) => !isIn(ofP, name));
  return {
    parameters: Object.fromEntries(free.filter((name) => isIn(ofP, name)).map((name) => [name, specOf(name)])),
    ...(initial.length > 0 && { initial: Object.fromEntries(initial.map((name) => [name.replace(/^u0\./, ""), specOf(name)])) }),
  };
}

const keys = Object.keys;

/** Is it a component, or what some lie under? */
function isIn(components: readonly string[], name: string): boolean {
  return components.some((one) => one === name || one.startsWith(`${name}.`) || one.startsWith(`${name}[`));
}
