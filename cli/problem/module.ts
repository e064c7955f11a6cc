/** Problems from users' modules. */
import { stat } from "node:fs/promises";
import { register } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../node/package-root.ts";
import { describe, isPlainObject } from "../../src/core/array-values.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything } from "../../src/core/options/kinds.ts";
import { MissingPackage, OdegradError } from "../../src/core/errors.ts";
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";
import { BrokenModule, MissingModule, NoDefaultExport, NotAFile, NotAProblem } from "../messages/errors.ts";
import { importCompiled } from "./compiled.ts";
import { needsCompiler, nodeStripsTypes } from "./typescript.ts";

export interface ProblemWithLoss {
  readonly problem: OdeProblem;
  readonly loss?: Loss;
}

/**
 * The default export of a .ts or .js module: a problem, or `{ problem, loss }`. The module may use another copy of the
 * library than this command does, so what it exports is known by its shape, not by its class.
 */
export async function loadModule(path: string): Promise<ProblemWithLoss> {
  const exported = await importModule(path);
  if (!("default" in exported)) throw new NoDefaultExport(path, Object.keys(exported));
  try {
    return withLossOf(exported.default, path);
  } catch (error) {
    // What is read may be getters of the user's.
    throw error instanceof OdegradError ? error : new BrokenModule(path, error);
  }
}

function withLossOf(found: unknown, path: string): ProblemWithLoss {
  if (isProblem(found)) return { problem: found };
  if (!hasProblem(found)) throw new NotAProblem(path, inWords(found));
  checkOptions(found, withLoss, `the default export of "${path}"`);
  return found;
}

const withLoss: Checks<ProblemWithLoss> = { problem: anything, loss: anything };

/** What a module exports. */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path);
  const found = await stat(file).catch(() => {
    throw new MissingModule(path);
  });
  if (!found.isFile()) throw new NotAFile(path);
  const { href } = pathToFileURL(file);
  register(pathToFileURL(join(packageRoot(), "dist", "cli", "problem", "resolve-hook.js")));
  try {
    if (!nodeStripsTypes && /\.m?ts$/.test(path)) return await importCompiled(href);
    return (await import(href)) as Record<string, unknown>;
  } catch (error) {
    if (!needsCompiler(error)) throw broken(path, error);
  }
  try {
    return await importCompiled(href);
  } catch (error) {
    throw broken(path, error);
  }
}

function broken(path: string, error: unknown): OdegradError {
  return error instanceof MissingPackage ? error : new BrokenModule(path, error);
}

function isProblem(value: unknown): value is OdeProblem {
  return isObject(value) && typeof value.rhs === "function" && Array.isArray(value.tspan) && isObject(value.layout);
}

function hasProblem(value: unknown): value is ProblemWithLoss {
  return isObject(value) && isProblem(value.problem) && (value.loss === undefined || isObject(value.loss));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function inWords(value: unknown): string {
  return isPlainObject(value) ? `an object with the keys ${Object.keys(value).join(", ") || "(none)"}` : describe(value);
}
