import { ndarray } from "../../../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import {
  derivative,
  differentiable,
  gradient,
  gradientOf,
  hessian,
  jacobian,
  linearSolve,
  odeProblem,
} from "../../../../index.ts";
import { implicit } from "../../../../src/problem/implicit.ts";
import { backendsThat, oneOfEachFamily } from "../../../tables.ts";

const options = { rtol: 1e-10, atol: 1e-12, wrt: ["p", "u0"] as const };

/** A u' = -u with A = [[k, 1], [0, 2]]; where u[1] = 0, u[0] = e^{-t/k}. */
const linear = odeProblem({
  rhs(du, u, { k }, _t, { ndarray, linearSolve }) {
    const A = ndarray(new Float64Array([k, 1, 0, 2]), [2, 2]);
    const x = linearSolve(A, u);
    du[0] = -x.get(0);
    du[1] = -x.get(1);
  },
  u0: [1, 0],
  tspan: [0, 1.2],
  p: { k: 0.8 },
  constants: { ndarray, linearSolve },
});

/** y³ + y = x */
const root = implicit({
  solve(x: number) {
    let y = x;
    for (let i = 0; i < 40; i++) y -= (y * y * y + y - x) / (3 * y * y + 1);
    return y;
  },
  residual: (y: number, x: number) => y * y * y + y - x,
});

/** u' = -k y with y³ + y = u, so that y' (3y² + 1) = -k y. */
const algebraic = odeProblem({
  rhs(du, u, { k }, _t, { root }) {
    du[0] = -k * root(u[0]);
  },
  u0: [2],
  tspan: [0, 1],
  p: { k: 0.9 },
  constants: { root },
});

describe.each(["gauss", "dual"])("%s", (adjoint) => {
  it.each(oneOfEachFamily.map((solver) => [solver.name, solver] as const))(
    "linear equations in the right-hand side, by %s",
    (_, solver) => {
      const { value, gradient: g } = gradient(linear, { ...options, adjoint, solver, loss: { final: (u) => u[0] } });
      const e = Math.exp(-1.2 / 0.8);
      expect(value).toBeCloseTo(e, 8);
      expect(g.p!.k).toBeCloseTo((1.2 / 0.64) * e, 7);
      expect(g.u0![0]).toBeCloseTo(e, 7);
    },
  );

  it("an algebraic equation in the right-hand side", () => {
    const { value, gradient: g } = gradient(algebraic, { ...options, adjoint, loss: { final: (u) => u[0] } });
    // From y0 = 1 (u0 = 2): 3 y²/2 + ln y = 3/2 - k t, by Newton's method.
    let y = 0.5;
    for (let i = 0; i < 60; i++) y -= (1.5 * y * y + Math.log(y) - 1.5 + 0.9) / (3 * y + 1 / y);
    expect(value).toBeCloseTo(y ** 3 + y, 8);
    // du/dk = (3y² + 1) dy/dk, (3y + 1/y) dy/dk = -t; du/du0 = (3y² + 1) (3 y0 + 1/y0) / (3y + 1/y) / (3 y0² + 1).
    expect(g.p!.k).toBeCloseTo(-y, 7);
    expect(g.u0![0]).toBeCloseTo(y, 7);
  });
});

describe("equations, derived twice", () => {
  // y' = 1 / (3y² + 1), y'' = -6 y / (3y² + 1)³; at x = 2, y = 1.
  const called = differentiable(([x]: number[], { root }: { root: (x: number) => number }) => x * root(x), {
    constants: { root },
  });

  it("a root", () => {
    expect(gradientOf(called)([2])[0]).toBeCloseTo(1 + 2 / 4, 12);
    expect(hessian(called)([2]).get(0, 0)).toBeCloseTo(2 / 4 - (2 * 6) / 64, 12);
    // By itself.
    expect(derivative(root)(2)).toBeCloseTo(1 / 4, 12);
  });

  it("three unknowns, each from the one before, twice", () => {
    // y = (x₀ √x₁, √x₁, x₀ x₁).
    const chain = implicit({
      solve: (x: number[]) => [x[0] * Math.sqrt(x[1]), Math.sqrt(x[1]), x[0] * x[1]],
      residual: (y: number[], x: number[]) => [y[0] - x[0] * y[1], y[1] * y[1] - x[1], y[2] - y[0] * y[1]],
    });
    const value = differentiable(
      (x: number[], { chain }: { chain: (x: number[]) => number[] }) => {
        let sum = 0;
        for (let k = 1; k < 3; k++) {
          const y = chain([x[0], k * x[1]]);
          sum += y[0] + 2 * y[1] + 3 * y[2];
        }
        return sum;
      },
      { constants: { chain } },
    );
    const [x0, x1] = [1.3, 0.7];
    const [s, r] = [Math.sqrt(x1), 1 + Math.SQRT2];
    // (x₀ + 2) √x₁ (1 + √2) + 9 x₀ x₁.
    const slopes = [r * s + 9 * x1, (r * (x0 + 2)) / (2 * s) + 9 * x0];
    [...gradientOf(value)([x0, x1])].forEach((x, i) => expect(x).toBeCloseTo(slopes[i], 11));
    const mixed = r / (2 * s) + 9;
    const second = [0, mixed, mixed, (-r * (x0 + 2)) / (4 * s ** 3)];
    [...hessian(value)([x0, x1]).data].forEach((x, i) => expect(x).toBeCloseTo(second[i], 10));
    const jacobians = jacobian(chain as (x: number[]) => number[])([x0, x1]).data;
    [s, x0 / (2 * s), 0, 1 / (2 * s), x1, x0].forEach((x, i) => expect(jacobians[i]).toBeCloseTo(x, 12));
  });

  it("a fixed point", () => {
    // y = 1 + x y / 2, so y = 2 / (2 - x).
    const fixedPoint = implicit({
      solve(x: number[]) {
        const y = [0];
        for (let i = 0; i < 200; i++) y[0] = 1 + (x[0] * y[0]) / 2;
        return y;
      },
      residual: (y: number[], x: number[]) => [y[0] - 1 - (x[0] * y[0]) / 2],
    });
    const value = differentiable((x: number[], { fixedPoint }: { fixedPoint: (x: number[]) => number[] }) => fixedPoint(x)[0], {
      constants: { fixedPoint },
    });
    expect(gradientOf(value)([0.5])[0]).toBeCloseTo(2 / 1.5 ** 2, 12);
    expect(hessian(value)([0.5]).get(0, 0)).toBeCloseTo(4 / 1.5 ** 3, 12);
  });
});

it("of equations as many as unknowns are asked for", () => {
  const few = implicit({
    solve: (x: number[]) => [x[0], 2 * x[0]],
    residual: (y: number[], x: number[]) => [y[0] - x[0]],
  });
  const value = differentiable((x: number[], { few }: { few: (x: number[]) => number[] }) => few(x)[1], { constants: { few } });
  expect(() => gradientOf(value)([0.5])).toThrow(/must have as many components as the solution, 2/);
});

it.each(backendsThat(({ scalars }) => scalars))("an algebraic equation in the right-hand side, vjps by %s", (vjp) => {
  const loss = { final: (u: ArrayLike<number>) => u[0] };
  const { gradient: g } = gradient(algebraic, { ...options, vjp, adjoint: "gauss", loss });
  const { gradient: expected } = gradient(algebraic, { ...options, adjoint: "dual", loss });
  expect(g.p!.k).toBeCloseTo(expected.p!.k, vjp === "finite" ? 6 : 8);
  expect(g.u0![0]).toBeCloseTo(expected.u0![0], vjp === "finite" ? 6 : 8);
});
