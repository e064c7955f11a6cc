/** What is compiled is held against the function where it is used. */
import { describe, expect, it } from "vitest";
import {
  euler,
  gradient,
  odeProblem,
  remake,
  rk4,
  sensitivities,
  solve,
  solveWithPullback,
  type OdeProblem,
} from "../../../index.ts";
import { Operator } from "../../../src/problem/operator.ts";
import type { Inputs } from "../../../src/problem/plain-operator.ts";
import { codeBy } from "../../operator-code.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { misreadProblem } from "../../misread.ts";
import { oneOfEachFamily } from "../../tables.ts";

type InPlace = (du: number[], u: number[], p: number[], t: number) => void;

const misread = (rhs: InPlace, readAs: InPlace, p: number[] = [1]): OdeProblem<number[], number[]> =>
  misreadProblem({ rhs, u0: [1], p, tspan: [0, 1] }, readAs);

const foundOut = /^misread\d+, line \d.*its compiled form would give .* in du\[0\] where the function gives .*, at t = 0\.\d/;

describe.each(["wasm", "javascript"] as const)("on %s, what is misread is found", (target) => {
  const solvers = [...oneOfEachFamily, rk4({ dt: 0.01 })];
  it.each(solvers.map((solver) => ({ solver, name: solver.name })))("in a window of time, by $name", ({ solver }) => {
    const problem = misread(
      (du, u, p, t) => {
        if (t > 0.3 && t < 0.4) du[0] = -2 * p[0] * u[0];
        else du[0] = -p[0] * u[0];
      },
      (du, u, p, t) => {
        if (t > 0.3 && t < 0.4) du[0] = -3 * p[0] * u[0];
        else du[0] = -p[0] * u[0];
      },
    );
    const solution = solve(problem, { solver, target, rtol: 1e-8, atol: 1e-8 });
    expect(solution.stats.compiled).toBe(false);
    expect(solution.stats.reason).toMatch(foundOut);
    expect(solution.warnings[0]).toContain(solution.stats.reason);
    expect(Math.abs(solution.u.at(-1)![0] - Math.exp(-1.1))).toBeLessThan(solver.name === "rk4" ? 2e-3 : 2e-6);
  });

  it("where the state is small, in a choice", () => {
    const problem = misread(
      (du, u) => {
        du[0] = u[0] < 0.5 ? -1 : -u[0];
      },
      (du, u) => {
        du[0] = u[0] < 0.5 ? -2 : -u[0];
      },
    );
    const { stats, u } = solve(problem, { target, rtol: 1e-8, atol: 1e-8 });
    expect(stats.reason).toMatch(foundOut);
    expect(u.at(-1)![0]).toBeCloseTo(0.5 - (1 - Math.LN2), 5);
  });

  it("between the ends of steps", () => {
    // At the ends of steps of 0.1 the window is closed.
    const open = (t: number): number => Math.abs(((10 * t) % 1) - 0.5);
    const window = misread(
      (du, u, _p, t) => {
        du[0] = Math.abs(((10 * t) % 1) - 0.5) < 0.1 ? -3 * u[0] : -u[0];
      },
      (du, u, _p, t) => {
        du[0] = Math.abs(((10 * t) % 1) - 0.5) < 0.1 ? -4 * u[0] : -u[0];
      },
    );
    expect([open(0.1) < 0.1, open(0.15) < 0.1]).toEqual([false, true]);
    expect(solve(window, { target, solver: rk4({ dt: 0.1 }), stops: [] }).stats.compiled).toBe(false);
  });

  it("where parameters open the way in a later solve", () => {
    const problem = misread(
      (du, u, p) => {
        if (p[0] > 2) du[0] = -3 * u[0];
        else du[0] = -u[0];
      },
      (du, u, p) => {
        if (p[0] > 2) du[0] = -4 * u[0];
        else du[0] = -u[0];
      },
    );
    expect(solve(problem, { target }).stats.compiled).toBe(true);
    const { stats, u } = solve(remake(problem, { p: [3] }), { target, rtol: 1e-8, atol: 1e-8 });
    expect(stats.compiled).toBe(false);
    expect(u.at(-1)![0]).toBeCloseTo(Math.exp(-3), 6);
  });

  it("where a loop runs that never ran", () => {
    const problem = misread(
      (du, u, p) => {
        let sum = 1;
        for (let i = 0; i < Math.floor(p[0]); i++) sum += u[0];
        du[0] = -sum;
      },
      (du, u, p) => {
        let sum = 1;
        for (let i = 0; i < Math.floor(p[0]); i++) sum += 2 * u[0];
        du[0] = -sum;
      },
      [0.5],
    );
    const from = { ...problem, p: [-1] };
    expect(solve(from, { target }).stats.compiled).toBe(true);
    expect(solve(remake(from, { p: [1.5] }), { target }).stats.compiled).toBe(false);
  });

  it("where two branches meet that were each met alone", () => {
    const problem = misread(
      (du, u, p) => {
        let slope = 1;
        if (p[0] > 1) slope += 1;
        if (p[1] > 1) slope *= 3;
        du[0] = -slope * u[0];
      },
      (du, u, p) => {
        let slope = 1;
        if (p[0] > 1 && p[1] <= 1) slope = 2;
        if (p[1] > 1) slope = 3;
        du[0] = -slope * u[0];
      },
      [0, 0],
    );
    const compiled = (p: number[]): boolean => solve(remake(problem, { p }), { target }).stats.compiled;
    expect([compiled([0, 0]), compiled([2, 0]), compiled([0, 2]), compiled([2, 2])]).toEqual([true, true, true, false]);
  });

  it("without any branch, early and at the end of the first solve", () => {
    const atEnd = misread(
      (du, u, _p, t) => {
        du[0] = -u[0] - Math.max(0, t - 0.95);
      },
      (du, u) => {
        du[0] = -u[0];
      },
    );
    // The points looked at before the solve include its end: here that is made to look right.
    expect(solve({ ...atEnd, tspan: [0, 0.99] }, { target, solver: euler({ dt: 0.01 }) }).stats.compiled).toBe(false);
  });
});

