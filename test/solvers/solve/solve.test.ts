import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { e5 } from "../../../problems/index.ts";
import {
  BadSaveTimes,
  NoDenseOutput,
  NonFiniteDerivative,
  SolveAborted,
  SolveFailed,
  StepUnderflow,
  TooManySteps,
} from "../../../solvers/solution/errors.ts";
import { BadSolver, MissingStepSize, UnknownSolver } from "../../../solvers/step/errors.ts";
import { BadTolerance, NonFinite } from "../../../src/core/errors.ts";
import { ConstantsChanged } from "../../../src/problem/errors.ts";
import { UnknownProperty } from "../../../src/read/syntax/errors.ts";
import { daeProblem } from "../../../src/problem/dae-problem.ts";
import { odeProblem } from "../../../src/problem/problem.ts";
import { euler, methodNamed, rk4, rodas4, rodas5P, rosenbrock23, solve, tsit5, type Solution } from "../../../solvers/index.ts";
import { gradient, sensitivities, solveWithPullback, type Loss } from "../../../index.ts";
import { hiresEnd, lotkaVolterraEnd } from "../systems.ts";
import { methodBy, methodNames, oneOfEachFamily } from "../../tables.ts";
import { withoutInspector } from "../../without-inspector.ts";

const lotkaVolterra = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 10],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
});

const robertson = odeProblem({
  name: "robertson",
  rhs(du, u, p) {
    du[0] = -p[0] * u[0] + p[2] * u[1] * u[2];
    du[1] = p[0] * u[0] - p[2] * u[1] * u[2] - p[1] * u[1] ** 2;
    du[2] = p[1] * u[1] ** 2;
  },
  u0: [1, 0, 0],
  p: [0.04, 3e7, 1e4],
  tspan: [0, 1e5],
});
const robertsonEnd = [0.0178659211421, 7.274751468e-8, 0.9821340061104];

function last(solution: Solution<unknown>): Float64Array {
  return solution.states[solution.states.length - 1];
}

function relativeError(actual: ArrayLike<number>, exact: readonly number[]): number {
  return Math.max(...exact.map((x, i) => Math.abs(actual[i] / x - 1)));
}

describe("solve", () => {
  test.each(["javascript", "wasm"] as const)("Lotka–Volterra, %s", (target) => {
    const solution = solve(lotkaVolterra, { rtol: 1e-10, atol: 1e-10, target });
    expect(solution.result).toBe("success");
    expect(solution.solver).toBe("dop853");
    expect(solution.stats.compiled).toBe(true);
    expect(solution.names).toEqual(["prey", "predator"]);
    expect(solution.t[0]).toBe(0);
    expect(solution.t[solution.t.length - 1]).toBe(10);
    expect(solution.t.length).toBe(solution.stats.steps + 1);
    expect(solution.u[0]).toEqual({ prey: 1, predator: 1 });
    expect(relativeError(last(solution), lotkaVolterraEnd)).toBeLessThan(1e-8);
    expect(solution.at(10)).toEqual(solution.u[solution.u.length - 1]);
    expectTypeOf(solution.u[0].prey).toBeNumber();
  });

  test("other values, times and tolerances", () => {
    const changed = solve(lotkaVolterra, {
      u0: { prey: 2, predator: 1 },
      p: { a: 1, b: 1, c: 1, d: 0 },
      tspan: [1, 2],
      saveat: [2],
      rtol: 1e-9,
      atol: [1e-9, 1e-12],
    });
    expect(changed.u[0].predator).toBeCloseTo(Math.exp(-1), 8);
    expect(relativeError(last(solve(lotkaVolterra, { rtol: 1e-10, atol: 1e-10 })), lotkaVolterraEnd)).toBeLessThan(1e-8);
  });

  test("saveat: a distance of times, or times", () => {
    expect([...solve(lotkaVolterra, { saveat: 2.5 }).t]).toEqual([0, 2.5, 5, 7.5, 10]);
    expect([...solve(lotkaVolterra, { saveat: 4 }).t]).toEqual([0, 4, 8, 10]);
    expect(solve(lotkaVolterra, { saveat: 0.1 }).t.length).toBe(101);
    expect([...solve(lotkaVolterra, { saveat: [1, 2] }).t]).toEqual([1, 2]);
    expect([...solve(lotkaVolterra, { saveat: 5, tspan: [10, 0] }).t]).toEqual([10, 5, 0]);
  });

  test("within onProgress another solve of the same problem", () => {
    const inner: number[] = [];
    const outer = solve(lotkaVolterra, {
      rtol: 1e-8,
      atol: 1e-8,
      solver: tsit5(),
      onProgress: () => inner.push(last(solve(lotkaVolterra, { solver: tsit5(), tspan: [0, 1], saveat: [1] }))[0]),
    });
    expect(new Set(inner).size).toBe(1);
    expect([...last(outer)]).toEqual([...last(solve(lotkaVolterra, { rtol: 1e-8, atol: 1e-8, solver: tsit5() }))]);
  });

  test("stiff problems by the stiff methods", () => {
    for (const [solver, error] of [
      [rosenbrock23(), 1e-2],
      [rodas4(), 1e-5],
      [rodas5P(), 1e-5],
    ] as const) {
      const solution = solve(robertson, { solver, rtol: 1e-6, atol: 1e-10, saveat: [1e5] });
      expect(relativeError(solution.states[0], robertsonEnd)).toBeLessThan(error);
      expect(solution.stats.steps).toBeLessThan(1000);
      expect(solution.stats.factorizations).toBe(solution.stats.steps + solution.stats.rejected);
    }
  });

  test("steps of fixed length", () => {
    const solution = solve(lotkaVolterra, { solver: rk4({ dt: 0.01 }) });
    expect(solution.stats.steps).toBe(1000);
    expect(relativeError(last(solution), lotkaVolterraEnd)).toBeLessThan(1e-6);
    expect(solve(lotkaVolterra, { solver: rk4({ dt: 0.1 }) }).stats.steps).toBe(100);
  });
});

