/** Runs the built command in a process of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const command = fileURLToPath(new URL("../../dist/cli/odegrad.js", import.meta.url));

export function odegrad(...args: string[]): Outcome {
  return odegradWith("", ...args);
}

/** With options for Node. */
export function odegradWith(nodeOptions: string, ...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: nodeOptions, DEBUG: "" },
  });
  return { status, stdout, stderr };
}

/** Runs with --json; fails unless the command succeeds and prints one JSON object and nothing else. */
export function json<T>(...args: string[]): T {
  const { status, stdout, stderr } = odegrad(...args, "--json");
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** The path of a module among the test's own. */
export function modulePath(name: string): string {
  return fileURLToPath(new URL(`./modules/${name}`, import.meta.url));
}

/** A fresh folder outside the repository. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "odegrad-"));
}
