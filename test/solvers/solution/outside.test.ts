/** A solution knows nothing of times that were not solved for. */
import { describe, expect, it } from "vitest";
import { odeProblem, OutsideSolution, solve, tsit5, type SolveFailed } from "../../../index.ts";

const decay = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 2] });
const ball = odeProblem({
  rhs: (u: number[]) => [u[1], -9.81],
  u0: [10, 0],
  tspan: [0, 5],
  events: { when: (u: number[]) => u[0], terminal: true },
});
const blowUp = odeProblem({ rhs: (u: number[]) => [u[0] ** 2], u0: [1], tspan: [0, 2] });

describe("a time outside of what was solved is an error that says what that is", () => {
  it.each([
    [
      "before the start",
      solve(decay),
      -0.1,
      "t = -0.1 is outside of what was solved, from t = 0 to 2. Solve over a longer tspan.",
    ],
    [
      "behind the end",
      solve(decay),
      2.001,
      "t = 2.001 is outside of what was solved, from t = 0 to 2. Solve over a longer tspan.",
    ],
    ["of a solve backwards", solve(decay, { tspan: [2, 0] }), 2.1, "from t = 2 to 0"],
    ["behind an event that ended it", solve(ball), 1.5, "An event ended it there"],
    ["behind a failure", solve(blowUp, { throwOnFailure: false, solver: tsit5() }), 1.5, "It failed there"],
  ] as const)("%s", (_, solution, t, message) => {
    for (const ask of [() => solution.at(t), () => solution.derivative(t)]) {
      expect(ask).toThrow(OutsideSolution);
      expect(ask).toThrow(message);
    }
  });

  it("the solution of a failure, too", () => {
    let caught: unknown;
    try {
      solve(blowUp, { solver: tsit5() });
    } catch (error) {
      caught = error;
    }
    const { solution } = caught as SolveFailed & { solution: ReturnType<typeof solve> };
    expect(solution.at(0.5)).toEqual([expect.closeTo(2, 4)]);
    expect(() => solution.at(1.5)).toThrow(OutsideSolution);
  });
});

describe("but not the ends, nor what roundings make of them", () => {
  it.each([0, 2, -1e-16, 2 + 2 ** -51, 0.1 + 0.2 + 1.7])("%d", (t) => {
    expect(solve(decay).at(t)[0]).toBeCloseTo(Math.exp(-t), 5);
    expect(solve(decay).derivative(t)[0]).toBeCloseTo(-Math.exp(-t), 3);
  });

  it("where an event ended it", () => {
    const solution = solve(ball);
    expect(solution.at(solution.terminated!.t)[0]).toBeCloseTo(0, 9);
  });
});
