import { describe, expect, it } from "vitest";
import { differentiable, implicit, odeProblem } from "../../../index.ts";
import { decisionOnTime, jumpInRules, jumpOnState } from "../../../src/analysis/switching/jumps.ts";
import type { Program } from "../../../src/ir/ir.ts";

type Rhs = (u: number[], p: number[], t: number) => number[];

const programOf = (rhs: Rhs): Program => odeProblem({ rhs, u0: [1, 2], p: [1, 2], tspan: [0, 1] }).code.rhsProgram();
const leaky = (x: number): number => (x > 0 ? x : 0.1 * x);

const jumps: Readonly<Record<string, Rhs>> = {
  "a threshold": (u, p) => [u[0] > p[0] ? 1 : 0, 0],
  "a branch": (u, p) => {
    let rate = 1;
    if (u[0] <= p[0]) rate += u[1];
    return [rate, 0];
  },
  "a comparison that does more than choose": (u) => [(u[0] > 0 ? u[0] : 0) + Number(u[0] > 0), 0],
  "what is the same elsewhere": (u) => [u[0] > 1 ? u[0] : 0, 0],
  "of state and time": (u, _p, t) => [u[0] > t ? 1 : 0, 0],
  "in a loop": (u, p) => {
    let k = 0;
    while (k < 2 && u[0] > p[k]) k++;
    return [k, 0];
  },
  "a rounding": (u) => [Math.floor(u[0]), 0],
  "a remainder": (u) => [u[0] % 2, 0],
  "a sign": (u) => [Math.sign(u[0]), 0],
  "an angle": (u) => [Math.atan2(u[0], u[1]), 0],
  "by little": (u, p) => [u[0] > p[0] ? 1e-20 : 0, 0],
  "a parabola that meets no line": (u, p) => {
    const r = u[0] - u[1];
    return [Math.abs(r) < p[0] ? (r * r) / 2 : p[0] * (Math.abs(r) - p[0] / 3), 0];
  },
  "where the square is known, and the sign is not": (u, p) => [u[0] * u[0] > p[0] * p[0] ? u[0] : p[0], 0],
  "the larger, compared": (u, p) => [Math.max(u[0], p[0]) === u[0] ? 1 : 2, 0],
};

const continuous: Readonly<Record<string, Rhs>> = {
  kinks: (u, p) => [Math.max(u[0], p[0]) + Math.abs(u[1]) - Math.min(u[0], u[1]), 0],
  "a rectifier by hand": (u) => [u[0] > 0 ? u[0] : 0, 0],
  "leaky ones, in a loop": (u, p) => {
    let sum = 0;
    for (let i = 0; i < 2; i++) sum += leaky(p[i] * u[i]);
    return [sum, 0];
  },
  "an exponential unit": (u) => [u[0] >= 0 ? u[0] : Math.exp(u[0]) - 1, 0],
  "above a threshold": (u, p) => [u[0] > p[0] ? p[1] * (u[0] - p[0]) : 0, 0],
  "a parabola between lines": (u, p) => {
    const r = u[0] - u[1];
    return [Math.abs(r) < p[0] ? (r * r) / 2 : p[0] * (Math.abs(r) - p[0] / 2), 0];
  },
  "by a square": (u, p) => [u[0] * u[0] > 4 ? u[0] * u[0] - 4 : p[0] * (u[0] - 2) * (u[0] + 2), 0],
  "a sum above a limit": (u, p) => [u[0] + u[1] > p[0] ? 1e-20 * (u[1] - p[0] + u[0]) ** 1.5 : 0, 0],
  "the larger by hand": (u) => [u[0] > u[1] ? u[0] : u[1], 0],
  "a guard for large numbers": (u) => [u[0] > 30 ? u[0] : Math.log1p(Math.exp(u[0])), 0],
  "decisions by parameters and the time": (u, p, t) => [(p[0] > 1 ? 1 : 2) * u[0] + (t > p[1] ? 1 : 0), 0],
};

describe("whether a program may jump with the state is in its text", () => {
  it.each(Object.entries(jumps))("%s does", (_, rhs) => expect(jumpOnState(programOf(rhs))).toBeDefined());
  it.each(Object.entries(continuous))("%s does not", (_, rhs) => expect(jumpOnState(programOf(rhs))).toBeUndefined());
});

describe("a decision on the time", () => {
  it.each<[string, Rhs, boolean]>([
    ["a jump", (u, p, t) => [t > p[0] ? u[0] : 0, 0], true],
    ["a kink", (u, _p, t) => [u[0] * Math.max(t - 1, 0), 0], true],
    ["a formula", (u, _p, t) => [u[0] * Math.exp(-t), 0], false],
    ["of the state alone", (u) => [u[0] > 1 ? 1 : 0, 0], false],
  ])("%s", (_, rhs, is) => expect(decisionOnTime(programOf(rhs)) !== undefined).toBe(is));
});

describe("what jumps within functions with rules of their own", () => {
  const rules = { jvp: () => 0, check: false } as const;
  const step = differentiable((x: number, w: number) => (x > w ? 1 : 0), rules);
  const ramp = differentiable((x: number, w: number) => (x > w ? x - w : 0), rules);
  const within = differentiable((x: number) => 2 * step(x, 1), { jvp: () => 0, check: false });
  const plain = differentiable((x: number, w: number) => (x > w ? 1 : 0));
  const newton = (residual: (y: number, x: number) => number) =>
    implicit({
      solve(x: number) {
        let y = x;
        for (let k = 0; k < 30 && Math.abs(residual(y, x)) > 1e-12; k++) y -= residual(y, x) / 2;
        return y;
      },
      residual,
    });
  const smooth = newton((y, x) => 2 * y - x);
  const jumping = newton((y, x) => 2 * y - (x > 1 ? x : 0));

  it.each<[string, Rhs, boolean]>([
    ["by the state", (u, p) => [step(u[0], p[0]), 0], true],
    ["against the state", (u, p) => [step(p[0], u[0]), 0], true],
    ["by the time", (u, p, t) => [step(t, p[0]), u[0]], true],
    ["by parameters", (u, p) => [u[0] * step(p[0], p[1]), 0], false],
    ["a kink", (u, p) => [ramp(u[0], p[0]), 0], false],
    ["in another such function", (u) => [within(u[0]), 0], true],
    ["in one without rules, which is read into the caller", (u, p) => [plain(u[0], p[0]), 0], false],
    ["on the way to a solution", (u) => [smooth(u[0]), 0], false],
    ["in equations", (u) => [jumping(u[0]), 0], true],
  ])("%s", (_, rhs, is) => expect(jumpInRules(programOf(rhs), "u", "t") !== undefined).toBe(is));
});
