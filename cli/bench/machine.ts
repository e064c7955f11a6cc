/** On what a report was measured: the machine, and versions of what is compared. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { peerPaths } from "../../bench/peers/execute.ts";
import { packageRoot } from "../../node/package-root.ts";
import { engineFindings } from "../doctor/engine.ts";
import { formatBytes } from "../messages/text.ts";

export interface Fact {
  readonly name: string;
  readonly value: string;
}

const MISSING = "not installed";

export function machineFacts(): Fact[] {
  return [{ name: "odegrad", value: ownVersion() }, ...engineFindings(), { name: "memory", value: formatBytes(totalmem()) }];
}

export function peerFacts(): Fact[] {
  const { sundials, odex } = peerPaths();
  return [
    { name: "C compiler", value: firstLine("cc", "--version") },
    {
      name: "SUNDIALS",
      value: quotedVersion(join(sundials, "include/sundials/sundials_config.h"), /SUNDIALS_VERSION "([^"]+)"/),
    },
    ...pythonFacts(["scipy", "torch", "torchdiffeq", "jax", "diffrax"]),
    // Its program carries no version: it is built from the one that its manifest fixes.
    { name: "diffsol", value: existsSync(peerPaths().diffsol) ? diffsolVersion() : MISSING },
    { name: "odex", value: quotedVersion(join(odex, "../../package.json"), /"version": "([^"]+)"/) },
  ];
}

function ownVersion(): string {
  return quotedVersion(join(packageRoot(), "package.json"), /"version": "([^"]+)"/);
}

function diffsolVersion(): string {
  return quotedVersion(join(packageRoot(), "bench/peers/diffsol/Cargo.toml"), /diffsol = "=([^"]+)"/);
}

function quotedVersion(file: string, pattern: RegExp): string {
  if (!existsSync(file)) return MISSING;
  return pattern.exec(readFileSync(file, "utf8"))?.[1] ?? "of unknown version";
}

function firstLine(command: string, ...args: string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : MISSING;
}

function pythonFacts(packages: readonly string[]): Fact[] {
  const { python } = peerPaths();
  const asked = `from importlib.metadata import version, PackageNotFoundError
for name in ${JSON.stringify(packages)}:
    try: print(version(name))
    except PackageNotFoundError: print(${JSON.stringify(MISSING)})`;
  const { status, stdout } = spawnSync(python, ["-c", asked], { encoding: "utf8" });
  const versions = status === 0 ? stdout.trim().split("\n") : [];
  return packages.map((name, i) => ({ name, value: versions[i] ?? MISSING }));
}
