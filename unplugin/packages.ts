/** Packages that building needs and solving does not. */
import { createRequire } from "node:module";
import { MissingPackage } from "../src/core/errors.ts";

const load = createRequire(import.meta.url);

/** Throws {@link MissingPackage}. */
export function needed<T>(name: string): T {
  try {
    return load(name) as T;
  } catch (cause) {
    if ((cause as { code?: string }).code !== "MODULE_NOT_FOUND") throw cause;
    throw new MissingPackage(name, "The build plugin", { cause });
  }
}
