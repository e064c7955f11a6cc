/** Implicit solvers with the Jacobian that the author of a problem gives. */
import { describe, expect, it } from "vitest";
import { DerivativeMismatch, gradient, odeProblem, rodas5P, solve, tsit5, type OdeProblem } from "../../../index.ts";
import type { NdArray } from "../../../src/arrays/ndarray.ts";
import { implicitMethods } from "../../tables.ts";

interface State {
  a: number;
  b: number;
  c: number;
}
interface Rates {
  slow: number;
  fast: number;
}

const scale = 1;

/** Robertson's reactions with milder rates; the function can be read, or not. Entries may be changed after they are written. */
function robertson(readable: boolean, change: (J: NdArray<Float64Array>, t: number) => void = () => {}) {
  let calls = 0;
  const rhs = readable
    ? (du: State, u: State, p: Rates) => {
        du.a = -p.slow * u.a + 100 * u.b * u.c;
        du.b = p.slow * u.a - 100 * u.b * u.c - p.fast * u.b ** 2;
        du.c = p.fast * u.b ** 2;
      }
    : (du: State, u: State, p: Rates) => {
        du.a = scale * (-p.slow * u.a + 100 * u.b * u.c);
        du.b = p.slow * u.a - 100 * u.b * u.c - p.fast * u.b ** 2;
        du.c = p.fast * u.b ** 2;
      };
  const problem = odeProblem({
    name: "reactions",
    rhs,
    u0: { a: 1, b: 0.1, c: 0.2 },
    p: { slow: 0.04, fast: 3e4 },
    tspan: [0, 10],
    derivatives: {
      jac(J, u, p, t) {
        calls++;
        const rows = [
          [-p.slow, 100 * u.c, 100 * u.b],
          [p.slow, -100 * u.c - 2 * p.fast * u.b, -100 * u.b],
          [0, 2 * p.fast * u.b, 0],
        ];
        rows.forEach((row, i) => row.forEach((x, j) => J.set(i, j, x)));
        change(J, t);
      },
    },
  }) as OdeProblem<State, Rates>;
  return { problem, calls: () => calls };
}

describe.each([true, false])("of a function that can be read: %s", (readable) => {
  it.each(implicitMethods)("$name uses it", (solver) => {
    const { problem, calls } = robertson(readable);
    const { u, stats } = solve(problem, { solver, rtol: 1e-9, atol: 1e-11, saveat: [10] });
    expect(stats.jacobians).toBeGreaterThan(5);
    expect(calls()).toBe(stats.jacobians);
    const reference = solve(robertson(true).problem, { solver: tsit5(), rtol: 1e-10, atol: 1e-13, saveat: [10] }).u[0];
    for (const name of ["a", "b", "c"] as const) expect(u[0][name] / reference[name]).toBeCloseTo(1, 6);
  });

  it("explicit solvers do not", () => {
    const { problem, calls } = robertson(readable);
    solve(problem, { solver: tsit5(), rtol: 1e-4, atol: 1e-6 });
    expect(calls()).toBe(0);
  });

  it("a wrong entry is named, with both values", () => {
    const { problem } = robertson(readable, (J) => void J.set(1, 2, 3));
    const run = (): unknown => solve(problem, { solver: rodas5P() });
    expect(run).toThrow(DerivativeMismatch);
    expect(run).toThrow(
      /^reactions, derivatives\.jac: ∂\(b\)\/∂\(c\) is 3, but the derivative of the function \((source|finite)\) is -(10|9\.99)/,
    );
  });

  it("so is an entry that is zero by structure, and one that is never written", () => {
    const { problem: extra } = robertson(readable, (J) => void J.set(2, 0, 1));
    expect(() => solve(extra, { solver: rodas5P() })).toThrow(/∂\(c\)\/∂\(a\) is 1, but .* is 0, at t = 0/);
    const { problem: forgotten } = robertson(readable, (J) => void J.set(2, 2, NaN));
    expect(() => solve(forgotten, { solver: rodas5P() })).toThrow(/∂\(c\)\/∂\(c\) is NaN/);
  });
});

it("gradients through solvers that use it are those without it", () => {
  const options = { loss: { final: (u: State) => u.a }, solver: rodas5P(), rtol: 1e-9, atol: 1e-12, wrt: ["p", "u0"] as const };
  const expected = gradient(robertson(true).problem, { ...options, adjoint: "dual" }).flat;
  for (const adjoint of ["gauss", "discrete"]) {
    const { problem, calls } = robertson(true);
    const { flat } = gradient(problem, { ...options, adjoint });
    // The forward solve of the discrete adjoint carries a tangent, and derives its Jacobian itself.
    if (adjoint === "gauss") expect(calls()).toBeGreaterThan(5);
    flat.p!.forEach((x, j) => expect(x / expected.p![j]).toBeCloseTo(1, 5));
    flat.u0!.forEach((x, j) => expect(x / expected.u0![j]).toBeCloseTo(1, 5));
  }
});