describe("the choice of a method", () => {
  test("stays explicit where nothing is stiff", () => {
    expect(solve(lotkaVolterra, { rtol: 1e-3, atol: 1e-3 }).solver).toBe("tsit5");
  });

  test("changes for a stiff method and interpolates across the change", () => {
    const solution = solve(robertson, { rtol: 1e-8, atol: 1e-12 });
    expect(solution.solver).toMatch(/^dop853 -> rodas5P at t = /);
    expect(solution.stats.steps).toBeLessThan(1000);
    expect(relativeError(last(solution), robertsonEnd)).toBeLessThan(1e-6);
    const change = Number(solution.solver.split("= ")[1]);
    const exact = solve(robertson, { solver: rodas5P(), rtol: 1e-11, atol: 1e-15, saveat: [change / 2, change, 2 * change, 40] });
    [...exact.t].forEach((t, i) => expect(relativeError(solution.at(t), [...exact.states[i]])).toBeLessThan(1e-4));
  });

  test("keeps the times of saveat across the change", () => {
    const saveat = [0, 1e-3, 1e-2, 0.1, 1, 1e5];
    const solution = solve(robertson, { saveat });
    expect(solution.solver).toContain("rodas5P");
    expect([...solution.t]).toEqual(saveat);
  });

  test("HIRES", () => {
    const hires = odeProblem({
      rhs(du, y) {
        const r = 280 * y[5] * y[7];
        du[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
        du[1] = 1.71 * y[0] - 8.75 * y[1];
        du[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
        du[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
        du[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6];
        du[5] = -r + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
        du[6] = r - 1.81 * y[6];
        du[7] = -du[6];
      },
      u0: [1, 0, 0, 0, 0, 0, 0, 0.0057],
      tspan: [0, 321.8122],
    });
    const solution = solve(hires, { rtol: 1e-9, atol: 1e-12, saveat: [321.8122] });
    expect(relativeError(solution.states[0], hiresEnd)).toBeLessThan(1e-6);
  });
});

describe("a function that cannot be read", () => {
  withoutInspector();
  const rate = 2;
  const decay = odeProblem({ rhs: (u: number[]) => [-rate * u[0]], u0: [1], tspan: [0, 1] });

  test.each([undefined, ...oneOfEachFamily])("runs as it is, and the solution says why (%#)", (solver) => {
    const solution = solve(decay, { solver, rtol: 1e-9, atol: 1e-9 });
    expect(solution.stats.compiled).toBe(false);
    expect(solution.stats.reason).toContain("rate");
    expect(solution.stats.reason).not.toContain("\n");
    expect(last(solution)[0]).toBeCloseTo(Math.exp(-2), 7);
  });

  test("a stiff one too", () => {
    const k = [0.04, 3e7, 1e4];
    const closure = odeProblem({
      rhs: (u: number[]) => [
        -k[0] * u[0] + k[2] * u[1] * u[2],
        k[0] * u[0] - k[2] * u[1] * u[2] - k[1] * u[1] ** 2,
        k[1] * u[1] ** 2,
      ],
      u0: [1, 0, 0],
      tspan: [0, 1e5],
    });
    const solution = solve(closure, { atol: 1e-10 });
    expect(solution.solver).toContain("rodas5P");
    expect(relativeError(last(solution), robertsonEnd)).toBeLessThan(1e-4);
  });
});

describe("errors", () => {
  test("tolerances", () => {
    expect(() => solve(lotkaVolterra, { rtol: 0 })).toThrow(BadTolerance);
    expect(() => solve(lotkaVolterra, { atol: -1e-6 })).toThrow(/atol is -0.000001/);
    expect(() => solve(lotkaVolterra, { atol: [1e-6] })).toThrow(/1 entries.*2 components/);
    expect(() => solve(lotkaVolterra, { atol: [1e-6, NaN] })).toThrow(/atol\[1\]/);
  });

  test("times to save", () => {
    expect(() => solve(lotkaVolterra, { saveat: [11] })).toThrow(BadSaveTimes);
    expect(() => solve(lotkaVolterra, { saveat: [3, 2] })).toThrow(/in the direction of tspan/);
    expect(() => solve(lotkaVolterra, { saveat: 0 })).toThrow(BadSaveTimes);
    expect(() => solve(lotkaVolterra, { saveat: [NaN] })).toThrow(BadSaveTimes);
  });

  test("values that are not finite", () => {
    expect(() => solve(lotkaVolterra, { p: { a: NaN, b: 1, c: 1, d: 1 } })).toThrow(NonFinite);
  });

  test("a state that was not kept", () => {
    expect(() => solve(lotkaVolterra, { saveat: [10] }).at(3)).toThrow(NoDenseOutput);
    expect(solve(lotkaVolterra, { saveat: [10], dense: true }).at(3).prey).toBeGreaterThan(0);
  });

  test("constants that were changed", () => {
    const stateful = odeProblem({
      rhs: (u: number[], _p: number[], _t: number, c: { k: number[] }) => [-c.k[0] * u[0]],
      u0: [1],
      tspan: [0, 1],
      constants: { k: [1] },
    });
    solve(stateful, { target: "javascript" });
    stateful.constants.k[0] = 2;
    expect(() => solve(stateful, { target: "wasm" })).toThrow(ConstantsChanged);
  });

  test("methods", () => {
    expect(() => methodNamed("rk45")).toThrow(UnknownSolver);
    expect(() => methodNamed("rk45")).toThrow(/tsit5/);
    expect(() => methodNamed("toString")).toThrow(UnknownSolver);
    expect(() => methodNamed("euler")).toThrow(MissingStepSize);
    expect(() => euler({ dt: 0 })).toThrow(MissingStepSize);
    for (const name of methodNames) expect(methodBy(name, 0.1).name).toBe(name);
    expect(() => methodNamed("tsit5", { dt: 0.1 })).toThrow(/tsit5: there is no "dt".*methods of fixed steps: solver: rk4/);
  });

  test("failures carry the solution so far", () => {
    const failure = caught(() => solve(lotkaVolterra, { maxSteps: 20 }));
    expect(failure).toBeInstanceOf(TooManySteps);
    expect(failure.message).toMatch(/dop853 stopped at t = \d/);
    const partial = failure.solution as Solution<{ prey: number; predator: number }>;
    expect(partial.t.length).toBeGreaterThan(5);
    expect(partial.u[1].prey).toBeGreaterThan(1);
    const returned = solve(lotkaVolterra, { maxSteps: 20, throwOnFailure: false });
    expect(returned.result).toBe("tooManySteps");
    expect([...returned.t]).toEqual([...partial.t]);
  });

  test("a derivative that is not finite names the component and the time", () => {
    const root = odeProblem({
      rhs(du, u, _p, t) {
        du.x = u.y;
        du.y = Math.sqrt(1 - t);
      },
      u0: { x: 1, y: 1 },
      tspan: [0, 2],
    });
    const failure = caught(() => solve(root));
    expect(failure).toBeInstanceOf(NonFiniteDerivative);
    expect(failure.message).toMatch(/derivative of y is not finite/);
    expect((failure.solution as Solution<unknown>).t.at(-1)).toBeCloseTo(1, 3);
  });

  test("a solution that blows up", () => {
    const blowUp = odeProblem({ rhs: (u: number[]) => [u[0] ** 2], u0: [1], tspan: [0, 2] });
    for (const solver of [undefined, ...oneOfEachFamily]) {
      const failure = caught(() => solve(blowUp, { solver, rtol: 1e-8 }));
      expect([StepUnderflow, NonFiniteDerivative].some((kind) => failure instanceof kind)).toBe(true);
      expect((failure.solution as Solution<unknown>).t.at(-1)).toBeCloseTo(1, 5);
    }
  });

  test("an aborted signal", () => {
    const controller = new AbortController();
    const onProgress = vi.fn(() => controller.abort());
    expect(() => solve(lotkaVolterra, { rtol: 1e-10, atol: 1e-10, onProgress, signal: controller.signal })).toThrow(SolveAborted);
    expect(onProgress).toHaveBeenCalled();
  });
});

function caught(run: () => unknown): SolveFailed {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SolveFailed);
    return error as SolveFailed;
  }
  throw new Error("did not fail");
}

test("a solver that is no method is named", () => {
  const problem = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 1] });
  expect(() => solve(problem, { solver: "tsit5" as never })).toThrow(BadSolver);
  expect(() => solve(problem, { solver: tsit5 as never })).toThrow(/the function tsit5/);
});

