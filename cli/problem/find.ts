/** PROBLEM of the command line: a name of the table, or a module's path. */
import { problemTable } from "../../problems/table.ts";
import { ModuleTakesNoOptions, UnknownProblem, UnknownProblemOption } from "../messages/errors.ts";
import { naming } from "../messages/naming.ts";
import { toJson } from "../messages/json.ts";
import { loadModule, type ProblemWithLoss } from "./module.ts";

/** `settings` are the values of `--set`, which named problems take. */
export async function findProblem(name: string, settings: Readonly<Record<string, unknown>>): Promise<ProblemWithLoss> {
  if (isPath(name)) {
    if (Object.keys(settings).length) throw new ModuleTakesNoOptions(name);
    return loadModule(name);
  }
  if (!Object.hasOwn(problemTable, name)) throw new UnknownProblem(name, Object.keys(problemTable));
  const { options, make } = problemTable[name];
  const given = Object.entries(settings).map(
    ([option, value]) => `${option}=${typeof value === "string" ? value : toJson(value)}`,
  );
  return naming("--set", given.join(" "), () => {
    for (const option of Object.keys(settings)) {
      if (!Object.hasOwn(options, option)) throw new UnknownProblemOption(name, option, Object.keys(options));
    }
    return make(settings);
  });
}

export function isPath(name: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(name);
}
