/** Derivatives of the right-hand side that are infinite, or no numbers, are not taken for numbers. */
import { describe, expect, test } from "vitest";
import { gradient, NonFiniteJacobian, NotDifferentiable, odeProblem, rodas5P, solve } from "../../../index.ts";
import { radau } from "../../../solvers/families/radau/family.ts";
import { adjointsThat, implicitMethods, solversOf } from "../../tables.ts";

/** h' = inflow - k √h. */
const tank = (h: number) =>
  odeProblem({
    rhs(du, u, p) {
      du.h = p.inflow - p.k * Math.sqrt(u.h);
    },
    u0: { h },
    tspan: [0, 20],
    p: { inflow: 1, k: 0.5 },
  });

/** With s = √h, t = -(2/k) (s + (q/k) ln(1 - k s / q)) from empty. */
function level(t: number): number {
  const [q, k] = [1, 0.5];
  let [low, high] = [0, q / k];
  for (let i = 0; i < 200; i++) {
    const s = (low + high) / 2;
    if ((-2 / k) * (s + (q / k) * Math.log(1 - (k * s) / q)) < t) low = s;
    else high = s;
  }
  return low ** 2;
}

describe.each(implicitMethods)("$name", (solver) => {
  const tolerances = { rtol: 1e-7, atol: 1e-7 };

  test("an empty tank fills: ∂f/∂u is infinite at the start", () => {
    expect(level(20)).toBeCloseTo(3.7546586, 6);
    for (const target of ["wasm", "javascript"] as const)
      expect(solve(tank(0), { solver, target, ...tolerances }).u.at(-1)!.h).toBeCloseTo(level(20), 4);
  });

  test("an empty tank without inflow stays empty", () => {
    expect(solve(tank(0), { solver, p: { inflow: 0, k: 0.5 } }).u.at(-1)!.h).toBe(0);
  });

  test("falls with drag from rest, by a sparse matrix: ∂f/∂v is 0/0 at the start", () => {
    const n = 20;
    const falls = odeProblem({
      rhs(du: number[], v: number[]) {
        for (let i = 0; i < 20; i++) {
          const speed = Math.sqrt(v[2 * i] ** 2 + v[2 * i + 1] ** 2);
          du[2 * i] = -speed * v[2 * i];
          du[2 * i + 1] = 1 - speed * v[2 * i + 1];
        }
      },
      u0: new Array<number>(2 * n).fill(0),
      tspan: [0, 1],
    });
    const end = solve(falls, { solver, ...tolerances }).states.at(-1)!;
    for (let i = 0; i < n; i++) {
      expect(end[2 * i]).toBe(0);
      expect(end[2 * i + 1]).toBeCloseTo(Math.tanh(1), 4);
    }
  });

  test("∂f/∂t is infinite at the start", () => {
    const root = odeProblem({ rhs: (_u: number[], _p, t) => [Math.sqrt(t)], u0: [0], tspan: [0, 1] });
    expect(solve(root, { solver, ...tolerances }).states.at(-1)![0]).toBeCloseTo(2 / 3, 4);
  });

  const wall = odeProblem({
    rhs(du, u) {
      du.y = 1;
      du.x = u.y > 0 ? 1e100 : Math.sqrt(u.x);
    },
    u0: { x: 0, y: 0 },
    tspan: [0, 1],
  });

  // Its stages and, where it judges twice, its estimate do not hang on the point where a step begins.
  if (solver.family === (radau as unknown))
    test("climbs the wall that the right-hand side is behind its beginning", () => {
      expect(solve(wall, { solver, switches: "ignore" }).u.at(-1)!.x / 1e100).toBeCloseTo(1, 12);
    });
  else
    test("where no step is short enough the entry and the line are named", () => {
      const run = (): unknown => solve(wall, { solver, switches: "ignore" });
      expect(run).toThrow(NonFiniteJacobian);
      expect(run).toThrow(/∂\(dx\/dt\)\/∂x is not finite.*though the right-hand side is/s);
      expect(run).toThrow(/line 3, column \d+: the derivative of `sqrt` at 0 is Infinity/);
    });
});

test("where nothing is stiff the choice of a method goes on explicitly", () => {
  const solution = solve(tank(0), { rtol: 1e-8, atol: 1e-8 });
  expect(solution.solver).toBe("dop853");
  expect(solution.u.at(-1)!.h).toBeCloseTo(level(20), 6);
});

describe("gradients are errors, or right", () => {
  const loss = { final: (u: { h: number }) => u.h };

  test.each(adjointsThat())("%s over a start where the derivative is infinite", (adjoint) => {
    for (const solver of solversOf(adjoint)) {
      const run = (): unknown => gradient(tank(0), { loss, adjoint, solver });
      expect(run).toThrow(NotDifferentiable);
      expect(run).toThrow(/the derivative of `sqrt` at 0 is Infinity, at the start/);
    }
  });

  test.each(["discrete", "gauss"])("%s where it is infinite after an event", (adjoint) => {
    const emptied = odeProblem({
      rhs(du, u, p) {
        du.h = p.inflow - p.k * Math.sqrt(u.h);
      },
      u0: { h: 1 },
      tspan: [0, 10],
      p: { inflow: 1, k: 0.5 },
      events: { at: [2], apply: (u) => void (u.h = 0) },
    });
    const run = (): unknown => gradient(emptied, { loss, adjoint, solver: rodas5P() });
    expect(run).toThrow(NotDifferentiable);
    expect(run).toThrow(/the derivative of `sqrt` at 0 is Infinity, at t = 2/);
  });
});
