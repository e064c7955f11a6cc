import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Solved {
  readonly problem: string;
  readonly solver: string;
  readonly rtol: number;
  readonly atol: number;
  readonly t: number[];
  readonly u: number[][];
  readonly names: string[];
  readonly stats: Record<"steps" | "rejected" | "rhsCalls" | "jacobians" | "factorizations" | "linearSolves", number>;
  readonly seconds: { readonly prepare: number; readonly solve: number };
  readonly result: string;
}

describe("solve --json", () => {
  it("takes the longest and the first step, and stops", () => {
    const { t } = json<Solved>("solve", "lotkaVolterra", "--max-step", "0.05", "--first-step", "0.01", "--stops", "1.234,5");
    expect(t[1]).toBe(0.01);
    expect(t).toContain(1.234);
    expect(t).toContain(5);
    for (let i = 1; i < t.length; i++) expect(t[i] - t[i - 1]).toBeLessThan(0.0501);
  });

  it("ends where an event ends it, and says so", () => {
    const { t, stats } = json<Solved>("solve", modulePath("dropped.js"), "--saveat", "0.75");
    expect(t).toEqual([0, 0.75, 1.5, expect.closeTo(2, 9)]);
    expect(stats).toMatchObject({ events: 1, terminated: true });
    expect(odegrad("solve", modulePath("dropped.js")).stdout).toMatch(/: success, ended by an event at t = 2\n/);
  });

  it("solves a named problem", () => {
    const solved = json<Solved>(
      "solve",
      "lotkaVolterra",
      "--solver",
      "tsit5",
      "--rtol",
      "1e-9",
      "--atol",
      "1e-9",
      "--saveat",
      "2.5",
    );
    expect(Object.keys(solved).sort()).toEqual(
      ["atol", "names", "problem", "result", "rtol", "seconds", "solver", "stats", "t", "u", "warnings"].sort(),
    );
    expect(solved).toMatchObject({ solver: "tsit5", rtol: 1e-9, atol: 1e-9, result: "success", t: [0, 2.5, 5, 7.5, 10] });
    // The state at t = 10 in quadruple precision: bench/peers/data/lotka-volterra.txt.
    expect(solved.u[4][0]).toBeCloseTo(1.0263447676, 6);
    expect(solved.u[4][1]).toBeCloseTo(0.9096910781, 6);
    expect(solved.stats.steps).toBeGreaterThan(10);
    expect(solved.seconds.prepare).toBeGreaterThan(0);
  });

  it("takes options of the problem, times to save and another span of time", () => {
    const solved = json<Solved>(
      "solve",
      "brusselator",
      "--set",
      "n=4",
      "--tspan",
      "0,0.5",
      "--saveat",
      "0,0.25,0.5",
      "--solver",
      "rodas5P",
    );
    expect(solved.t).toEqual([0, 0.25, 0.5]);
    expect(solved.names).toHaveLength(32);
    expect(solved.u.map((state) => state.length)).toEqual([32, 32, 32]);
    expect(solved.stats.factorizations).toBeGreaterThan(0);
  });

  it("loads a .ts module", () => {
    const solved = json<Solved>("solve", modulePath("decay.ts"), "--saveat", "2", "--rtol", "1e-10", "--atol", "1e-10");
    expect(solved.problem).toBe("decay");
    expect(solved.u.at(-1)![0]).toBeCloseTo(3 * Math.exp(-1), 8);
  });

  it("loads a .js module that exports a problem alone", () => {
    const solved = json<Solved>("solve", modulePath("bare.js"), "--rtol", "1e-10", "--atol", "1e-10");
    expect(solved.names).toEqual(["x"]);
    expect(solved.u.at(-1)![0]).toBeCloseTo(Math.exp(-1), 8);
  });
});

describe("solve", () => {
  it("prints a summary with the names of the components", () => {
    const { status, stdout } = odegrad("solve", modulePath("bare.js"));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\s*t\s+x$/m);
    expect(stdout).toMatch(/^1\s+0\.36787/m);
    expect(stdout).toContain("success");
  });

  it("abbreviates", () => {
    const { stdout } = odegrad("solve", "brusselator", "--set", "n=8", "--saveat", "0.1", "--tspan", "0,3");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThan(160);
    expect(stdout.split("\n").length).toBeLessThan(30);
  });

  it("draws components over time", () => {
    const path = join(temporaryFolder(), "series.svg");
    expect(odegrad("solve", "lotkaVolterra", "--saveat", "0.1", "--plot", path).stdout).toContain(path);
    expect(readFileSync(path, "utf8")).toContain("prey");
  });

  it("draws fields of a state on a grid", () => {
    const path = join(temporaryFolder(), "fields.png");
    const { stdout } = odegrad("solve", "brusselator", "--set", "n=6", "--tspan", "0,1", "--json", "--plot", path);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    expect(existsSync(path)).toBe(true);
  });
});
