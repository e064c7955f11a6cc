/** `maxTime` in every verb, on a clock that each look moves on. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  checkGradient,
  evaluateBatch,
  gradient,
  gradientBatch,
  ndarray,
  odeProblem,
  OdegradError,
  rk4,
  sensitivities,
  solve,
  solveBatch,
  type SolveFailed,
  solveWithPullback,
  tsit5,
} from "../../../index.ts";
import { adjointsThat, oneOfEachFamily } from "../../tables.ts";

const lorenz = odeProblem({
  rhs: (u: number[], p: number[]) => [10 * (u[1] - u[0]), u[0] * (p[0] - u[2]) - u[1], u[0] * u[1] - (8 / 3) * u[2]],
  u0: [1, 0, 0],
  p: [28],
  tspan: [0, 1e4],
});
/** Solved in no time. */
const decay = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
const loss = { final: (u: ArrayLike<number>) => u[0] };

/** Runs, and returns what was thrown. */
async function thrownBy(call: () => unknown): Promise<OdegradError> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(OdegradError);
    return error as OdegradError;
  }
  throw new Error("nothing was thrown");
}

describe("between steps", () => {
  const forward = adjointsThat(({ mode }) => mode === "forward");
  let looks = 0;
  beforeEach(() => {
    looks = 0;
    vi.spyOn(performance, "now").mockImplementation(() => looks++);
  });
  afterEach(() => vi.restoreAllMocks());

  it.each([...oneOfEachFamily, rk4({ dt: 1e-3 }), undefined])("ends a solve, with the solution so far", async (solver) => {
    const error = await thrownBy(() => solve(lorenz, { solver, maxTime: 50, saveat: 0.1 }));
    expect(error.name).toBe("OutOfTime");
    expect(error.message).toMatch(/% of the way: maxTime was over.*solution/);
    const { t, result } = (error as SolveFailed).solution as { t: number[]; result: string };
    expect(result).toBe("outOfTime");
    expect(t.length).toBeGreaterThan(1);
    expect(t.length).toBeLessThan(1e5);
  });

  it("returns what there is where failures are not thrown", () => {
    const { result, t } = solve(lorenz, { maxTime: 50, throwOnFailure: false });
    expect(result).toBe("outOfTime");
    expect(t.at(-1)).toBeGreaterThan(0);
  });

  it("looks at the clock more often where steps take long", () => {
    const stepsOf = (milliseconds: number): number => {
      vi.spyOn(performance, "now").mockImplementation(() => (looks += milliseconds));
      return solve(lorenz, { maxTime: 40 * milliseconds, throwOnFailure: false }).stats.steps;
    };
    expect(stepsOf(1)).toBeGreaterThan(500);
    expect(stepsOf(1000)).toBeLessThan(50);
  });

  it.each([...adjointsThat(), undefined])("ends gradients by %s, forward and on the backward pass", async (adjoint) => {
    const names = new Set<string>();
    for (let maxTime = 1; maxTime < 1e4; maxTime = Math.ceil(1.3 * maxTime)) {
      try {
        gradient(lorenz, { loss, adjoint, maxTime, solver: tsit5(), tspan: [0, 20], wrt: ["p", "u0"] });
      } catch (error) {
        names.add((error as Error).name);
        continue;
      }
      break;
    }
    const carriesAlong = forward.includes(adjoint!);
    for (const name of names) expect(["OutOfTime", "AdjointOutOfTime"]).toContain(name);
    expect(names).toContain(carriesAlong ? "AdjointOutOfTime" : "OutOfTime");
    if (adjoint) expect(names).toContain("AdjointOutOfTime");
  });

  it("is a failure that other parameters may not have", () => {
    const { value, failure } = gradient(lorenz, { loss, maxTime: 50, onFailure: "infinity" }) as {
      value: number;
      failure?: Error;
    };
    expect(value).toBe(Infinity);
    expect(failure?.name).toMatch(/OutOfTime$/);
  });

  it.each([
    ["solveWithPullback", () => solveWithPullback(lorenz, { saveat: 1, maxTime: 20, adjoint: "gauss" })],
    ["sensitivities", () => sensitivities(lorenz, { saveat: 1, maxTime: 20, tspan: [0, 100] })],
    ["checkGradient", () => checkGradient(lorenz, { loss, maxTime: 20 })],
    ["checkGradient, after the gradient", () => checkGradient(lorenz, { loss, maxTime: 100, tspan: [0, 10] })],
  ])("ends %s", async (_, call) => {
    expect((await thrownBy(call)).name).toMatch(/^(Adjoint)?OutOfTime$/);
  });

  it("holds for each pullback anew", () => {
    const { solution, pullback } = solveWithPullback(decay, { saveat: 0.5, maxTime: 1000, adjoint: "gauss" });
    looks += 2000;
    const cotangents = Array.from(solution.t, () => [1]);
    expect(pullback(cotangents).p![0]).toBeCloseTo(-0.5 * Math.exp(-0.5) - Math.exp(-1), 5);
    vi.spyOn(performance, "now").mockImplementation(() => (looks += 1001));
    expect(() => pullback(cotangents)).toThrow("maxTime was over");
  });
});

