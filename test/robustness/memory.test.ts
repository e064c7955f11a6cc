/** What needs more memory than there is to have is refused by name, before any of it is taken, with what would do. */
import { describe, expect, it } from "vitest";
import { ndarray, odeProblem, sensitivities, solve, solveBatch, solveWithPullback } from "../../index.ts";
import { Arena } from "../../src/compile/arena.ts";
import { TooMuchMemory } from "../../src/errors.ts";

const decay = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0]], u0: [1], p: [1], tspan: [0, 1] });
const wide = odeProblem({
  rhs(du: Float64Array, u: Float64Array, p: number[]) {
    for (let i = 0; i < u.length; i++) du[i] = -p[0] * u[i];
  },
  u0: new Float64Array(1000).fill(1),
  p: [1],
  tspan: [0, 1],
});
const rows = ndarray(new Float64Array(1e5).fill(1), [1e5, 1]);

describe("saved times", () => {
  it.each([
    ["solve", () => solve(decay, { saveat: 1e-12 }), "1000000000001 times of 1 numbers: that needs 8000 GB", "1.86e-9"],
    ["solve", () => solve(wide, { saveat: 1e-6 }), "1000001 times of 1000 numbers: that needs 8 GB", "0.00000186"],
    ["sensitivities", () => sensitivities(decay, { saveat: 1e-10 }), "times of 1 numbers", "1.86e-9"],
    ["solveWithPullback", () => solveWithPullback(wide, { saveat: 1e-7 }), "times of 1000 numbers", "0.00000186"],
  ])("of %s", (_, call, what, distance) => {
    expect(call).toThrow(TooMuchMemory);
    expect(call).toThrow(what);
    expect(call).toThrow(`Give a distance of ${distance} or more`);
  });

  it("of batches, by how many trajectories would do", async () => {
    await expect(solveBatch(decay, { u0: rows, saveat: 1e-6 })).rejects.toThrow(
      "100000 trajectories at 1000001 times of 1 numbers: that needs 800 GB, and 4.29 GB is the most there can be. Give 536 trajectories at most",
    );
  });
});

it("the work memory of compiled code, which 32 bits address", () => {
  const arena = new Arena();
  arena.reserve(2 ** 29);
  expect(() => arena.commit()).toThrow(/needs 4.3 GB.*explicit method/);
});
