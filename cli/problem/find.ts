/** PROBLEM of the command line: a name of the table, or a module's path. */
import { problemTable } from "../../problems/table.ts";
import { ModuleTakesNoOptions, UnknownProblem, UnknownProblemOption } from "../errors.ts";
import { loadModule, type ProblemWithLoss } from "./module.ts";

/** `settings` are the values of `--set`, which named problems take. */
export async function findProblem(name: string, settings: Readonly<Record<string, unknown>>): Promise<ProblemWithLoss> {
  if (isPath(name)) {
    if (Object.keys(settings).length) throw new ModuleTakesNoOptions(name);
    return loadModule(name);
  }
  if (!Object.hasOwn(problemTable, name)) throw new UnknownProblem(name, Object.keys(problemTable));
  const { options, make } = problemTable[name];
  for (const option of Object.keys(settings)) {
    if (!Object.hasOwn(options, option)) throw new UnknownProblemOption(name, option, Object.keys(options));
  }
  return make(settings);
}

function isPath(name: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(name);
}
