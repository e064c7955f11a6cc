/** Right-hand sides in place or out of place, and those taken for the other kind. */
import { expect, test } from "vitest";
import { gradient, odeProblem, solve } from "../../index.ts";
import type { PlainFunction } from "../../src/problem/plain-operator.ts";

const given = { u0: [1, 2], p: [0.5, 0.7], tspan: [0, 1] as const };
const model = {
  f(du: number[], u: number[], p: number[]): void {
    du[0] = -p[0] * u[0];
    du[1] = -p[1] * u[1];
  },
};
const problemOf = (text: string) =>
  odeProblem({ ...given, rhs: new Function(`return ${text}`)() as PlainFunction as never, constants: { model } });

test.each([
  "(du, u, p, t, { model }) => model.f(du, u, p)",
  "(du, u, p, t, { model }) => { return model.f(du, u, p); }",
  "(du, u, p, t) => u.forEach((x, i) => { du[i] = -p[i] * x; })",
  "(du, u, p) => u.forEach((x, i) => { du[i] = -p[i] * x; })",
])("%s returns nothing: it is in place", (text) => {
  const problem = problemOf(text);
  expect(problem.inPlace).toBe(true);
  const u = solve(problem).u.at(-1)!;
  expect(u[0]).toBeCloseTo(Math.exp(-0.5), 5);
  expect(u[1]).toBeCloseTo(2 * Math.exp(-0.7), 5);
  const { p } = gradient(problem, { loss: { final: (u) => u[0] } }).gradient as unknown as { p: number[] };
  expect(p[0]).toBeCloseTo(-Math.exp(-0.5), 5);
});

test("a call that gives a value is out of place", () => {
  const problem = problemOf("(u, p) => u.map((x, i) => -p[i] * x)");
  expect(problem.inPlace).toBe(false);
  expect(solve(problem).u.at(-1)![0]).toBeCloseTo(Math.exp(-0.5), 5);
});

const toWriteDu = /It was taken as rhs\(u, p, t, constants\), for it returns a value; to write du, return nothing\.$/;
const order = /It was taken as .*; called as rhs\(t, u, p\) it gives numbers, but the order is \(u, p, t\)\.$/;

test.each([
  ["(du, u, p, t) => { du[0] = -p[0] * u[0]; du[1] = -u[1]; return du; }", toWriteDu],
  ["(du, u, p) => { du[0] = -p[0] * u[0]; du[1] = -u[1]; return 0; }", toWriteDu],
  ["(du, u, p) => (du[0] = -p[0] * u[0], du[1] = -u[1])", toWriteDu],
  ["(du, u, p) => { try { du[0] = -p[0] * u[0]; du[1] = -u[1]; } finally {} return du; }", toWriteDu],
  ["(t, u, p) => [-p[0] * u[0], -p[1] * u[1]]", order],
])("%s is told what it was taken for", (text, message) => {
  const problem = problemOf(text);
  expect(() => solve(problem)).toThrow(message);
  expect(() => gradient(problem, { loss: { final: (u) => u[0] } })).toThrow(message);
});

test("other mistakes are not taken for another order", () => {
  expect(() => solve(problemOf("(u, p) => [-p[0] * u[0], -p.k.j]"))).toThrow(/has no `k`(?![^]*taken as)/);
});

test.each([
  "(u, t) => [-u[0] * t, 0]",
  "(u, t) => [Math.cos(t), 0]",
  "(u, t) => [-u[0] + t, 0]",
  "(du, u, t) => { du[0] = -u[0] * t; du[1] = 0; }",
])("%s of a problem without p takes the time for p", (text) => {
  const rhs = new Function(`return ${text}`)() as PlainFunction as never;
  const problem = () => solve(odeProblem({ rhs, u0: [1, 2], tspan: [0, 1] }));
  expect(problem).toThrow(/used as a number, as the time is, but that is p[^]*The order is \((du, )?u, p, t\)/);
});

test.each(["(u, p) => [-u[0], p.length]", "(u, p, t) => { const c = []; c[1] = t; return [c[1], 0]; }", "(u) => [-u[0], 0]"])(
  "%s of a problem without p is right",
  (text) => {
    const rhs = new Function(`return ${text}`)() as PlainFunction as never;
    expect(solve(odeProblem({ rhs, u0: [1, 2], tspan: [0, 1] })).u.at(-1)![1]).toBeCloseTo(2, 5);
  },
);
