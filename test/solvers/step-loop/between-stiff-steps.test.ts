/** Between steps that stability holds, explicit methods are as exact as at their ends, also those whose dense output takes stages of its own. */
import { describe, expect, it } from "vitest";
import { dop853, odeProblem, solve, vern6, vern7, vern8, vern9, type Method } from "../../../index.ts";

const [n, D] = [80, 0.1];
const places = Array.from({ length: n }, (_, i) => (i + 1) / (n + 1));

/** Two modes of the heat equation on a line. */
const heat = odeProblem({
  rhs(du: Float64Array, u: Float64Array, p: { D: number }, _t: number, { cells }: { cells: number }) {
    const inverse = (cells + 1) ** 2;
    for (let i = 0; i < cells; i++) {
      const left = i > 0 ? u[i - 1] : 0;
      const right = i < cells - 1 ? u[i + 1] : 0;
      du[i] = p.D * inverse * (left - 2 * u[i] + right);
    }
  },
  u0: Float64Array.from(places, (x) => Math.sin(Math.PI * x) + 0.5 * Math.sin(7 * Math.PI * x)),
  p: { D },
  tspan: [0, 0.3],
  constants: { cells: n },
});

/** Of the differences, mode by mode. */
function exact(t: number, x: number): number {
  const rate = (k: number): number => 4 * (n + 1) ** 2 * Math.sin((k * Math.PI) / (2 * (n + 1))) ** 2;
  return Math.sin(Math.PI * x) * Math.exp(-D * rate(1) * t) + 0.5 * Math.sin(7 * Math.PI * x) * Math.exp(-D * rate(7) * t);
}

const methods: readonly (Method | undefined)[] = [undefined, dop853(), vern6(), vern7(), vern8(), vern9()];

describe.each(methods.map((method) => [method?.name ?? "default", method] as const))("heat by %s", (_, solver) => {
  it("is as exact at saved times as at the tolerances", () => {
    const { t, u } = solve(heat, { solver, rtol: 1e-6, atol: 1e-6, saveat: 0.0137 });
    const worst = Math.max(...Array.from(t).flatMap((at, k) => places.map((x, i) => Math.abs(u[k][i] - exact(at, x)))));
    expect(worst).toBeLessThan(1e-5);
  });
});
