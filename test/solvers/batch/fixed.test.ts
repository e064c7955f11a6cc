/** Steps of one length: what their loops carry, and that lanes compute what `solve` does. */
import { describe, expect, test } from "vitest";
import { euler, implicitMidpoint, ndarray, odeProblem, rk4, solve, solveBatch, type Method } from "../../../index.ts";
import { fixedKernel } from "../../../solvers/batch/fixed.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { walk, type While } from "../../../src/ir/ir.ts";

const lorenz = odeProblem({
  name: "lorenz",
  rhs(du: number[], u: number[], p: number[], t: number) {
    du[0] = 10 * (u[1] - u[0]);
    du[1] = u[0] * (p[0] - u[2]) - u[1];
    du[2] = u[0] * u[1] - (8 / 3) * u[2] + 0.1 * Math.cos(t);
  },
  u0: [1, 0, 0],
  p: [21],
  tspan: [0, 1],
});
const rho = [0, 7, 14, 21, 28];

/** Explicit ones, and one whose steps may fail. */
const methods: Readonly<Record<string, Method>> = {
  rk4: rk4({ dt: 0.01 }),
  euler: euler({ dt: 0.01 }),
  implicitMidpoint: implicitMidpoint({ dt: 0.01 }),
};
const times = { "the end": [1], "the start and within steps": [0, 0.005, 0.3331, 0.34, 1] };

describe.each(Object.entries(methods))("%s", (_, solver) => {
  test.each(Object.entries(times))("states at %s are those of solve", async (_, saveat) => {
    const batch = await solveBatch(lorenz, { p: ndarray(Float64Array.from(rho), [rho.length, 1]), solver, saveat });
    rho.forEach((r, m) => {
      const { states } = solve(lorenz, { p: [r], solver, saveat });
      saveat.forEach((_, k) => [0, 1, 2].forEach((i) => expect(batch.u.get(m, k, i)).toBeCloseTo(states[k][i], 11)));
    });
  });
});

test("the loop of steps by which nothing is saved carries the step, its time and the state", () => {
  const { program } = fixedKernel(methods.rk4, systemOf(lorenz.code)!, 1, ["u0", "atol", "saveTimes"]);
  const loops = walk(program.body).filter((i): i is While => i.kind === "while");
  const changing = loops.map(({ carried, body }) => carried.filter(({ phi }, k) => body.yields[k] !== phi).length);
  const operations = loops.map(({ body }) => body.instructions.length);
  const ofSteps = operations.findIndex((count, k) => count > 60 && !walk(loops[k].body).some(({ kind }) => kind === "while"));
  expect(changing[ofSteps]).toBe(2 + 3);
});
