import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readNpy } from "../../../training/files/npy.ts";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Ensemble {
  readonly device: string;
  readonly precision: string;
  readonly trajectories: number;
  readonly names: string[];
  readonly t: number[];
  readonly mean: number[][];
  readonly quantiles: Record<string, number[][]>;
  readonly variance?: number[][];
  readonly u?: number[][][];
  readonly solved: string;
  readonly succeeded: number;
  readonly failed: Record<string, number>;
  readonly failures: { index: number; reason: string; t: number }[];
  readonly steps: number;
}

/** x' = -x, so that quantiles of the start stay quantiles. */
const decay = ["ensemble", modulePath("bare.js"), "--vary", "u0.x=linspace(1,3)", "--rtol", "1e-9", "--atol", "1e-9"];

describe("ensemble --json", () => {
  it("has means and quantiles at the saved times", () => {
    const ensemble = json<Ensemble>(...decay, "--trajectories", "101", "--saveat", "0.5");
    expect(ensemble).toMatchObject({ device: "cpu", precision: "f64", trajectories: 101, names: ["x"], t: [0, 0.5, 1] });
    ensemble.t.forEach((t, k) => {
      expect(ensemble.mean[k][0]).toBeCloseTo(2 * Math.exp(-t), 7);
      for (const [percent, states] of Object.entries(ensemble.quantiles)) {
        expect(states[k][0]).toBeCloseTo((1 + Number(percent) / 50) * Math.exp(-t), 7);
      }
    });
    expect(Object.keys(ensemble.quantiles)).toEqual(["5", "25", "50", "75", "95"]);
    expect([ensemble.succeeded, ensemble.failed, ensemble.solved]).toEqual([101, {}, "kernels"]);
    expect(ensemble.steps).toBeGreaterThan(300);
  });

  it("tells of those that fail, and leaves them out", () => {
    const vary = ["--vary", "u0.x=linspace(0.5,2.5)", "--saveat", "0.3,0.6"];
    const ensemble = json<Ensemble>("ensemble", modulePath("blow-up.js"), "--trajectories", "5", ...vary);
    // 1 / (1 / x0 - t): the first two reach 1.
    expect(ensemble.succeeded).toBe(2);
    expect(ensemble.failures.map(({ index }) => index)).toEqual([2, 3, 4]);
    expect(Object.values(ensemble.failed).reduce((sum, count) => sum + count, 0)).toBe(3);
    ensemble.failures.forEach(({ t }, i) => expect(t).toBeCloseTo(1 / (1.5 + i / 2), 5));
    const at = (x: number, t: number): number => 1 / (1 / x - t);
    for (const [k, t] of [0.3, 0.6].entries()) expect(ensemble.mean[k][0]).toBeCloseTo((at(0.5, t) + at(1, t)) / 2, 4);
  });

  it("has the variance, or the states, where they are asked for", () => {
    const some = [...decay, "--trajectories", "3", "--saveat", "0,1"];
    const { variance, mean } = json<Ensemble>(...some, "--reduce", "variance");
    expect([variance![0][0], mean]).toEqual([1, undefined]);
    const { u } = json<Ensemble>(...some, "--reduce", "states");
    expect(u!.map(([[x]]) => x)).toEqual([1, 2, 3]);
  });
});

describe("ensemble", () => {
  it("prints a summary with device, quantiles and outcomes, and draws bands", () => {
    const path = join(temporaryFolder(), "bands.svg");
    const { status, stdout, stderr } = odegrad(...decay, "--trajectories", "11", "--plot", path);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/u0\.x ~ linspace\(1, 3\)/);
    expect(stdout).toMatch(/^1 chunk of 4096, on "cpu" in f64, many at once, in kernels, by tsit5$/m);
    expect(stdout).toMatch(/^"cpu", as all of it takes/m);
    expect(stdout).toMatch(/^x +mean +5 % +25 % +50 % +75 % +95 %$/m);
    expect(stdout).toMatch(/^0 +2 +1\.1 +1\.5 +2 +2\.5 +2\.9$/m);
    expect(stdout).toMatch(/^11 success$/m);
    expect(stdout).toMatch(/^steps: [\d.]+ a trajectory/m);
    const svg = readFileSync(path, "utf8");
    for (const text of ["rhs: 11 trajectories", "median", "25 to 75 %", "5 to 95 %", "time t"]) expect(svg).toContain(text);
    expect(svg.match(/<g aria-label="area" fill="#(?:9db1e4|d3dcf3)"/g)).toHaveLength(2);
  });

  it("is the same for the same seed", () => {
    const draw = (seed: string): number[][] =>
      json<Ensemble>(
        "ensemble",
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

  it("writes what is kept into files", () => {
    const folder = temporaryFolder();
    const some = [...decay, "--trajectories", "3", "--saveat", "0,1"];
    const [npy, csv, states] = ["numbers.npy", "numbers.csv", "states.csv"].map((name) => join(folder, name));
    expect(odegrad(...some, "--out", npy).stdout).toContain(`numbers: ${npy}`);
    expect(readNpy(readFileSync(npy), npy)).toMatchObject({ shape: [6, 2, 1] });
    odegrad(...some, "--reduce", "mean", "--out", csv);
    const [head, first] = readFileSync(csv, "utf8").split("\n");
    expect([head, first]).toEqual(["t,x mean", "0,2"]);
    odegrad(...some, "--reduce", "states", "--out", states);
    expect(readFileSync(states, "utf8").split("\n").slice(0, 2)).toEqual(["trajectory,t,x", "0,0,1"]);
  });

  it("counts in bins, in the summary, in files and as JSON", () => {
    const csv = join(temporaryFolder(), "counts.csv");
    const some = [...decay, "--trajectories", "4", "--saveat", "0,1", "--save", "x", "--reduce", "histogram", "--bins", "2"];
    const { stdout } = odegrad(...some, "--between", "1,3", "--out", csv);
    expect(stdout).toMatch(/^x, t = 1 +to +trajectories\nbelow +\d+\n1 +2 +\d+\n2 +3 +\d+\nabove +\d+$/m);
    // Of four from 1 to 3, both ends among them.
    expect(readFileSync(csv, "utf8").split("\n").slice(0, 2)).toEqual(["t,x below,x 1 to 2,x 2 to 3,x above", "0,0,2,2,0"]);
    const { histogram } = JSON.parse(odegrad(...some, "--between", "x=1,3", "--json").stdout) as Record<
      string,
      Record<string, unknown>
    >;
    expect(histogram.edges).toEqual([[1, 2, 3]]);
    expect((histogram.counts as number[][][])[0]).toEqual([[2, 2]]);
  });

  it("takes the first step and stops, as solve does", () => {
    const some = [...decay, "--trajectories", "1", "--tspan", "0,1", "--saveat", "1", "--json"];
    const steps = (...more: string[]) => (JSON.parse(odegrad(...some, ...more).stdout) as { steps: number }).steps;
    expect(steps("--first-step", "1e-8")).toBeGreaterThan(steps());
    expect(steps("--stops", "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8")).toBeGreaterThan(steps());
  });

  it("solves one by one what kernels cannot, and says why", () => {
    const stiff = ["--solver", "rodas5P", "--vary", "p.A=uniform(3,4)", "--trajectories", "2", "--tspan", "0,1"];
    const { stdout } = odegrad("ensemble", "brusselator", "--set", "n=8", ...stiff);
    expect(stdout).toMatch(/one by one, by rodas5P$.*^One by one: brusselator has 128 components/ms);
  });
});
