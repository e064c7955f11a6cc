/** Gradients of the named problems with algebraic equations. */
import { describe, expect, it } from "vitest";
import { fbdf, gradient, kvaerno5, rodas5P, solve } from "../../../index.ts";
import {
  chemicalAkzoNobel,
  pendulumDAE,
  robertson,
  robertsonDAE,
  transistorAmplifier,
  type NamedProblem,
} from "../../../problems/index.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";

it("that of robertsonDAE is that of robertson", () => {
  const options = { rtol: 1e-10, atol: 1e-18 };
  const [massive, plain] = [robertsonDAE({ tEnd: 40 }), robertson({ tEnd: 40 })].map(({ problem, loss }) =>
    gradient(problem, { loss, ...options, solver: rodas5P() }),
  );
  massive.flat.p!.forEach((x, j) => expect(x / plain.flat.p![j]).toBeCloseTo(1, 6));
});

const named = {
  chemicalAkzoNobel: { ...chemicalAkzoNobel(), tEnd: 20, atol: 1e-12 },
  transistorAmplifier: { ...transistorAmplifier(), tEnd: 0.02, atol: 1e-10 },
  pendulumDAE: { ...pendulumDAE(), tEnd: 1, atol: 1e-11 },
} as unknown as Record<string, NamedProblem & { readonly tEnd: number; readonly atol: number }>;

describe.each(Object.entries(named))("%s", (_, { problem, loss, tEnd, atol }) => {
  const tspan = [0, tEnd] as const;
  const tolerances = { tspan, rtol: 1e-10, atol };

  it("by differences of solves from starts that are solved for", () => {
    const settled = { ...problem, initialise: "algebraic" as const };
    const p = pack(problem.layout.p, problem.p, "p");
    const valueAt = (j: number, by: number): number => {
      const moved = p.map((x, i) => (i === j ? x * (1 + by) : x));
      const { u } = solve(settled, { ...tolerances, rtol: 1e-11, p: unpack(problem.layout.p, moved) });
      return loss.final!(u.at(-1)!, problem.p, undefined);
    };
    const h = 1e-4;
    const known = [...p.keys()].map((j) => (valueAt(j, h) - valueAt(j, -h)) / (2 * h));
    const size = Math.hypot(...known);
    for (const adjoint of ["discrete", "dual"]) {
      for (const solver of [rodas5P(), kvaerno5(), fbdf()]) {
        const { flat } = gradient(problem, { ...tolerances, loss, adjoint, solver });
        known.forEach((x, j) => expect(Math.abs(flat.p![j] * p[j] - x) / size, `${adjoint}, parameter ${j}`).toBeLessThan(2e-6));
      }
    }
  });
});
