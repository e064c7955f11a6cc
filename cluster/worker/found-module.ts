/** The module that a job's problem comes from, on the worker's machine. */
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { OtherModule } from "../redis/errors.ts";
import { moduleHash } from "../problem/module-hash.ts";
import { isOutside } from "../problem/reference.ts";

/** Its path. Throws {@link OtherModule} where it is another one than the program's. */
export function foundModule(folder: string, module: string, hash: string): string {
  const file = join(resolve(folder), module);
  const place = `the worker on ${hostname()}, whose modules are in ${resolve(folder)}`;
  const remedy =
    "Copy the module there with all that it names, as it is, or start the worker with the --modules folder that has it.";
  if (isOutside(module)) throw new OtherModule(`"${module}" leads out of the folder of ${place}. ${remedy}`);
  if (!existsSync(file)) throw new OtherModule(`"${module}" is not there for ${place}. ${remedy}`);
  const own = moduleHash(file);
  if (own === hash) return file;
  throw new OtherModule(
    `"${module}" of ${place}, or a file that it names, differs from the program's: its hash is ${own.slice(0, 12)}, the program's ` +
      `${hash.slice(0, 12)}. ${remedy}`,
  );
}
