import { describe, expect, test, vi } from "vitest";
import { Differences, stepsFor } from "../../../../sensitivity/vjp/backends/differences.ts";
import { finite, finiteVjps } from "../../../../sensitivity/vjp/backends/finite.ts";
import { source } from "../../../../sensitivity/vjp/backends/source.ts";
import { odeProblem, type OdeProblem } from "../../../../src/problem/problem.ts";
import { expectClose, prepareVjp, start, vjp } from "../harness.ts";
import { scenarios } from "../problems.ts";

describe("finite backend", () => {
  test.each(scenarios())("gives what reverse mode gives, to half of the digits: $name", ({ problem, point }) => {
    const expected = vjp(source, problem, point);
    const actual = vjp(finite, problem, point);
    expectClose(actual.u, expected.u, 1e-6);
    expectClose(actual.p, expected.p, 1e-6);
  });

  test("needs no text", () => {
    const rhs = ((u: Float64Array, p: number[]) => [p[0] * u[0] ** 3]).bind(null);
    const problem = odeProblem({ rhs, u0: new Float64Array([2]), p: [5], tspan: [0, 1] }) as OdeProblem;
    const { u, p } = vjp(finite, problem, { ...start(problem), v: Float64Array.of(1) });
    expectClose(u, [60], 1e-8);
    expectClose(p, [8], 1e-8);
  });

  test("costs two calls for each colour, not for each column", () => {
    const chain = odeProblem({
      rhs(du: Float64Array, u: Float64Array, p: Float64Array) {
        for (let i = 0; i < 50; i++) du[i] = -p[i] * u[i] + (i > 0 ? u[i - 1] : 0);
      },
      u0: new Float64Array(50).fill(1),
      p: new Float64Array(50).fill(1),
      tspan: [0, 1],
    }) as OdeProblem;
    expect(finite.cost(chain.code)).toEqual({ unit: "plain", u: 4, p: 2 });
  });

  test("moves what shares no component together, unless one is at the edge of its domain", () => {
    const problem = odeProblem({
      // Each end of the domain is the edge of a neighbour: no one-sided difference suits both.
      rhs(du: Float64Array, u: Float64Array) {
        for (let i = 0; i < 50; i++) du[i] = i % 2 === 0 ? u[i] * Math.sqrt(u[i]) : (1 - u[i]) * Math.sqrt(1 - u[i]);
      },
      u0: Float64Array.from({ length: 50 }, (_, i) => (i < 2 ? i : 0.5)),
      tspan: [0, 1],
    }) as OdeProblem;
    const plain = vi.spyOn(problem.code, "plain");
    const inside = { u: new Float64Array(50).fill(0.5), p: new Float64Array(0), t: 0, v: new Float64Array(50).fill(1) };
    const slope = 1.5 * Math.sqrt(0.5);
    const signs = inside.u.map((_, i) => (i % 2 === 0 ? 1 : -1));
    const prepared = prepareVjp(finite, problem);
    expectClose(
      prepared.u(inside),
      signs.map((sign) => sign * slope),
      1e-8,
    );
    expect(plain).toHaveBeenCalledTimes(2);
    const atEdges = prepared.u({ ...start(problem), v: inside.v });
    expectClose(
      atEdges.subarray(2),
      signs.subarray(2).map((sign) => sign * slope),
      1e-8,
    );
    // u^(3/2) has a slope of zero there, approached as the root of the step.
    for (const x of atEdges.subarray(0, 2)) expect(Math.abs(x)).toBeLessThan(0.01);
  });

  test("its error estimate holds, and is not vain", () => {
    for (const { problem, point } of scenarios()) {
      const expected = vjp(source, problem, point);
      const { errors, wrtU, wrtP } = finiteVjps(problem.code);
      for (const [by, input] of [
        ["wrtU", "u"],
        ["wrtP", "p"],
      ] as const) {
        const [actual, error] = [new Float64Array(expected[input].length), new Float64Array(expected[input].length)];
        ({ wrtU, wrtP })[by](actual, point.u, point.p, point.t, point.v);
        errors[by](error, point.u, point.p, point.t, point.v);
        const size = Math.max(...expected[input].map(Math.abs));
        actual.forEach((x, j) => {
          expect(Math.abs(x - expected[input][j])).toBeLessThanOrEqual(4 * error[j] + 1e-13 * size);
          expect(error[j]).toBeLessThan(1e-4 * Math.max(size, 1e-3));
        });
      }
    }
  });
});

describe("differences", () => {
  test("one-sided where the other side is not finite", () => {
    const power = new Differences((out, x) => (out[0] = x[0] ** 1.5), 1, 1);
    expect(power.along(Float64Array.of(0), Float64Array.of(1), 1e-6)[0]).toBeCloseTo(0, 2);
    const log = new Differences((out, x) => (out[0] = Math.sqrt(1 - x[0]) ** 3), 1, 1);
    expect(log.along(Float64Array.of(1), Float64Array.of(1), 1e-6)[0]).toBeCloseTo(0, 2);
    const line = new Differences((out, x) => (out[0] = x[0] < 0 ? NaN : 3 * x[0] + x[0] ** 2), 1, 1);
    expect(line.along(Float64Array.of(0), Float64Array.of(1), 1e-6)[0]).toBeCloseTo(3, 8);
  });

  test("at a kink: the mean of both slopes", () => {
    const kink = new Differences((out, x) => (out[0] = Math.abs(x[0])), 1, 1);
    expect(kink.along(Float64Array.of(0), Float64Array.of(1), 1e-6)[0]).toBe(0);
  });

  test("second order: exact for quadratics", () => {
    const square = new Differences((out, x) => (out[0] = x[0] ** 2), 1, 1);
    expect(square.along(Float64Array.of(3), Float64Array.of(1), 0.5)[0]).toBe(6);
  });

  test("steps are relative, and none is zero", () => {
    const steps = stepsFor(Float64Array.of(1e10, 1e-12, 0), 0);
    expect(steps[1] / steps[0]).toBeCloseTo(1e-22, 30);
    expect(steps[2]).toBe(steps[0]);
    expect(stepsFor(Float64Array.of(0), 0)[0]).toBeGreaterThan(0);
    expect(stepsFor(Float64Array.of(1, 1e-12), 1e-3)[1] / steps[0]).toBeCloseTo(1e-13, 20);
  });
});
