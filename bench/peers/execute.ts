/** Where the peers are, and how one is run. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OdegradError } from "../../src/core/errors.ts";
import { packageRoot } from "../../node/package-root.ts";

/** A competitor could not be built or run. */
export class PeerUnavailable extends OdegradError {
  static override readonly name = "PeerUnavailable";
}

export function requirePython(program: string, python: string): void {
  if (!existsSync(python)) {
    throw new PeerUnavailable(
      `The peer ${program} needs a Python with its packages, and there is none at ${python}. bench/peers/README.md says how to ` +
        `install one; the environment variable PEERS_PYTHON names another.`,
    );
  }
}

/** Where `install.sh` puts them, in the folder that the environment variable SUNDIALS names; PEERS_PYTHON names another Python. */
export function peerPaths(): {
  readonly sundials: string;
  readonly python: string;
  readonly diffsol: string;
  readonly odex: string;
} {
  const sundials = process.env.SUNDIALS ?? "/opt/odegrad-peers";
  return {
    sundials,
    python: process.env.PEERS_PYTHON ?? join(sundials, "venv/bin/python"),
    diffsol: join(sundials, "diffsol/release/diffsol-peer"),
    odex: join(sundials, "node/node_modules/odex/src/odex.js"),
  };
}

/** Throws {@link PeerUnavailable} where the file of a peer is not there. */
export function requirePeer(name: string, file: string): void {
  if (existsSync(file)) return;
  throw new PeerUnavailable(`The peer ${name} is not installed: there is no ${file}. bench/peers/install.sh installs it.`);
}

export function requireSundials(program: string, sundials: string): void {
  if (existsSync(join(sundials, "include", "cvodes"))) return;
  throw new PeerUnavailable(
    `The peer ${program} needs SUNDIALS, and there is none in ${sundials}. Build it with bench/peers/build-sundials.sh, ` +
      `or name its prefix in the environment variable SUNDIALS.`,
  );
}

/** One value a line of JSON. */
export function linesOf(output: string): unknown[] {
  return output
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

export function execute(command: string, args: readonly string[], doing: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) {
    throw new PeerUnavailable(
      `${doing}: ${error.message}. The peers need a C compiler and make (on Debian: apt-get install build-essential).`,
    );
  }
  if (status !== 0) throw new PeerUnavailable(`${doing}: ${command} ended with ${status}. It says:\n${stderr || stdout}`);
  return stdout;
}

/** The C sources stay in the repository's `bench/peers`, also when this module runs compiled from `dist`. */
export function peersFolder(): string {
  const folder = join(packageRoot(), "bench", "peers");
  if (!existsSync(join(folder, "Makefile"))) {
    throw new PeerUnavailable(
      `No sources of the peers in ${folder}. They come with odegrad's repository, not with the package: clone it.`,
    );
  }
  return folder;
}