it("changes no bit of what ends in time", () => {
  const bits = (maxTime?: number) =>
    [...oneOfEachFamily, undefined].map((solver) => {
      const { states, stats } = solve(lorenz, { solver, maxTime, tspan: [0, 30], stops: [3, 7.7] });
      return [states, stats.steps, stats.rejected];
    });
  expect(bits(1e9)).toEqual(bits());
  const derivative = (maxTime?: number) => gradient(lorenz, { loss, maxTime, tspan: [0, 3], wrt: ["p", "u0"] }).flat;
  expect(derivative(1e9)).toEqual(derivative());
});

describe("batches", () => {
  const u0 = ndarray(
    Float64Array.from({ length: 3000 }, (_, i) => 1 + i / 3000),
    [1000, 3],
  );

  it.each([
    ["solveBatch", () => solveBatch(lorenz, { u0, maxTime: 20, maxSteps: 1e8 })],
    ["gradientBatch", () => gradientBatch(lorenz, { u0, loss, maxTime: 20, maxSteps: 1e8 })],
    ["gradientBatch", () => gradientBatch(lorenz, { u0, loss, maxTime: 20, solver: rk4({ dt: 1e-2 }), tspan: [0, 30] })],
    ["evaluateBatch", () => evaluateBatch(lorenz, { u: ndarray(new Float64Array(3e6), [1e6, 3]), maxTime: 1e-3 })],
  ])("end %s", async (verb, call) => {
    const error = await thrownBy(call);
    expect(error.name).toBe("BatchOutOfTime");
    expect(error.message).toContain(`${verb}: maxTime`);
  });

  it("hear a signal within the first of a thousand long trajectories, and before they begin", async () => {
    const done: number[] = [];
    const options = { u0, maxSteps: 1e9, onProgress: (count: number) => void done.push(count) };
    await expect(solveBatch(lorenz, { ...options, signal: AbortSignal.timeout(30), tspan: [0, 1e7] })).rejects.toThrow("timeout");
    expect(done).toEqual([]);
    await expect(solveBatch(lorenz, { ...options, signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    await expect(gradientBatch(lorenz, { u0, loss, signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  });

  it("are the same, bit for bit, whether they are solved in one go or in many", async () => {
    const all = await solveBatch(lorenz, { u0, tspan: [0, 40], saveat: 4, maxTime: 1e9 });
    const [m, steps] = [617, all.steps[617]];
    expect(steps).toBeGreaterThan(1000);
    const alone = await solveBatch(lorenz, { u0: ndarray(u0.data.slice(3 * m, 3 * m + 3), [1, 3]), tspan: [0, 40], saveat: 4 });
    for (let k = 0; k < all.t.length; k++) for (let i = 0; i < 3; i++) expect(all.u.get(m, k, i)).toBe(alone.u.get(0, k, i));
  });
});

it.each([0, -1, NaN, "1s", null, []])("refuses %j milliseconds", (maxTime) => {
  expect(() => solve(decay, { maxTime: maxTime as number })).toThrow("maxTime is");
});
