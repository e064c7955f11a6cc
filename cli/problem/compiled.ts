/** Imports modules compiled by tsx, which is not installed with the library: Node runs most by itself. */
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";
import type * as Compiler from "tsx/esm/api";
import { MissingPackage } from "../../src/core/errors.ts";
import { nodeStripsTypes, synchronousHooks, type SynchronousHooks } from "./typescript.ts";

export async function importCompiled(href: string): Promise<Record<string, unknown>> {
  const { tsImport } = await compilerFor(href);
  const { registerHooks } = nodeModule as unknown as { registerHooks?: (hooks: SynchronousHooks) => void };
  if (nodeStripsTypes) registerHooks?.(synchronousHooks);
  return (await tsImport(href, import.meta.url)) as Record<string, unknown>;
}

async function compilerFor(href: string): Promise<typeof Compiler> {
  try {
    return await import("tsx/esm/api");
  } catch (error) {
    const reason = nodeStripsTypes
      ? "which uses more of TypeScript than types, such as enums,"
      : `in Node ${process.versions.node}, which does not strip types as Node 22.18 and later do,`;
    throw new MissingPackage("tsx", `Loading ${fileURLToPath(href)}, ${reason}`, { cause: error });
  }
}
