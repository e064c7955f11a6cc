import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Differentiated {
  readonly problem: string;
  readonly value: number;
  readonly gradient: { readonly p: Record<string, number>; readonly u0: number[] };
  readonly plan: { readonly solver: string; readonly adjoint: string; readonly vjp: string; readonly decisions: unknown[] };
  readonly stats: { readonly forward: { readonly steps: number }; readonly backward: { readonly steps: number } };
  readonly seconds: Record<"prepare" | "solve" | "gradient", number>;
  readonly check: { readonly passed: boolean; readonly relativeDifference: number };
}

describe("gradient --json", () => {
  it("differentiates the loss of a module in the problem's own shape", () => {
    const result = json<Differentiated>(
      "gradient",
      modulePath("decay.ts"),
      "--wrt",
      "p,u0",
      "--rtol",
      "1e-10",
      "--atol",
      "1e-10",
    );
    expect(Object.keys(result).sort()).toEqual(["check", "gradient", "plan", "problem", "seconds", "stats", "value", "warnings"]);
    // u(T) = 3 exp(-k T) at k = 1/2, T = 2.
    expect(result.value).toBeCloseTo(3 * Math.exp(-1), 8);
    expect(result.gradient.p.k).toBeCloseTo(-6 * Math.exp(-1), 7);
    expect(result.gradient.u0[0]).toBeCloseTo(Math.exp(-1), 7);
    expect(result.check.passed).toBe(true);
    expect(result.plan.decisions.length).toBeGreaterThan(0);
  });

  it("gives what was asked for and no more", () => {
    expect(json<Differentiated>("gradient", modulePath("decay.ts")).gradient).not.toHaveProperty("u0");
  });

  it("differentiates the steady state that a module's loss is of, and refuses what belongs to solves", () => {
    const { value, gradient, plan } = json<{ value: number; gradient: { p: number[] }; plan: { adjoint: string } }>(
      "gradient",
      modulePath("steady.ts"),
    );
    expect(value).toBeCloseTo(7, 10);
    expect(gradient.p[1]).toBeCloseTo(1, 10);
    expect(plan.adjoint).toBe("steadyState");
    const { status, stderr } = odegrad("gradient", modulePath("steady.ts"), "--solver", "tsit5");
    expect(status).not.toBe(0);
    expect(stderr).toContain("--solver: there is no solve to set it for");
  });

  it("differentiates a named problem with the solver asked for", () => {
    const result = json<Differentiated>("gradient", "lotkaVolterra", "--solver", "tsit5", "--check");
    expect(result.plan.solver).toBe("tsit5");
    expect(result.check.passed).toBe(true);
  });

  it("has no statistics of a backward pass where there is none", () => {
    expect(json<Differentiated>("gradient", "lotkaVolterra", "--adjoint", "dual").stats.backward).toBeNull();
  });
});

describe("gradient", () => {
  it("prints value, plan, components and check", () => {
    const { status, stdout } = odegrad("gradient", modulePath("decay.ts"), "--wrt", "p,u0");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^p\.k\s+-2\.2072/m);
    expect(stdout).toMatch(/^u0\[0\]\s+0\.3678/m);
    expect(stdout).toContain("passed");
  });

  it("tells what is to be said of the numbers", () => {
    const { stdout } = odegrad("gradient", "robertson");
    expect(stdout).toMatch(/^warning: Too small for the absolute tolerance.* u\[1\].* Give a smaller --atol\.$/m);
    expect(odegrad("solve", "robertson").stdout).toMatch(/^warning: Too small.* Give a smaller --atol\.$/m);
    expect(json<{ warnings: string[] }>("gradient", "robertson").warnings).toHaveLength(1);
  });

  it("draws bars, and fields by a state on a grid", () => {
    const folder = temporaryFolder();
    expect(odegrad("gradient", modulePath("decay.ts"), "--plot", join(folder, "bars.svg")).status).toBe(0);
    expect(readFileSync(join(folder, "bars.svg"), "utf8")).toContain("derivative of the loss");
    const brusselator = ["gradient", "brusselator", "--set", "n=5", "--tspan", "0,0.5", "--wrt", "u0"];
    expect(odegrad(...brusselator, "--plot", join(folder, "fields.svg")).status).toBe(0);
    expect(readFileSync(join(folder, "fields.svg"), "utf8").split("<rect ").length).toBeGreaterThan(50);
  });
});
