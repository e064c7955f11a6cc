/** What functions of a problem capture, listed by name and value. */
import { expect, test } from "vitest";
import { daeProblem, explain, gradient, NoInfluence, odeProblem, remake, solve, tanh } from "../../index.ts";
import * as odegrad from "../../index.ts";
import { drag } from "../unplugin/project/helpers.ts";

const k = 2;
let changing = 3;
const table = new Float64Array([1, 2]);
const config = { rate: 3, unused: 4 };
type Vector = ArrayLike<number>;
const span = { u0: [1], tspan: [0, 1] as const, p: [1] };
const loss = { final: (u: Vector) => u[0] };

const problem = odeProblem({
  ...span,
  rhs: (u: Vector, p: Vector) => [-k * p[0] * tanh(u[0]) * config.rate + table[1] - drag(u[0])],
  u0: (p: Vector) => [changing * p[0]],
  events: { at: [0.5], apply: (u: number[]) => void (u[0] += k) },
});

test("by function and name, but for what is of odegrad; of objects what is taken, of helpers what they capture", () => {
  const { rhs } = problem.captured;
  expect(rhs).toMatchObject({ k: 2, config: { rate: 3 }, table, drag });
  expect(rhs["drag.halves"]).toEqual({ drag: 0.5 });
  expect(rhs["drag.DENSITY"]).toBe(1.2);
  expect(JSON.stringify(rhs)).not.toContain("unused");
  expect(problem.captured).toMatchObject({ u0: { changing: 3 }, "events[0].apply": { k: 2 } });
  expect(JSON.stringify(problem.captured)).not.toContain("tanh");
});

test("as it is at the time; of remade problems, of residuals and of right-hand sides in parts, too", () => {
  expect(remake(problem, { u0: [1] }).captured).not.toHaveProperty("u0");
  const dae = daeProblem({ residual: (du: Vector, u: Vector) => [du[0] + changing * u[0]], u0: [1], tspan: [0, 1] });
  expect(dae.captured).toEqual({ rhs: { changing: 3 } });
  changing = 4;
  const split = odeProblem({ ...span, rhs: { stiff: (u: Vector) => [-changing * u[0]], nonstiff: () => [1] } });
  expect(split.captured).toEqual({ "rhs.stiff": { changing: 4 } });
  changing = 3;
});

test("a problem whose functions capture nothing has nothing there, and its solution no list", () => {
  const plain = odeProblem({ ...span, rhs: (u: Vector, p: Vector) => [p[0] * u[0] + 0 * odegrad.tanh(0)] });
  expect(plain.captured).toEqual({});
  expect(solve(plain).stats).not.toHaveProperty("captured");
});

test("solutions list the names, explain the values of the loss's functions, too", () => {
  const small = odeProblem({ ...span, rhs: (u: Vector, p: Vector) => [-k * p[0] * u[0] * config.rate] });
  expect(solve(small).stats.captured).toEqual(["k", "config"]);
  const weight = 7;
  const plan = explain(small, { loss: { final: (u) => weight * u[0] + table[0] } });
  expect(plan.known.captured).toEqual(["k = 2", "config (Object)", "weight = 7", "table (Float64Array of 2)"]);
  expect(String(plan)).toContain("captured, and constant therefore: k = 2, config (Object), weight = 7");
});

test("where nothing of p acts, the error names the captured numbers", () => {
  const unused = odeProblem({ ...span, rhs: (u: Vector) => [-k * u[0]] });
  expect(() => gradient(unused, { loss })).toThrow(NoInfluence);
  expect(() => gradient(unused, { loss })).toThrow(
    "k = 2 is captured and counts as a constant: pass it in p to differentiate by it.",
  );
  const none = odeProblem({ u0: [1], tspan: [0, 1], rhs: (u: Vector) => [-k * config.rate * u[0]] });
  expect(() => gradient(none, { loss })).toThrow(
    "k = 2 and config.rate = 3 are captured and count as constants: pass in p what you differentiate by.",
  );
  const nothing = odeProblem({ ...span, rhs: (u: Vector) => [-u[0]] });
  expect(() => gradient(nothing, { loss })).toThrow(/out of wrt\.$/);
});

test("lists what holds itself, its own problem, or a getter, without a call of it", () => {
  const world: Record<string, unknown> = { k: 2 };
  world.within = { world };
  const held: Record<string, unknown> = { none: 0 };
  Object.defineProperty(held, "listed", { enumerable: true, get: () => Object.keys(problem.captured) });
  const problem = odeProblem({
    rhs: (u: number[], p: number[]) => [-(world.k as number) * u[0] * p[0] + (held.none as number)],
    u0: [1],
    tspan: [0, 1],
    p: [1],
  });
  held.problem = problem;
  expect(Object.keys(problem.captured.rhs ?? problem.captured)).toEqual(["world", "held"]);
  const { gradient: slope } = gradient(problem, { loss: { final: (u) => u[0] } });
  expect(slope.p[0]).toBeCloseTo(-2 * Math.exp(-2), 5);
});