test("a mistake in the function is an error, not a reason to run it uncompiled", () => {
  const problem = odeProblem({
    rhs(du, u, p) {
      du.x = -(p as unknown as { rate: number }).rate * u.x;
    },
    u0: { x: 1 },
    p: { k: 1 },
    tspan: [0, 1],
  });
  expect(() => solve(problem)).toThrow(UnknownProperty);
});

test("spreading the state and listing its names works as on any object", () => {
  const problem = odeProblem({
    rhs(du, u) {
      let sum = 0;
      for (const name of Object.keys(u)) sum += { ...u }[name as "x"];
      du.x = -sum;
      du.y = sum;
    },
    u0: { x: 1, y: 2 },
    tspan: [0, 1],
  });
  expect(solve(problem).stats.compiled).toBe(true);
});

describe("default absolute tolerances that are too large for what begins at zero", () => {
  test("are followed by far smaller ones where steps become too short, which the solution says", () => {
    const { problem, reference } = e5();
    const { states, warnings, result } = solve(problem, { saveat: [1e10] });
    expect(result).toBe("success");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^With the default absolute tolerances steps became too short at t = .* solved once more/);
    (reference!.end as Float64Array).forEach((x, i) => expect(Math.abs(states[0][i] / x - 1)).toBeLessThan(1e-2));
  });

  test("are told of as one solve, which an abort ends while it is tried again", () => {
    const { problem } = e5();
    const fractions: number[] = [];
    solve(problem, { onProgress: ({ fraction }) => void fractions.push(fraction) });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    for (const throwOnFailure of [true, false]) {
      const controller = new AbortController();
      let calls = 0;
      // Late in the second try.
      const onProgress = (): void => void (++calls === fractions.length - 2 && controller.abort());
      const aborted = (): unknown => solve(problem, { onProgress, signal: controller.signal, throwOnFailure }).result;
      if (throwOnFailure) expect(aborted).toThrow(SolveAborted);
      else expect(aborted()).toBe("aborted");
    }
  });

  test("are followed by smaller ones in all verbs that differentiate", () => {
    const { problem, loss, reference } = e5();
    const said = expect.stringMatching(/^With the default absolute tolerances steps became too short/);
    const { value, warnings } = gradient(problem, { loss: loss as Loss });
    expect(warnings).toContainEqual(said);
    expect(Math.abs(value / reference!.loss! - 1)).toBeLessThan(2e-2);
    expect(sensitivities(problem, { saveat: [1e9] }).warnings).toContainEqual(said);
    expect(solveWithPullback(problem, { saveat: [1e9] }).solution.warnings).toContainEqual(said);
    expect(() => gradient(problem, { loss: loss as Loss, atol: 1e-9 })).toThrow(StepUnderflow);
  });

  test("stay where they are given, and the failure says so", () => {
    expect(() => solve(e5().problem, { atol: 1e-9 })).toThrow(
      /hardly controlled: if this should not happen, give a smaller atol/,
    );
  });

  test("are no excuse for a solution that ends", () => {
    const explosion = odeProblem({
      rhs(du: number[], u: number[]) {
        du[0] = u[0] ** 2;
        du[1] = 1;
      },
      u0: [1, 0],
      tspan: [0, 2],
    });
    expect(() => solve(explosion)).toThrow(StepUnderflow);
    const tangent = daeProblem({ residual: (r, du, u) => void (r[0] = du[0] - 1 - u[0] ** 2), u0: [0], tspan: [0, 2] });
    expect(() => solve(tangent)).toThrow(StepUnderflow);
  });
});
