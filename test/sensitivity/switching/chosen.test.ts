/** What is chosen by comparisons: by an index of the largest, by bisection. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, sensitivities, tsit5 } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

describe("a rate that the largest of several picks", () => {
  // a[0] = 1 - t / 2 is the largest until 2/3, a[1] = t + p - 1/3 then: y(2) = t* + 3 (2 - t*), t* = (4/3 - p) / 1.5.
  const picked = odeProblem({
    rhs(du: number[], u: number[], p: { shift: number }, _t: number, { gain }: { gain: number[] }) {
      const a = [1 - u[0] / 2, u[0] + p.shift - 1 / 3, -5];
      du[0] = 1;
      du[1] = gain[a.indexOf(Math.max(...a))];
    },
    u0: [0, 0],
    p: { shift: 1 / 3 },
    tspan: [0, 2],
    constants: { gain: [1, 3, 7] },
  });

  it.each(Object.keys(adjointMethods))("%s", (adjoint) => {
    const { value, flat } = gradient(picked, { loss: { final: (u) => u[1] }, adjoint, solver: tsit5(), rtol: 1e-8, atol: 1e-8 });
    expect(value).toBeCloseTo(6 - 2 / 1.5, 6);
    expect(flat.p![0]).toBeCloseTo(2 / 1.5, 6);
  });
});

/** The root of x³ + x = a by bisection, after which `newton` steps of Newton's method follow. */
const bisected = (newton: number) =>
  odeProblem({
    rhs(du: number[], u: number[], p: { a: number }, _t: number, { newton }: { newton: number }) {
      const right = p.a * u[0];
      let [low, high] = [0, 4];
      while (high - low > 1e-12) {
        const middle = (low + high) / 2;
        if (middle ** 3 + middle > right) high = middle;
        else low = middle;
      }
      let x = (low + high) / 2;
      for (let k = 0; k < newton; k++) x -= (x ** 3 + x - right) / (3 * x * x + 1);
      du[0] = x - u[0];
    },
    u0: [2],
    p: { a: 1 },
    tspan: [0, 1],
    constants: { newton },
  });

describe("a root that bisection finds", () => {
  const options = { wrt: ["p", "u0"] as const, loss: { final: (u: number[]) => u[0] }, rtol: 1e-8, atol: 1e-8 };

  it("is told where its derivative is not there", () => {
    expect(gradient(bisected(0), options).warnings.join()).toMatch(/found by comparisons in a loop .*Newton's method/s);
    expect(sensitivities(bisected(0), { saveat: [1], wrt: ["p"] }).warnings.join()).toMatch(/found by comparisons in a loop/);
  });

  it("has one where a step of Newton's method follows", () => {
    const { flat, warnings } = gradient(bisected(1), options);
    const problem = bisected(1);
    const at = (a: number): number => gradient(problem, { ...options, p: { a }, rtol: 1e-10, atol: 1e-10 }).value;
    expect(flat.p![0]).toBeCloseTo((at(1 + 1e-4) - at(1 - 1e-4)) / 2e-4, 6);
    expect(warnings).toEqual([]);
  });
});
