/** How problems travel: by a name of the table, or by the path of a module that lies on the workers' machines, too. */
import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { problemTable } from "../../problems/table.ts";
import { checkOptions } from "../../src/core/options/check.ts";
import { BadOption } from "../../src/core/errors.ts";
import { anything, text } from "../../src/core/options/kinds.ts";
import { shown } from "../../src/core/options/shown.ts";
import { moduleHash } from "./module-hash.ts";

/** As it is given. */
export type GivenProblem =
  | { readonly name: string; readonly options?: Readonly<Record<string, unknown>> }
  | { readonly module: string | { readonly href: string } };

export interface NamedReference {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** As it travels. The path is relative, with slashes. */
export type ProblemReference = NamedReference | ModuleReference;

export interface ModuleReference {
  readonly module: string;
  readonly hash: string;
}

/** Throws UnknownOption and BadOption. */
export function referenceOf(given: GivenProblem): ProblemReference {
  if (typeof given === "object" && given !== null && "module" in given) {
    checkOptions(given, { module: anything }, "cluster: problem");
    return moduleReference(given.module, "problem.module");
  }
  checkOptions(given, { name: text, options: anything }, "cluster: problem");
  const { name, options = {} } = given;
  if (!Object.hasOwn(problemTable, name)) {
    throw new BadOption(
      `cluster: problem.name is ${shown(name)}, which is no named problem. Give one that \`odegrad problems\` lists, or ` +
        `{ module: new URL("./model.js", import.meta.url) }.`,
    );
  }
  return { name, options };
}

/** `what`: the option that it is of. Throws {@link BadOption}. */
export function moduleReference(given: string | { readonly href: string }, what: string): ModuleReference {
  if (typeof given !== "string" && typeof given?.href !== "string") {
    throw new BadOption(`cluster: ${what} is ${shown(given)}, but must be a path or the URL of a file.`);
  }
  const file =
    typeof given !== "string" ? fileURLToPath(given.href) : given.startsWith("file:") ? fileURLToPath(given) : resolve(given);
  if (!existsSync(file)) throw new BadOption(`cluster: ${what}: there is no file "${file}".`);
  const module = relative(process.cwd(), file);
  if (isOutside(module)) {
    throw new BadOption(
      `cluster: ${what}: "${file}" lies outside of the folder that the program runs in, ${process.cwd()}, and workers look for modules ` +
        `below theirs. Run the program in a folder that holds the module.`,
    );
  }
  return { module: module.split(sep).join("/"), hash: moduleHash(file) };
}

/** Does a relative path lead out of its folder? */
export function isOutside(path: string): boolean {
  return isAbsolute(path) || path.split(/[/\\]/)[0] === "..";
}
