import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { file } from "../fit/data.ts";
import { refused } from "../refused.ts";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Sampled {
  readonly problem: string;
  readonly names: readonly string[];
  readonly summary: readonly {
    readonly name: string;
    readonly mean: number;
    readonly deviation: number;
    readonly rHat: number;
  }[];
  readonly draws: readonly (readonly (readonly number[])[])[];
}

/** u = 3 exp(-k t), of k = 0.8, met exactly. */
const t = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const data = file(["t,u[0]", ...t.map((time) => `${time},${3 * Math.exp(-0.8 * time)}`)].join("\n").replace("u[0]", '"u[0]"'));
const few = ["--chains", "2", "--draws", "150", "--warmup", "100", "--sigma", "0.1", "--data", data];

describe("sample", () => {
  it("has the posterior's mean and deviation, the same for a seed", () => {
    const said = json<Sampled>("sample", modulePath("decay.ts"), ...few, "--seed", "3");
    expect(said).toMatchObject({ problem: "decay", names: ["k"] });
    const [{ mean, deviation, rHat }] = said.summary;
    // By the Fisher information: u' = -t u.
    const error = 0.1 / Math.hypot(...t.map((time) => 3 * time * Math.exp(-0.8 * time)));
    expect(deviation / error).toBeCloseTo(1, 0);
    expect(Math.abs(mean - 0.8) / error).toBeLessThan(0.4);
    expect(rHat).toBeLessThan(1.1);
    expect([said.draws.length, said.draws[0].length, said.draws[0][0].length]).toEqual([2, 150, 1]);
    const again = json<Sampled>("sample", modulePath("decay.ts"), ...few, "--seed", "3");
    expect(again.draws).toEqual(said.draws);
  });

  it("prints lines where there is no terminal, a table, and a picture of pairs", () => {
    const path = join(temporaryFolder(), "pairs.svg");
    const { status, stdout, stderr } = odegrad("sample", modulePath("decay.ts"), ...few, "--plot", path);
    expect(status).toBe(0);
    const lines = stderr.trim().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[9]).toBe("transition 500 of 500");
    expect(stdout).toMatch(/^decay: 8 observations of u\[0\] in .*\n2 chains of 150 draws after 100, seed 1\n/);
    expect(stdout).toMatch(/mean +deviation +5 % +median +95 % +rHat +effective\nk +0\.\d+/);
    expect(readFileSync(path, "utf8")).toContain(">decay: posterior<");
  });

  it.each([
    [["--data", data, "--draws", "3"], 2, "--draws 3: expected a whole number, 4 to 2147483647"],
    [["--data", data, "--seed", "0"], 2, "--seed 0: expected a whole number, 1 to 2147483647"],
    [["--data", data, "--plot", "pairs.gif"], 1, "UnknownPictureFormat"],
  ])("%j is refused", async (args, code, message) => {
    expect(await refused("sample", "lotkaVolterra", ...args)).toEqual([code, expect.stringContaining(message)]);
  });
});
