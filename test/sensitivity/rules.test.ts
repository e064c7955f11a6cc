import { ndarray } from "../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import { gradient, linearSolve, odeProblem, rodas5P, tsit5 } from "../../index.ts";
import { implicit } from "../../src/implicit.ts";

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
  it.each([
    ["tsit5", tsit5()],
    ["rodas5P", rodas5P()],
  ])("linear equations in the right-hand side, by %s", (_, solver) => {
    const { value, gradient: g } = gradient(linear, { ...options, adjoint, solver, loss: { final: (u) => u[0] } });
    const e = Math.exp(-1.2 / 0.8);
    expect(value).toBeCloseTo(e, 8);
    expect(g.p!.k).toBeCloseTo((1.2 / 0.64) * e, 7);
    expect(g.u0![0]).toBeCloseTo(e, 7);
  });

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
