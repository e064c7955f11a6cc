/** Jumps without a comparison in the text: of quotients, of angles, and of what is asked to be a number. Known by their integrals. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../../index.ts";

const tolerances = { rtol: 1e-10, atol: 1e-10 };
const wholeAngle = 2 * Math.PI;

type Jumping = (x: number, p: { a: number; k: number }, t: number) => number;

/** x is the time; y is the integral of what jumps at x = a. */
function crossing(of: Jumping) {
  return odeProblem({
    rhs(du, u, p, t, { of: jumps }) {
      du.x = 1;
      du.y = jumps(u.x, p, t);
    },
    u0: { x: 0, y: 0 },
    p: { a: 0.7, k: 3 },
    tspan: [0, 2],
    constants: { of },
  });
}

type Case = readonly [string, Jumping, number, number];

const signs: readonly Case[] = [
  ["d / |d|", (x, p) => (x - p.a) / Math.abs(x - p.a), 0.6, -2],
  ["|d| / d", (x, p) => Math.abs(x - p.a) / (x - p.a), 0.6, -2],
  ["k d / |d|", (x, p) => (p.k * (x - p.a)) / Math.abs(x - p.a), 1.8, -6],
  ["d k / |d|", (x, p) => ((x - p.a) * p.k) / Math.abs(x - p.a), 1.8, -6],
  ["-d / |d|", (x, p) => -(x - p.a) / Math.abs(x - p.a), -0.6, 2],
  ["d / √d²", (x, p) => (x - p.a) / Math.sqrt((x - p.a) ** 2), 0.6, -2],
  ["of the time", (_x, p, t) => (t - p.a) / Math.abs(t - p.a), 0.6, -2],
];

const numbers: readonly Case[] = [
  ["a root", (x, p) => (Number.isNaN(Math.sqrt(x - p.a)) ? 0 : 1), 1.3, -1],
  ["a logarithm", (x, p) => (isNaN(Math.log(x - p.a)) ? 0 : 1), 1.3, -1],
  ["what is made of one", (x, p) => (Number.isNaN(p.k * Math.log(x - p.a) + 1) ? 0 : 1), 1.3, -1],
  ["an arc", (x, p) => (Number.isNaN(Math.asin(x + 1 - p.a)) ? 0 : 1), 0.7, 1],
  ["a power", (x, p) => (Number.isNaN((x - p.a) ** 1.5) ? 0 : 1), 1.3, -1],
  ["finite", (x, p) => (Number.isFinite(Math.log(x - p.a)) ? 1 : 0), 1.3, -1],
  [
    "compared with itself",
    (x, p) => {
      const root = Math.sqrt(x - p.a);
      return root !== root ? 0 : 1; // oxlint-disable-line no-self-compare -- as some write it
    },
    1.3,
    -1,
  ],
  ["of the time", (_x, p, t) => (Number.isNaN(Math.sqrt(t - p.a)) ? 0 : 1), 1.3, -1],
];

describe.each([
  ["quotients", signs],
  ["what is a number", numbers],
] as const)("%s", (_of, cases) => {
  it.each(cases)("%s: it jumps, and the derivative knows", (_name, of, value, slope) => {
    const problem = crossing(of);
    expect(solve(problem, tolerances).switches.map(({ times, tracked }) => ({ times, tracked }))).toEqual([
      { times: [expect.closeTo(0.7, 12)], tracked: true },
    ]);
    const result = gradient(problem, { ...tolerances, loss: { final: (u) => u.y }, wrt: ["p"] });
    expect(result.value).toBeCloseTo(value, 8);
    expect(result.gradient.p.a).toBeCloseTo(slope, 8);
    expect(result.warnings).toEqual([]);
  });
});

describe("angles", () => {
  // The angle is ±π - atan(d).
  const slope = -wholeAngle + Math.atan(1.3) + Math.atan(0.7);
  it.each<readonly [string, Jumping]>([
    ["of the state", (x, p) => Math.atan2(x - p.a, -1)],
    ["of the time", (_x, p, t) => Math.atan2(t - p.a, -1)],
    ["of both", (x, p, t) => Math.atan2(t - p.a, -1 + 0 * x)],
  ])("%s: the derivative knows of the jump by a whole turn", (_name, of) => {
    const result = gradient(crossing(of), { ...tolerances, loss: { final: (u) => u.y }, wrt: ["p"] });
    expect(result.gradient.p.a).toBeCloseTo(slope, 8);
    expect(result.switches.some(({ differentiated }) => differentiated)).toBe(true);
  });

  it("goes round and round with the time", () => {
    // Of ωt - 2π n the integral is ωT²/2 - 2π Σ (T - tₙ), where tₙ = (2n - 1) π / ω.
    const rotating = odeProblem({
      rhs(du, _u, p, t) {
        du.y = Math.atan2(Math.sin(p.w * t), Math.cos(p.w * t));
      },
      u0: { y: 0 },
      p: { w: 2 },
      tspan: [0, 10],
    });
    const jumps = [1, 3, 5].map((n) => (n * Math.PI) / 2);
    const result = gradient(rotating, { ...tolerances, loss: { final: (u) => u.y }, wrt: ["p"] });
    expect(result.value).toBeCloseTo(100 - wholeAngle * jumps.reduce((sum, t) => sum + 10 - t, 0), 7);
    expect(result.gradient.p.w).toBeCloseTo(50 - (wholeAngle * jumps.reduce((sum, t) => sum + t, 0)) / 2, 7);
  });
});

it("a quotient at 0 is no number, as it was", () => {
  const resting = odeProblem({
    rhs(du, u) {
      du.x = u.x / Math.abs(u.x);
    },
    u0: { x: 0 },
    tspan: [0, 1],
  });
  expect(() => solve(resting)).toThrow("is not finite");
});

it("what is always a number is not looked for", () => {
  const asked = odeProblem({
    rhs(du, u) {
      du.x = Number.isFinite(u.x) && !Number.isNaN(u.x) ? -u.x : 0;
    },
    u0: { x: 1 },
    tspan: [0, 1],
  });
  expect(solve(asked).switches).toEqual([]);
});