describe("gradients of what is misread", () => {
  const problem = (): OdeProblem<number[], number[]> =>
    misread(
      (du, u, p) => {
        du[0] = u[0] < 0.7 ? -p[0] * (2 * u[0] - 0.7) : -p[0] * u[0];
      },
      (du, u, p) => {
        du[0] = u[0] < 0.7 ? -p[0] * 0.7 : -p[0] * u[0];
      },
    );
  // u = 0.7 at t = ln(1 / 0.7) / p; from there on v = 2 u - 0.7 falls twice as fast.
  const v = 0.7 * Math.exp(-2 * (1 - Math.log(1 / 0.7)));
  const readable = Object.entries(adjointMethods).filter(([, { traits }]) => !traits.needsText);

  it.each(readable.map(([adjoint]) => adjoint))("are those of the function, by %s", (adjoint) => {
    const {
      value: found,
      flat,
      plan,
      warnings,
    } = gradient(problem(), {
      adjoint,
      loss: { final: (u) => u[0] },
      rtol: 1e-9,
      atol: 1e-9,
    });
    expect(found).toBeCloseTo((v + 0.7) / 2, 7);
    expect(flat.p![0]).toBeCloseTo(-v, 6);
    expect(plan.vjp).toBe("compiledTape");
    expect(warnings.some((warning) => warning.includes("its compiled form would give"))).toBe(true);
  });

  it("are those of the function by default, and from pullbacks", () => {
    const loss = { final: (u: number[]) => u[0] };
    expect(gradient(problem(), { loss, rtol: 1e-9, atol: 1e-9 }).flat.p![0]).toBeCloseTo(-v, 6);
    const { pullback } = solveWithPullback(problem(), { saveat: [1], rtol: 1e-9, atol: 1e-9 });
    expect(pullback([[1]]).p![0]).toBeCloseTo(-v, 6);
  });

  it("are those of the function by sensitivities, and refused where only what was read could be derived", () => {
    const { p } = sensitivities(problem(), { saveat: [1], rtol: 1e-9, atol: 1e-9 });
    expect(p![0].get(0, 0)).toBeCloseTo(-v, 6);
    const discrete = { adjoint: "discrete", loss: { final: (u: number[]) => u[0] } };
    expect(() => gradient(problem(), discrete)).toThrow(/its compiled form would give/);
  });
});

describe("what comparing costs", () => {
  class Counting extends Operator {
    calls = 0;
    override evaluate(du: Float64Array, inputs: Inputs): void {
      this.calls++;
      super.evaluate(du, inputs);
    }
  }

  it.each([
    [
      "one way only",
      odeProblem({
        rhs: function oneWay(du, u, p) {
          du[0] = -p[0] * u[0];
        },
        u0: [1],
        p: [1],
        tspan: [0, 10],
      }),
    ],
    [
      "two ways",
      odeProblem({
        rhs: function twoWays(du, u, p, t) {
          du[0] = u[0] > 0.5 ? -p[0] * u[0] : -u[0] * Math.cos(t);
        },
        u0: [1],
        p: [1],
        tspan: [0, 10],
      }),
    ],
  ])("is a call of the plain function in a thousand steps: %s", (_, problem) => {
    const { code, rhs: counting } = codeBy(problem, Counting);
    const again = { ...problem, code };
    const run = (): number => solve(again, { solver: rk4({ dt: 0.01 }), switches: "ignore" }).stats.steps;
    const steps = run();
    expect(counting.calls).toBeLessThan(30);
    const first = counting.calls;
    for (let k = 0; k < 20; k++) run();
    expect(steps).toBeGreaterThanOrEqual(1000);
    expect(counting.calls - first).toBeLessThanOrEqual((20 * steps) / 1000 + 1);
  });

  it("leaves a function alone that rounding moves over an edge", () => {
    // Both forms are right: at this very point a sum in another order falls on the other side.
    const problem = misread(
      (du, u, _p, t) => {
        du[0] = t >= 0.5 ? 1 : 2 * u[0];
      },
      (du, u, _p, t) => {
        du[0] = t > 0.5 ? 1 : 2 * u[0];
      },
    );
    expect(solve(problem).stats.compiled).toBe(true);
  });
});
