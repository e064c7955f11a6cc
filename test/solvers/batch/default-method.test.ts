import { expect, test } from "vitest";
import { gradientBatch, ndarray, odeProblem, rodas5P, solveBatch } from "../../../index.ts";
import { brusselatorCells, lotkaVolterra, pollution, robertson, robertsonDAE } from "../../../problems/index.ts";
import { pack } from "../../../src/arrays/pack.ts";

test("what stability holds back is solved by an implicit method, and the solution says so", async () => {
  const { problem } = robertson();
  const p = ndarray(Float64Array.of(0.04, 3e7, 1e4, 0.05, 2e7, 1e4), [2, 3]);
  const found = await solveBatch(problem, { p });
  expect(found.solver).toBe("rodas5P");
  expect(found.because).toMatch(/solved alone, trajectory 0 takes .* -> rodas5P at t = /);
  const asked = await solveBatch(problem, { p, solver: rodas5P() });
  expect([...found.steps]).toEqual([...asked.steps]);
  expect(asked.because).toBeUndefined();
  const massive = await solveBatch(robertsonDAE().problem, { p });
  expect([massive.solver, massive.because]).toEqual(["rodas5P", "the problem has a mass matrix"]);
});

test("the rows tell, whatever the problem's own numbers are; what is not stiff goes by tsit5", async () => {
  const { problem } = lotkaVolterra();
  const { solver, because } = await solveBatch(problem, { u0: ndarray(Float64Array.of(1, 1, 2, 1), [2, 2]) });
  expect(solver).toBe("tsit5");
  expect(because).toMatch(/holds back no explicit method/);
  const rates = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * (u[0] - 1)], u0: [0], p: [1e6], tspan: [0, 1] });
  expect((await solveBatch(rates, { p: ndarray(Float64Array.of(1, 2), [2, 1]) })).solver).toBe("tsit5");
});

test("one stiff trajectory, wherever it stands, has the batch solved by the method for it", async () => {
  const stiff = [0.04, 3e7, 1e4];
  const mild = [0.04, 1, 1];
  const problem = odeProblem({
    rhs: (u: number[], p: number[]) => {
      const [slow, square, fast] = [p[0] * u[0], p[1] * u[1] * u[1], p[2] * u[1] * u[2]];
      return [fast - slow, slow - fast - square, square];
    },
    u0: [1, 0, 0],
    tspan: [0, 100],
    p: mild,
  });
  for (const m of [0, 3, 8, 9]) {
    const rows = Float64Array.from(Array.from({ length: 10 }, (_, i) => (i === m ? stiff : mild)).flat());
    const { u, solver, because, steps } = await solveBatch(problem, { p: ndarray(rows, [10, 3]) });
    expect([solver, because]).toEqual(["rodas5P", expect.stringMatching(new RegExp(`trajectory ${m} takes .* -> rodas5P`))]);
    // By rodas5P at rtol = 1e-10: 0.6172348824.
    expect(u.get(m, 0, 0)).toBeCloseTo(0.61723, 4);
    expect(steps[m]).toBeLessThan(200);
  }
});

test("one that is stiff for its state, or over its own span, likewise", async () => {
  /** Stiff where it has come to rest, of a size that its start says. */
  const problem = odeProblem({
    rhs: (u: number[]) => [-u[1] * (u[0] - 1), 0],
    u0: [0, 1],
    tspan: [0, 1],
  });
  const starts = Float64Array.of(0, 1, 0, 1, 0, 1e6, 0, 1, 0, 1, 0, 1, 0, 1);
  expect((await solveBatch(problem, { u0: ndarray(starts, [7, 2]) })).solver).toBe("rodas5P");
  const spans = ndarray(Float64Array.of(0, 1, 0, 1e6), [2, 2]);
  expect((await solveBatch(problem, { tspan: spans })).solver).toBe("rodas5P");
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

test("gradients of stiff problems go back over the steps of the method that is chosen, and the plan names it", async () => {
  const { problem } = robertson({ tEnd: 40 });
  const p = ndarray(Float64Array.of(0.04, 3e7, 1e4, 0.05, 2e7, 1e4), [2, 3]);
  const { plan, p: byP } = await gradientBatch(problem, { p, loss: { final: (u) => u[2] } });
  expect(plan.way).toBe("lanes");
  expect(plan.because).toMatch(/rodas5P/);
  expect(byP.get(1, 0)).toBeGreaterThan(0);
});
