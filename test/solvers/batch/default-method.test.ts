import { expect, test } from "vitest";
import { gradientBatch, ndarray, odeProblem, rodas5P, solveBatch } from "../../../index.ts";
import { brusselatorCells, lotkaVolterra, pollution, robertson, robertsonDAE } from "../../../problems/index.ts";
import { pack } from "../../../src/arrays/pack.ts";

test("what stability holds back is solved by an implicit method, and the solution says so", async () => {
  const { problem } = robertson();
  const p = ndarray(Float64Array.of(0.04, 3e7, 1e4, 0.05, 2e7, 1e4), [2, 3]);
  const found = await solveBatch(problem, { p });
  expect(found.solver).toBe("rodas5P");
  expect(found.because).toMatch(/as it is stated, the problem takes .* -> rodas5P at t = /);
  const asked = await solveBatch(problem, { p, solver: rodas5P() });
  expect([...found.steps]).toEqual([...asked.steps]);
  expect(asked.because).toBeUndefined();
  const massive = await solveBatch(robertsonDAE().problem, { p });
  expect([massive.solver, massive.because]).toEqual(["rodas5P", "the problem has a mass matrix"]);
});

test("the problem as it is stated tells, whatever the batch holds; what is not stiff goes by tsit5", async () => {
  const { problem } = lotkaVolterra();
  const { solver, because } = await solveBatch(problem, { u0: ndarray(Float64Array.of(1, 1, 2, 1), [2, 2]) });
  expect(solver).toBe("tsit5");
  expect(because).toMatch(/holds back no explicit method/);
  const rates = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * (u[0] - 1)], u0: [0], p: [1e6], tspan: [0, 1] });
  expect((await solveBatch(rates, { p: ndarray(Float64Array.of(1, 2), [2, 1]) })).solver).toBe("rodas5P");
});

test("where a batch cannot take that method, the warnings say what it takes", async () => {
  const { problem } = pollution();
  const start = pack(problem.layout.u, problem.u0, "u0");
  const { solver, warnings } = await solveBatch(problem, { u0: ndarray(start, [1, 20]), maxSteps: 50 });
  expect(solver).toBe("tsit5");
  expect(warnings.join()).toMatch(/16 components at most/);
});

test("diffusion between cells goes by rock4", async () => {
  const { problem } = brusselatorCells();
  const start = pack(problem.layout.u, problem.u0, "u0");
  const { solver, outcomes } = await solveBatch(problem, { u0: ndarray(start, [1, start.length]) });
  expect([solver, ...outcomes]).toEqual(["rock4", "success"]);
});

test("gradients of stiff problems are taken one by one, and the plan says so", async () => {
  const { problem } = robertson({ tEnd: 40 });
  const p = ndarray(Float64Array.of(0.04, 3e7, 1e4, 0.05, 2e7, 1e4), [2, 3]);
  const { plan, p: byP } = await gradientBatch(problem, { p, loss: { final: (u) => u[2] } });
  expect(plan.way).toBe("one by one");
  expect(plan.because).toMatch(/rodas5P/);
  expect(byP.get(1, 0)).toBeGreaterThan(0);
});
