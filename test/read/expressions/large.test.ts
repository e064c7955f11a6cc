import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve, UnreadableConstruct, type OdeProblem } from "../../../index.ts";

const written = (text: string, n = 1): OdeProblem<number[], number[]> =>
  odeProblem({
    rhs: new Function("du", "u", "p", "t", text) as (du: number[], u: number[], p: number[]) => void,
    u0: new Array<number>(n).fill(1),
    p: [0.1],
    tspan: [0, 1],
  });

describe("large programs", () => {
  const sum = (terms: number): string => `du[0] = 0${" + 1e-3 * u[0] * p[0]".repeat(terms)}`;

  it("reads sums of thousands of terms: u' = m 1e-3 p u", () => {
    const problem = written(sum(4000));
    const { value, flat, plan } = gradient(problem, { loss: { final: (u) => u[0] }, rtol: 1e-9, atol: 1e-9 });
    expect(plan.vjp).toBe("source");
    expect(value).toBeCloseTo(Math.exp(0.4), 7);
    expect(flat.p![0]).toBeCloseTo(4 * Math.exp(0.4), 6);
  });

  it("keeps the order and the kinds of operators in a chain", () => {
    const { u } = solve(written("du[0] = 1 - 2 - 3 * p[0] ** 2 / 2 % 0.01 - 1e3 + 1e3 - (4 - 5 - 6) << 1 >> 1 | 0 ? 1 : -1"), {
      saveat: [1],
    });
    const x = 0.1;
    expect(u[0][0]).toBeCloseTo(1 + (((1 - 2 - (((3 * x ** 2) / 2) % 0.01) - 1e3 + 1e3 - (4 - 5 - 6)) << 1) >> 1 ? 1 : -1), 9);
  });

  it.each([
    ["a sum of a hundred thousand terms", sum(1e5)],
    [
      "functions that call each other too often",
      `const f0 = (x) => x;${Array.from({ length: 20 }, (_, i) => `const f${i + 1} = (x) => f${i}(x) + f${i}(-x);`).join("")} du[0] = f20(u[0]);`,
    ],
  ])("refuses %s by name", (_, text) => {
    const problem = written(text);
    const { code } = problem as unknown as { code: { rhsProgram(): unknown } };
    expect(() => code.rhsProgram()).toThrow(UnreadableConstruct);
  });
});
