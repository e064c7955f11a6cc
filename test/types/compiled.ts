/** Type-checks programs as users' projects do: against the built package, strictly, its declarations too. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const strict = {
  target: "es2022",
  lib: ["es2023"],
  module: "nodenext",
  moduleResolution: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  allowImportingTsExtensions: true,
  allowJs: true,
  types: [] as string[],
};

/** What the compiler says of files by their names, written to a folder of their own within the repository, from which `odegrad` is the built package. */
export function complaints(
  name: string,
  files: Readonly<Record<string, string>>,
  options: Partial<typeof strict> = {},
): string[] {
  const folder = join(root, "out", "types", name);
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const settings = { compilerOptions: { ...strict, ...options }, files: Object.keys(files) };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (stderr) throw new Error(stderr);
  return stdout.split("\n").filter((line) => line !== "");
}
