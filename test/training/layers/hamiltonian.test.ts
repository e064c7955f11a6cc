/** Derivatives of networks within right-hand sides and losses: energies whose gradient drives the motion. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { tanh } from "../../../src/operations/plain-operations.ts";
import { differentiable, gradientOf, jacobian, jvp } from "../../../sensitivity/index.ts";
import { checkGradient } from "../../../sensitivity/check-gradient.ts";
import { gradient } from "../../../sensitivity/gradient.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { chain, dense, type Layer } from "../../../training/index.ts";

const net = chain(dense(2, 6, tanh), dense(6, 1));
type Weights = ReturnType<typeof net.initial>;
interface Energy {
  net: Weights;
  stiffness: number;
}

const energy = differentiable(
  (x: ArrayLike<number>, p: Energy, c: { net: Layer<Weights> }) =>
    c.net([x[0], x[1]], p.net).get(0) + 0.5 * p.stiffness * x[0] * x[0],
  { constants: { net } },
);
const slope = gradientOf(energy);

describe("a Hamiltonian network", () => {
  const problem = odeProblem({
    rhs(du, u, p, _t, { dH }) {
      const g = dH([u.q, u.v], p.energy);
      du.q = g[1];
      du.v = -g[0];
    },
    u0: { q: 1, v: 0.3 },
    tspan: [0, 3],
    p: { unused: 1, energy: { net: net.initial(2), stiffness: 1.5 } },
    constants: { dH: slope },
  });

  it("is one compiled program, and keeps its energy", () => {
    const { u, stats } = solve(problem, { rtol: 1e-10, atol: 1e-10 });
    expect(stats.compiled).toBe(true);
    const energies = u.map(({ q, v }) => energy([q, v], problem.p.energy));
    for (const one of energies) expect(one).toBeCloseTo(energies[0], 8);
  });

  it("moves by the derivatives written by hand", () => {
    const byHand = odeProblem({
      u0: problem.u0,
      tspan: [0, 3],
      p: problem.p,
      rhs(du, u, { energy: { net: weights, stiffness } }) {
        const { layer0, layer1 } = weights;
        let [byQ, byV] = [stiffness * u.q, 0];
        for (let k = 0; k < 6; k++) {
          const hidden = Math.tanh(layer0.W.get(k, 0) * u.q + layer0.W.get(k, 1) * u.v + layer0.b[k]);
          const factor = layer1.W.get(0, k) * (1 - hidden * hidden);
          byQ += factor * layer0.W.get(k, 0);
          byV += factor * layer0.W.get(k, 1);
        }
        du.q = byV;
        du.v = -byQ;
      },
    });
    const options = {
      loss: { final: (u: { q: number; v: number }) => u.q * u.v },
      wrt: ["p", "u0"],
      rtol: 1e-9,
      atol: 1e-9,
    } as const;
    const [a, b] = [gradient(problem, options), gradient(byHand, options)];
    expect(a.value).toBeCloseTo(b.value, 9);
    a.flat.p!.forEach((derivative, j) => expect(derivative).toBeCloseTo(b.flat.p![j], 6));
  });

  it("has a gradient by its weights that differences confirm, also where the loss takes derivatives of the network", () => {
    const loss = {
      final: (u: { q: number; v: number }, p: { energy: Energy }, { dH }: { dH: typeof slope }) =>
        dH([u.q, u.v], p.energy)[0] ** 2,
      constants: { dH: slope },
    };
    const report = checkGradient(problem, { loss, wrt: ["p", "u0"], rtol: 1e-9, atol: 1e-9 });
    expect(String(report)).toContain("agree");
  });
});

it("jacobians and directional derivatives take parameters with names, too", () => {
  const flow = differentiable((x: ArrayLike<number>, p: { a: number; b: readonly number[] }) => [
    p.a * x[0] * x[1],
    p.b[0] * x[0] + p.b[1],
  ]);
  const matrix = jacobian(flow as never) as unknown as (x: ArrayLike<number>, p: object) => { get(i: number, j: number): number };
  const along = jvp(flow as never) as unknown as (x: ArrayLike<number>, dx: ArrayLike<number>, p: object) => ArrayLike<number>;
  const problem = odeProblem({
    rhs(du, u, p, _t, { J, D }) {
      const m = J(u, p.of);
      const d = D(u, [1, 2], p.of);
      du[0] = m.get(0, 0) + 10 * m.get(0, 1);
      du[1] = m.get(1, 0) + d[0] + 100 * d[1];
    },
    u0: [2, 3],
    tspan: [0, 1],
    p: { first: 7, of: { a: 0.5, b: [4, 5] } },
    constants: { J: matrix, D: along },
  });
  // At (2, 3): J = [[a y, a x], [b, 0]], and along (1, 2) [a (y + 2 x), b].
  const start = solve(problem, { saveat: [0, 1e-6], rtol: 1e-10, atol: 1e-12 });
  const [before, after] = start.states;
  expect((after[0] - before[0]) / 1e-6).toBeCloseTo(0.5 * 3 + 10 * 0.5 * 2, 3);
  expect((after[1] - before[1]) / 1e-6).toBeCloseTo(4 + 0.5 * (3 + 4) + 400, 2);
  const { stats } = solve(problem, { rtol: 1e-8, atol: 1e-8 });
  expect(stats.compiled).toBe(true);
  const report = checkGradient(problem, { loss: { final: (u) => u[0] + u[1] }, rtol: 1e-8, atol: 1e-8 });
  expect(String(report)).toContain("agree");
});
