import { describe, expect, test } from "vitest";
import { dual, vjpByForward } from "../../../../sensitivity/vjp/backends/dual.ts";
import { source } from "../../../../sensitivity/vjp/backends/source.ts";
import { forward } from "../../../../src/derive/forward.ts";
import { reverse } from "../../../../src/derive/reverse.ts";
import { odeProblem, type OdeProblem } from "../../../../src/problem/problem.ts";
import { run } from "../../../derive/harness.ts";
import { expectClose, start, vjp } from "../harness.ts";
import { lotka, scenarios } from "../problems.ts";

describe("dual backend", () => {
  test.each(scenarios())("gives what reverse mode gives: $name", ({ problem, point }) => {
    const expected = vjp(source, problem, point);
    for (const target of ["wasm", "javascript"] as const) {
      const actual = vjp(dual, problem, point, target);
      expectClose(actual.u, expected.u, 1e-12);
      expectClose(actual.p, expected.p, 1e-12);
    }
  });

  test("a linear system, by hand", () => {
    const problem = odeProblem({
      rhs: (du, u, p) => {
        du[0] = p[0] * u[1];
        du[1] = -u[0] + 3 * u[1];
      },
      u0: [2, 5],
      p: [7],
      tspan: [0, 1],
    }) as OdeProblem;
    const { u, p } = vjp(dual, problem, { ...start(problem), v: Float64Array.of(1, 10) });
    expect([...u]).toEqual([-10, 37]);
    expect([...p]).toEqual([5]);
  });

  test("nothing to derive: no parameters, a derivative that does not depend on the state", () => {
    const problem = odeProblem({ rhs: (u) => [1, 2 + 0 * u[0]], u0: [1, 1], tspan: [0, 1] }) as OdeProblem;
    const { u, p } = vjp(dual, problem, start(problem));
    expect([...u]).toEqual([0, 0]);
    expect(p.length).toBe(0);
  });

  test("its program can be derived again: second derivatives as forward over reverse gives them", () => {
    const { problem, point } = lotka();
    const rhs = problem.code.rhsProgram();
    const [expected, actual] = [reverse(rhs, { wrt: ["u"] }), vjpByForward(rhs, "u")].map((program) => {
      const arrays: Record<string, Float64Array> = { u: point.u, p: point.p, du_bar: point.v, u_dot: Float64Array.of(0.3, -2) };
      run(forward(program, { wrt: ["u"] }), arrays, { t: 0 });
      return arrays.u_bar_dot;
    });
    expectClose(actual, expected, 1e-13);
    expect(expected.some((x) => x !== 0)).toBe(true);
  });
});
