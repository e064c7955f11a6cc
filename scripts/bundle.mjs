/** Bundles as rolldown.config.ts says, and says nothing where all is well: rolldown's own command lists every one of some 350 files. */
import { rolldown } from "rolldown";
import { loadConfig } from "rolldown/config";

for (const { output, ...input } of await loadConfig("rolldown.config.ts")) {
  const build = await rolldown({ ...input, logLevel: "silent" });
  await build.write(output);
  await build.close();
}
