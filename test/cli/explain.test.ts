import { describe, expect, it } from "vitest";
import type { Plan } from "../../index.ts";
import { json, modulePath, odegrad } from "./run.ts";

describe("explain", () => {
  it("prints the plan", () => {
    const { status, stdout } = odegrad("explain", "lotkaVolterra", "--wrt", "p,u0");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^lotkaVolterra: solver tsit5, adjoint \w+, vjp source/);
    expect(stdout).toMatch(/not gauss: about/);
  });

  it("prints its data as JSON", () => {
    const plan = json<Plan>("explain", modulePath("decay.ts"), "--adjoint", "discrete", "--solver", "rodas5P");
    expect(Object.keys(plan).sort()).toEqual([
      "adjoint",
      "decisions",
      "estimate",
      "known",
      "solver",
      "switches",
      "vjp",
      "warnings",
      "zeros",
    ]);
    expect(plan).toMatchObject({ solver: "rodas5P", adjoint: "discrete", vjp: "source", known: { states: 1, derivatives: 1 } });
    expect(plan.decisions.map(({ about }) => about)).toEqual(["solver", "linear solver", "adjoint", "vjp", "memory"]);
    expect(plan.decisions.filter(({ asked }) => asked).map(({ chosen }) => chosen)).toEqual(["rodas5P", "discrete"]);
  });

  it("tells why not", () => {
    const { status, stderr } = odegrad("explain", "pollution", "--adjoint", "backsolve");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^MethodRefused: .*rodas5P is implicit/);
  });
});
