/** Whole gradients by every vjp backend that takes the problem. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, rodas5P, tsit5 } from "../../index.ts";
import { lotkaVolterra, pollution } from "../../problems/index.ts";
import type { Method } from "../../solvers/step/method.ts";
import { adjointsThat, backendsThat } from "../tables.ts";

const tight = { rtol: 1e-9, atol: 1e-9, adjoint: "gauss" } as const;

describe.each(backendsThat(({ scalars }) => scalars).filter((name) => name !== "source"))("%s", (vjp) => {
  it("agrees with source on Lotka-Volterra and on pollution", () => {
    const small = lotkaVolterra();
    const by = (name: string) =>
      gradient(small.problem, { ...tight, loss: small.loss, solver: tsit5(), wrt: ["p", "u0"], vjp: name });
    const [reference, result] = [by("source"), by(vjp)];
    result.flat.p!.forEach((g, j) => expect(g / reference.flat.p![j]).toBeCloseTo(1, 6));
    result.flat.u0!.forEach((g, j) => expect(g / reference.flat.u0![j]).toBeCloseTo(1, 6));
  });

  it("goes back with an implicit method", () => {
    const { problem, loss } = pollution();
    const options = {
      rtol: 1e-7,
      atol: 1e-9,
      adjoint: "gauss",
      loss: { final: loss.of && ((u: number[]) => u[0] + u[4]) },
      solver: rodas5P(),
    };
    const reference = gradient(problem as never, { ...options, vjp: "source" } as never);
    const result = gradient(problem as never, { ...options, vjp } as never);
    // A vjp of the host has a time derivative too, by differences; without it steps would be hundreds of times shorter.
    expect(result.stats.backward!.steps).toBeLessThan(1.2 * reference.stats.backward!.steps);
    const size = Math.hypot(...reference.flat.p!.map((g, j) => g * rates(problem)[j]));
    result.flat.p!.forEach((g, j) => expect(Math.abs((g - reference.flat.p![j]) * rates(problem)[j]) / size).toBeLessThan(1e-4));
  });
});

function rates(problem: { readonly p: unknown }): number[] {
  return problem.p as number[];
}

it("recursion, which only a tape reads", () => {
  const problem = odeProblem({
    rhs(du, u, p, _t, { power }) {
      du[0] = -p[0] * power(u[0], 3);
    },
    u0: [1],
    p: [0.7],
    tspan: [0, 1],
    constants: {
      power(x: number, k: number): number {
        const again = (n: number): number => (n === 0 ? 1 : x * again(n - 1));
        return again(k);
      },
    },
  });
  // u' = -p u³: u = (1 + 2 p t)^(-1/2)
  for (const vjp of ["tape", "compiledTape"]) {
    const result = gradient(problem, { loss: { final: (u) => u[0] }, vjp, rtol: 1e-10, atol: 1e-10 });
    expect(result.value).toBeCloseTo(2.4 ** -0.5, 9);
    expect(result.gradient.p![0]).toBeCloseTo(-(2.4 ** -1.5), 8);
  }
});

describe("a spring that is stiffer on one side: the branch flips in the middle of the solve, and back", () => {
  const spring = odeProblem({
    rhs(du, u, { k, c }) {
      du[0] = u[1];
      if (u[0] > 0) du[1] = -k * u[0];
      else du[1] = -c * u[0];
    },
    u0: [1, 0],
    p: { k: 4, c: 9 },
    tspan: [0, 2.3],
  });
  const options = { loss: { final: (u: readonly number[]) => u[0] }, rtol: 1e-10, atol: 1e-10, wrt: ["p", "u0"] } as const;
  /** Where switches are found, source holds decisions within steps, and tapes do not: their steps are others. */
  const by = (vjp: string, adjoint: string, solver: Method = tsit5()) =>
    gradient(spring, { ...options, solver, vjp, adjoint, switches: "ignore" });

  it.each(["source", "compiledTape", "tape"])("by %s: the closed form", (vjp) => {
    const { value, gradient: g } = gradient(spring, { ...options, solver: tsit5(), vjp, adjoint: "gauss" });
    // A quarter of a swing on one side, a half on the other, and on: u = sin(φ), φ = √k t - π/2 - π √(k/c).
    const phase = 2 * 2.3 - Math.PI / 2 - (Math.PI * 2) / 3;
    expect(value).toBeCloseTo(Math.sin(phase), 8);
    expect(g.p!.k).toBeCloseTo(Math.cos(phase) * (2.3 / 4 - Math.PI / 12), 7);
    expect(g.p!.c).toBeCloseTo((Math.cos(phase) * Math.PI) / 27, 7);
  });

  it.each(adjointsThat(({ usesVjp, needsText }) => usesVjp && !needsText))("%s by tapes is that by source", (adjoint) => {
    const [expected, ...found] = ["source", "compiledTape", "tape"].map((vjp) => by(vjp, adjoint).flat);
    for (const { p, u0 } of found) {
      p!.forEach((x, i) => expect(Math.abs(x / expected.p![i] - 1)).toBeLessThan(1e-10));
      u0!.forEach((x, i) => expect(Math.abs(x - expected.u0![i])).toBeLessThan(1e-10 * Math.hypot(...expected.u0!)));
    }
  });

  it("by the implicit backward pass too", () => {
    const [expected, found] = ["source", "compiledTape"].map((vjp) => by(vjp, "gauss", rodas5P()).flat.p!);
    found.forEach((x, i) => expect(Math.abs(x / expected[i] - 1)).toBeLessThan(1e-10));
  });
});
