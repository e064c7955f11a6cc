/** What needs more memory than there is to have is refused by name, before any of it is taken, with what would do. */
import { describe, expect, it } from "vitest";
import {
  gradient,
  gradientBatch,
  jacobian,
  ndarray,
  odeProblem,
  rk4,
  rodas5P,
  sensitivities,
  solve,
  solveBatch,
  solveWithPullback,
  vjpBatch,
} from "../../index.ts";
import { Arena } from "../../src/compile/arena.ts";
import { TooMuchMemory } from "../../src/core/errors.ts";

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

/** Every state acts on every other. */
function coupled(du: Float64Array, u: Float64Array, p: number[]): void {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i] * p[0];
  for (let i = 0; i < u.length; i++) du[i] = (-sum * u[i]) / u.length;
}

const large = odeProblem({ rhs: coupled, u0: new Float64Array(1e5).fill(1), p: [1], tspan: [0, 1e-3] });
const final = { final: (u: Float64Array) => u[0] };

describe("Jacobians", () => {
  const solver = rodas5P();
  it.each([
    ["of a method", () => solve(large, { solver })],
    ["of a method on the backward pass", () => gradient(large, { loss: final, solver, adjoint: "gauss" })],
    ["of a method with a derivative carried along", () => gradient(large, { loss: final, solver, adjoint: "discrete" })],
    ["of directions", () => gradient(large, { loss: final, solver, adjoint: "dual" })],
  ])("%s", (_, call) => {
    expect(call).toThrow(TooMuchMemory);
    expect(call).toThrow(/10000000000 of whose entries.*needs 200 GB.*a full matrix of 14654 rows.*explicit method/);
  });

  it("that would fit as entries, but not along as many directions", () => {
    const arrow = odeProblem({
      rhs(du: Float64Array, u: Float64Array, p: number[]) {
        let sum = 0;
        for (let i = 0; i < u.length; i++) sum += u[i] * p[0];
        for (let i = 0; i < u.length; i++) du[i] = i === 0 ? -Math.sin(sum * u[i]) : -u[i];
      },
      u0: new Float64Array(2e4).fill(1),
      p: [1],
      tspan: [0, 1e-3],
    });
    expect(() => solve(arrow, { solver })).toThrow(/along 20000 directions: that needs .*directions would do/);
  });

  it("that users write", () => {
    const own = { jac: () => {} };
    const rhs = (du: Float64Array, u: Float64Array): void => {
      for (let i = 0; i < u.length; i++) du[i] = -u[i];
    };
    const stated = odeProblem({ rhs, u0: new Float64Array(1e5).fill(1), tspan: [0, 1], derivatives: own });
    expect(() => solve(stated, { solver })).toThrow(/`jac` writes, 100000 by 100000: that needs 80 GB/);
  });

  it("as one matrix, of an operator", () => {
    const rows = jacobian((u: Float64Array) => u.map((x) => 2 * x));
    expect(() => rows(new Float64Array(1e5))).toThrow(/100000 rows and 100000 columns, as one matrix: .*jvp and vjp/);
  });
});

describe("derivatives by many numbers", () => {
  const many = odeProblem({
    rhs(du: number[], u: number[], p: Float64Array) {
      let sum = 0;
      for (let i = 0; i < p.length; i++) sum += p[i];
      du[0] = -sum * u[0];
    },
    u0: [1],
    p: new Float64Array(1e5).fill(1e-5),
    tspan: [0, 1],
  });
  const starts = ndarray(new Float64Array(1e4).fill(1), [1e4, 1]);

  it("sensitivities", () => {
    expect(() => sensitivities(many, { saveat: 1e-4 })).toThrow(
      /1 states at 10001 times by 100000 numbers: that needs 16 GB.*By 26\d{3} numbers they would do/,
    );
    expect(() => sensitivities(wide, { saveat: 1e-3, wrt: "u0", tspan: [0, 1] })).toThrow(/by 1000 numbers: that needs 16 GB/);
  });

  it("gradientBatch and vjpBatch", async () => {
    const batch = gradientBatch(many, { u0: starts, loss: { final: (u) => u[0] }, solver: rk4({ dt: 0.5 }) });
    await expect(batch).rejects.toThrow(
      /10000 trajectories by 1 initial values and 100000 parameters each: that needs 8.*Give 536\d/,
    );
    await expect(vjpBatch(many, { u: starts, v: starts })).rejects.toThrow(/vjpBatch: products of 10000 states.*Give 536\d/);
  });
});

it("losses at very many times", () => {
  const loss = { at: Float64Array.from({ length: 1e6 }, (_, i) => i * 1e-6), of: (u: Float64Array) => u[0] };
  expect(() => gradient(wide, { loss })).toThrow(
    /loss.at: states of 1000 numbers at 1000000 times: that needs 8 GB.*536870 times/,
  );
});
