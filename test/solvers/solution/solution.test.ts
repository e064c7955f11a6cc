/** What a solution offers beside its saved states: derivatives, iteration, and its export as text. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { NoDenseOutput } from "../../../solvers/solution/errors.ts";
import { rodas5P, tsit5 } from "../../../solvers/index.ts";
import { everyMethod } from "../../tables.ts";
import { solve } from "../../../solvers/solve/solve.ts";

/** u = (cos ωt, -sin ωt). */
const circle = odeProblem({
  name: "circle",
  rhs(du, u, { omega }) {
    du.x = omega * u.y;
    du.y = -omega * u.x;
  },
  u0: { x: 1, y: 0 },
  tspan: [0, 4],
  p: { omega: 2 },
});

describe("derivative", () => {
  it.each(everyMethod(0.01))("$name: that of the polynomials between the steps", (solver) => {
    const solution = solve(circle, { solver, rtol: 1e-6, atol: 1e-6 });
    const h = 1e-6;
    for (const t of [0.313, 1.777, 3.893]) {
      const { x, y } = solution.derivative(t);
      expect(Math.abs(x - (solution.at(t + h).x - solution.at(t - h).x) / (2 * h))).toBeLessThan(1e-8);
      expect(Math.abs(y - (solution.at(t + h).y - solution.at(t - h).y) / (2 * h))).toBeLessThan(1e-8);
    }
  });

  it("follows the closed form, forwards and backwards in time", () => {
    const forward = solve(circle, { solver: tsit5(), rtol: 1e-10, atol: 1e-10 });
    const backward = solve(circle, { solver: tsit5(), rtol: 1e-10, atol: 1e-10, tspan: [0, -4] });
    for (const t of [0, 0.7, 2.2, 4]) {
      expect(forward.derivative(t).x).toBeCloseTo(-2 * Math.sin(2 * t), 6);
      expect(backward.derivative(-t).x).toBeCloseTo(2 * Math.sin(2 * t), 6);
    }
  });

  it("is of the side before an event at its time", () => {
    const kicked = odeProblem({
      rhs: (u: Float64Array) => [u[0]],
      u0: new Float64Array([1]),
      tspan: [0, 2],
      p: {},
      events: {
        at: [1],
        apply(u) {
          u[0] = 10;
        },
      },
    });
    const solution = solve(kicked, { rtol: 1e-9, atol: 1e-9 });
    expect(solution.derivative(1)[0]).toBeCloseTo(Math.E, 6);
    expect(solution.derivative(1.5)[0]).toBeCloseTo(10 * Math.exp(0.5), 5);
  });

  it("needs what was kept between the steps", () => {
    expect(() => solve(circle, { saveat: 1 }).derivative(0.5)).toThrow(NoDenseOutput);
    expect(() => solve(circle).derivative(Number.NaN)).toThrow(/t is NaN/);
  });
});

it("goes over times and states", () => {
  const solution = solve(circle, { saveat: [0, 1, 2] });
  expect([...solution]).toEqual([0, 1, 2].map((t, i) => ({ t, u: solution.u[i] })));
  let sum = 0;
  for (const { t, u } of solution) sum += t * u.x;
  expect(sum).toBe(solution.u[1].x + 2 * solution.u[2].x);
});

describe("as text", () => {
  it("CSV, to the last digit", () => {
    const solution = solve(circle, { saveat: 0.5 });
    const [head, ...rows] = solution.toCSV().trimEnd().split("\n");
    expect(head).toBe("t,x,y");
    expect(rows.map((row) => row.split(",").map(Number))).toEqual(solution.states.map((state, i) => [solution.t[i], ...state]));
  });

  it("CSV quotes names that need it", () => {
    const odd = odeProblem({ rhs: (u) => ({ 'a "b", c': -u['a "b", c'] }), u0: { 'a "b", c': 1 }, tspan: [0, 1], p: {} });
    const [head] = solve(odd, { saveat: 1 }).toCSV().split("\n");
    expect(head).toMatch(/^t,".*a .*""b"".*, c.*"$/);
  });

  it("JSON, as plain data", () => {
    const solution = solve(circle, { solver: rodas5P(), saveat: [0, 4] });
    const record = JSON.parse(JSON.stringify(solution)) as ReturnType<typeof solution.toJSON>;
    expect(record).toEqual(solution.toJSON());
    expect(record).toMatchObject({ solver: "rodas5P", result: "success", names: ["x", "y"], t: [0, 4], warnings: [] });
    expect(record.states[1]).toEqual([...solution.states[1]]);
    expect(record.stats.steps).toBe(solution.stats.steps);
  });
});
