/** Gradients through stabilised solves of a diffusion that tsit5 takes many steps for, by every adjoint method. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, rkc, rock2, rock4, solve, tsit5 } from "../../../index.ts";
import { adjointsThat } from "../../tables.ts";

/** Diffusion and decay on a ring. */
const N = 24;
const diffusion = odeProblem({
  rhs(du, u, p, t) {
    for (let i = 0; i < 24; i++) {
      const [left, right] = [u[(i + 23) % 24], u[(i + 1) % 24]];
      du[i] = p[0] * (left - 2 * u[i] + right) - p[1] * u[i] ** 3 + p[2] * Math.sin(t + i);
    }
  },
  u0: Array.from({ length: N }, (_, i) => 1 + Math.cos((2 * Math.PI * i) / N)),
  tspan: [0, 1],
  p: [150, 0.4, 0.7],
});

const loss = {
  at: [0.25, 0.6, 1],
  of: (u: ArrayLike<number>, _p: unknown, t: number): number => u[0] ** 2 + u[3] * t,
  final: (u: ArrayLike<number>): number => u[5],
};
const all = { loss, wrt: ["p", "u0"] as const };
const reference = gradient(diffusion, { ...all, adjoint: "dual", solver: tsit5(), rtol: 1e-10, atol: 1e-10 });

describe.each([rkc(), rock2(), rock4()])("$name", (solver) => {
  it("takes fewer right-hand sides than stability lets tsit5 take, and is right", () => {
    const tolerances = { rtol: 1e-5, atol: 1e-5 };
    const [ours, others] = [solver, tsit5()].map((method) => solve(diffusion, { solver: method, ...tolerances }));
    expect(ours.stats.rhsCalls).toBeLessThan(others.stats.rhsCalls);
    ours.states.at(-1)!.forEach((x, i) => expect(x).toBeCloseTo(others.states.at(-1)![i], 3));
  });

  it.each(adjointsThat())("%s", (adjoint) => {
    const run = () => gradient(diffusion, { ...all, adjoint, solver, rtol: 1e-7, atol: 1e-7 });
    // Backwards a diffusion grows without bound.
    if (adjoint === "backsolve") return expect(run).toThrow(/^backsolve/);
    const found = run();
    const close = (x: ArrayLike<number>, exact: ArrayLike<number>): void => {
      const scale = Math.max(...Array.from(exact, Math.abs));
      Array.from(exact).forEach((g, i) => expect(Math.abs(x[i] - g)).toBeLessThan(1e-4 * scale));
    };
    close(found.gradient.p!, reference.gradient.p!);
    close(found.gradient.u0!, reference.gradient.u0!);
  });
});
