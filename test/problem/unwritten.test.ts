/** A derivative that a path leaves unwritten is 0, however it is solved and differentiated: u0' = -p u0, u1' = 7 p u0 until t = 0.45. */
import { describe, expect, it, test } from "vitest";
import {
  gradient,
  gradientBatch,
  ndarray,
  odeProblem,
  rk4,
  rodas5P,
  rosenbrock23,
  solve,
  solveBatch,
  tsit5,
  vern7,
} from "../../index.ts";
import { adjointMethods, type AdjointName } from "../../sensitivity/adjoints/index.ts";
import { gpuTest } from "../devices/webgpu/adapter.ts";
import { withoutInspector } from "../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

function gated(du: number[], u: number[], p: number[], t: number): void {
  du[0] = -u[0] * p[0];
  if (t < 0.45) du[1] = 7 * p[0] * u[0];
}

const right = 1 + 7 * (1 - Math.exp(-0.45));
/** By p, of 7 (1 - exp(-0.45 p)). */
const byP = 7 * 0.45 * Math.exp(-0.45);
const problem = odeProblem({ rhs: gated, u0: [1, 1], p: [1], tspan: [0, 1] });
const loss = { final: (u: number[]): number => u[1] };
const starts = ndarray(Float64Array.of(1, 1, 1, 1, 1, 1), [3, 2]);

/** What no reader sees. */
const until = 0.45;
const captured = odeProblem({
  rhs: (du: number[], u: number[], p: number[], t: number) => {
    du[0] = -u[0] * p[0];
    if (t < until) du[1] = 7 * p[0] * u[0];
  },
  u0: [1, 1],
  p: [1],
  tspan: [0, 1],
});

describe("solving", () => {
  it.each([rk4({ dt: 0.01 }), tsit5(), vern7(), rosenbrock23(), rodas5P()])("by $name", (solver) => {
    const tolerances = solver.name === "rk4" ? {} : { rtol: 1e-8, atol: 1e-8 };
    const { u, stats } = solve(problem, { solver, ...tolerances, saveat: [1] });
    expect(stats.compiled).toBe(true);
    expect(Math.abs((u[0] as number[])[1] - right)).toBeLessThan(solver.name === "rk4" ? 0.03 : 1e-5);
  });

  it("plainly", () => {
    const { u, stats } = solve(captured, { rtol: 1e-8, atol: 1e-8, saveat: [1] });
    expect(stats.compiled).toBe(false);
    expect(Math.abs((u[0] as number[])[1] - right)).toBeLessThan(1e-5);
  });
});

describe("the gradient", () => {
  const names = Object.keys(adjointMethods).filter((name) => name !== "steadyState") as AdjointName[];
  it.each(names)("by %s", (adjoint) => {
    const { value, gradient: found } = gradient(problem, { loss, adjoint, wrt: ["p"], rtol: 1e-9, atol: 1e-9 });
    expect(Math.abs(value - right)).toBeLessThan(1e-6);
    expect(Math.abs((found.p as number[])[0] - byP)).toBeLessThan(1e-5);
  });

  it.each(["source", "tape", "compiledTape", "dual", "finite"] as const)("through %s", (vjp) => {
    const found = gradient(problem, { loss, vjp, adjoint: "gauss", wrt: ["p"], rtol: 1e-9, atol: 1e-9 });
    expect(Math.abs((found.gradient.p as number[])[0] - byP)).toBeLessThan(1e-5);
  });
});

describe("batches", () => {
  for (const [device, run, within] of [
    ["cpu", test, 1e-6],
    ["webgpu", gpuTest, 1e-4],
  ] as const) {
    run(`on ${device}`, async () => {
      const tolerances = { rtol: within / 10, atol: within / 10 };
      const { u } = await solveBatch(problem, { u0: starts, device, solver: tsit5(), ...tolerances, saveat: [1] });
      const { values } = await gradientBatch(problem, { u0: starts, device, solver: tsit5(), loss, ...tolerances });
      for (let m = 0; m < 3; m++) {
        expect(Math.abs(u.get(m, 0, 1) - right)).toBeLessThan(within * 10);
        expect(Math.abs(values[m] - right)).toBeLessThan(within * 10);
      }
    });
  }
});
