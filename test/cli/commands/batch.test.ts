import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Batch {
  readonly device: string;
  readonly precision: string;
  readonly trajectories: number;
  readonly names: string[];
  readonly t: number[];
  readonly mean: number[][];
  readonly quantiles: Record<string, number[][]>;
  readonly outcomes: { outcome: string; count: number; first: number }[];
  readonly steps: Record<string, number>;
}

/** x' = -x, so that quantiles of the start stay quantiles. */
const decay = ["batch", modulePath("bare.js"), "--vary", "u0.x=linspace(1,3)", "--rtol", "1e-9", "--atol", "1e-9"];

describe("batch --json", () => {
  it("has means and quantiles at the saved times", () => {
    const batch = json<Batch>(...decay, "--trajectories", "101", "--saveat", "0.5");
    expect(batch).toMatchObject({ device: "cpu", precision: "f64", trajectories: 101, names: ["x"], t: [0, 0.5, 1] });
    batch.t.forEach((t, k) => {
      expect(batch.mean[k][0]).toBeCloseTo(2 * Math.exp(-t), 7);
      for (const [percent, states] of Object.entries(batch.quantiles)) {
        expect(states[k][0]).toBeCloseTo((1 + Number(percent) / 50) * Math.exp(-t), 7);
      }
    });
    expect(Object.keys(batch.quantiles)).toEqual(["5", "25", "50", "75", "95"]);
    expect(batch.outcomes).toEqual([{ outcome: "success", count: 101, first: 0 }]);
    expect(batch.steps.least).toBeGreaterThan(3);
  });

  it("counts those that fail, and leaves them out from where they do", () => {
    const batch = json<Batch>(
      "batch",
      modulePath("blow-up.js"),
      "--trajectories",
      "5",
      "--vary",
      "u0.x=linspace(0.5,2.5)",
      "--saveat",
      "0.3,0.6",
    );
    const [success, failed] = batch.outcomes;
    expect(success).toEqual({ outcome: "success", count: 2, first: 0 });
    expect(failed.first).toBe(2);
    expect(batch.outcomes.reduce((sum, { count }) => sum + count, 0)).toBe(5);
    // 1 / (1 / x0 - t): all but the last two reach 0.6, and all 0.3.
    const at = (x: number, t: number): number => 1 / (1 / x - t);
    expect(batch.mean[0][0]).toBeCloseTo(
      [0.5, 1, 1.5, 2, 2.5].reduce((sum, x) => sum + at(x, 0.3) / 5, 0),
      3,
    );
    expect(batch.mean[1][0] / [0.5, 1, 1.5].reduce((sum, x) => sum + at(x, 0.6) / 3, 0)).toBeCloseTo(1, 3);
  });
});

describe("batch", () => {
  it("prints a summary with device, quantiles and outcomes, and draws bands", () => {
    const path = join(temporaryFolder(), "bands.svg");
    const { status, stdout, stderr } = odegrad(...decay, "--trajectories", "11", "--plot", path);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/u0\.x ~ linspace\(1, 3\)/);
    expect(stdout).toMatch(/^device cpu, f64: rtol 1e-9 asks for more than/m);
    expect(stdout).toMatch(/^x +mean +5 % +25 % +50 % +75 % +95 %$/m);
    expect(stdout).toMatch(/^0 +2 +1\.1 +1\.5 +2 +2\.5 +2\.9$/m);
    expect(stdout).toMatch(/^11 success$/m);
    expect(stdout).toMatch(/^steps: \d+ to \d+/m);
    const svg = readFileSync(path, "utf8");
    for (const text of ["rhs: 11 trajectories", "median", "25 to 75 %", "5 to 95 %", "time t"]) expect(svg).toContain(text);
    expect(svg.match(/<g aria-label="area" fill="#(?:9db1e4|d3dcf3)"/g)).toHaveLength(2);
  });

  it("is the same for the same seed", () => {
    const draw = (seed: string): number[][] =>
      json<Batch>(
        "batch",
        "lotkaVolterra",
        "--trajectories",
        "20",
        "--vary",
        "p.a=normal(1.5,0.1)",
        "--seed",
        seed,
        "--saveat",
        "10",
      ).mean;
    expect(draw("3")).toEqual(draw("3"));
    expect(draw("3")).not.toEqual(draw("4"));
  });
});
