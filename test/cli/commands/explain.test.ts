import { describe, expect, it } from "vitest";
import type { Plan } from "../../../index.ts";
import { json, modulePath, odegrad } from "../run.ts";

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

  it("prints the program of the right-hand side, and of its vjp", () => {
    const { status, stdout } = odegrad("explain", modulePath("decay.ts"), "--program");
    expect(status).toBe(0);
    // Values by their type alone.
    const lines = stdout.replace(/x\d+/g, "x").trim().split("\n");
    expect(lines).toEqual([
      "program decay(output du[1], input u[1], input p[1], t=x)",
      "  x = p[0]",
      "  x = mul(x, -2)",
      "  x = u[0]",
      "  x = mul(x, 0.5)",
      "  x = mul(x, x)",
      "  du[0] = x",
    ]);
    expect(json("explain", modulePath("decay.ts"), "--program")).toEqual({ program: stdout.trimEnd() });
    const vjp = odegrad("explain", modulePath("decay.ts"), "--program", "vjp");
    expect(vjp.stdout).toMatch(
      /^program decay_reverse\(input u\[1\], input p\[1\], t=x\d+, input du_bar\[1\], output u_bar\[1\], output p_bar\[1\]\)/,
    );
  });

  it("refuses programs that there are not", () => {
    const { status, stderr } = odegrad("explain", "lotkaVolterra", "--program", "hessian");
    expect(status).toBe(2);
    expect(stderr).toMatch(/--program.*rhs, vjp/);
  });
});
