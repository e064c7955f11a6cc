/** Conditions that go on through zero are met once each, wherever rounding has them end. */
import { describe, expect, it } from "vitest";
import { odeProblem, solve } from "../../../index.ts";
import { everyMethod } from "../../tables.ts";

/** Irrational parts, spread evenly. */
const part = (i: number): number => (i * 0.618034) % 1;

const falling = odeProblem({
  rhs(du, _u, p) {
    du.x = -p.c;
    du.n = 0;
  },
  u0: { x: 20, n: 0 },
  p: { c: 0.0137, lo: 18 },
  tspan: [0, 500],
  events: {
    when: (u, p) => u.x - p.lo,
    direction: "down",
    apply(u) {
      u.n += 1;
    },
  },
});

describe("a condition that goes on through zero is met once", () => {
  it.each(everyMethod(5).map((solver) => ({ solver, name: solver.name })))("by $name", ({ solver }) => {
    for (let i = 0; i < 40; i++) {
      const lo = 17.5 + 2.2 * part(i);
      expect(solve(falling, { solver, p: { c: 0.0137, lo } }).events, `lo = ${lo}`).toHaveLength(1);
    }
  });

  it("a thousand times by default", () => {
    const counts = Array.from(
      { length: 1000 },
      (_, i) => solve(falling, { p: { c: 0.0137, lo: 17.5 + 2.2 * part(i) } }).events.length,
    );
    expect(counts.filter((count) => count !== 1)).toEqual([]);
  });

  it("where it is a difference of what is large, at a late time", () => {
    const problem = odeProblem({
      rhs(du, u, p) {
        du.a = -p.rate * u.a;
        du.b = p.rate * (u.a - u.b);
        du.n = 0;
      },
      u0: { a: 3e5, b: 0, n: 0 },
      p: { rate: 0.31, off: 1e5 },
      tspan: [1e6, 1e6 + 10],
      events: [
        {
          when: (u, p) => u.a - u.b - p.off,
          apply(u) {
            u.n += 1;
          },
        },
      ],
    });
    for (let i = 0; i < 100; i++) {
      const off = 1e5 * (0.5 + part(i));
      expect(solve(problem, { p: { rate: 0.31, off } }).u.at(-1)!.n, `off = ${off}`).toBe(1);
    }
  });

  it("where it begins at zero, and each time an oscillation passes", () => {
    const problem = odeProblem({
      rhs(du, u, p) {
        du.x = p.w * u.v;
        du.v = -p.w * u.x;
      },
      u0: { x: 0, v: 1 },
      p: { w: 1 },
      tspan: [0, 20],
      events: { when: (u) => u.x, direction: "up" },
    });
    for (let i = 0; i < 50; i++) {
      const w = 1 + part(i);
      expect(solve(problem, { p: { w }, rtol: 1e-9 }).events, `w = ${w}`).toHaveLength(Math.floor((20 * w) / (2 * Math.PI)));
    }
  });
});
