/** Where output goes wrong: it is seen, told in one line, and what was computed is not lost. */
import { spawnSync } from "node:child_process";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

const command = fileURLToPath(new URL("../../../dist/cli/odegrad.js", import.meta.url));

describe.skipIf(!existsSync("/dev/full"))("a full disk", () => {
  it.each([
    [["--help"]],
    [["problems"]],
    [["solve", "lotkaVolterra"]],
    [["solve", "lotkaVolterra", "--json", "--saveat", "0.001"]],
  ])("is an error of %j", (args) => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [command, ...args], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect([status, stderr.trim()]).toEqual([
      1,
      "CannotWrite: Cannot write to standard output: ENOSPC: no space left on device, write.",
    ]);
  });

  it("of messages changes no exit code", () => {
    const full = openSync("/dev/full", "w");
    const { status } = spawnSync(process.execPath, [command, "solve", "nothing"], { stdio: ["ignore", "ignore", full] });
    closeSync(full);
    expect(status).toBe(1);
  });
});

describe.skipIf(process.platform === "win32")("a reader that has enough", () => {
  it.each(["--help", "solve lotkaVolterra --json --saveat 0.0001"])("ends `odegrad %s` without a word", (line) => {
    const script = `set -o pipefail; "${process.execPath}" "${command}" ${line} | head -c 9`;
    const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(stdout).toHaveLength(9);
    expect(stderr).toBe("");
    // As shells say of what a closed pipe ended; all was read where the pipe had room for it.
    expect([0, 141]).toContain(status);
  });
});

describe("a picture that cannot be written", () => {
  const folder = temporaryFolder();
  const taken = join(folder, "folder.svg");
  mkdirSync(taken);
  copyFileSync(modulePath("bare.js"), join(folder, "file"));

  it.each([taken, join(folder, "file", "in-a-file.svg"), "/proc/nowhere/a.svg"])("to %s does not lose the result", (path) => {
    for (const args of [["solve"], ["gradient"], ["ensemble", "--vary", "p.a=uniform(1,2)", "--trajectories", "4"]]) {
      const [verb, ...rest] = args;
      const { status, stdout, stderr } = odegrad(verb, "lotkaVolterra", ...rest, "--json", "--plot", path);
      expect(JSON.parse(stdout)).toHaveProperty("problem", "lotkaVolterra");
      expect(stderr).toMatch(/^CannotWrite: Cannot write to the picture ".*svg": E[A-Z]+.*\n$/);
      expect(status).toBe(1);
    }
  });

  it("is told below the result where it can", () => {
    const path = join(folder, "new", "er", "a.svg");
    expect(odegrad("solve", "lotkaVolterra", "--plot", path).stdout).toMatch(/to solve\npicture: .*a\.svg\n$/);
    expect(readFileSync(path, "utf8")).toContain("</svg>");
  });
});

it.each(["rates.ts", "a?b.ts", "a#b.ts", "a b.ts", "a%20b.ts", "a%b.ts", "é.ts"])(
  "loads a module with an enum and a timer from a file named %s, and ends",
  (name) => {
    const path = join(temporaryFolder(), name);
    copyFileSync(modulePath("rates.ts"), path);
    const { u, t } = json<{ u: number[][]; t: number[] }>("solve", path);
    expect(u.at(-1)![0]).toBeCloseTo(Math.exp(-3 * t.at(-1)!), 5);
  },
);

it("names its own options in messages", () => {
  for (const option of ["--rtol", "--atol", "--max-step", "--first-step", "--max-time", "--dt"]) {
    const { status, stderr } = odegrad("solve", "lotkaVolterra", option, "-1");
    expect([status, stderr.trim()]).toEqual([2, `BadOptionValue: ${option} -1: expected a positive number.`]);
  }
  expect(odegrad("solve", "lotkaVolterra", "--max-time", "1e-6").stderr).toMatch(/^OutOfTime: /);
});
