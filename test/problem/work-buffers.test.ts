/** Arrays among the constants that a right-hand side writes: each call writes what it reads, or the constants hold it for good. */
import { describe, expect, test } from "vitest";
import { gradient, odeProblem, solve } from "../../index.ts";
import { ConstantsChanged } from "../../src/problem/errors.ts";
import { ReadBeforeWrite } from "../../src/read/syntax/errors.ts";

interface State {
  x: number;
}
type Rhs = (du: State, u: State, p: { k: number; r: number }, t: number, constants: never) => void;

function stated(rhs: Rhs, constants: unknown) {
  return odeProblem({ rhs: rhs as never, u0: { x: 0.5 }, p: { k: 1, r: 0.7 }, tspan: [0, 2], constants });
}

/** x' = r - c x, with c of the parameters. */
function decay(rate: (k: number) => number) {
  return { x: (k = 1) => 0.7 / rate(k) + (0.5 - 0.7 / rate(k)) * Math.exp(-2 * rate(k)) };
}

const read: Record<string, { rhs: Rhs; constants: () => object; rate: (k: number) => number }> = {
  "written on both paths": {
    rhs(du, u, p, t, { w }: { w: number[] }) {
      if (t > 1) w[0] = u.x;
      else w[0] = 1 * u.x;
      du.x = p.r - p.k * w[0];
    },
    constants: () => ({ w: [0] }),
    rate: (k) => k,
  },
  "sums that begin with what is never written": {
    rhs(du, u, p, _t, { sums }: { sums: Float64Array }) {
      for (let i = 0; i < 3; i++) sums[i + 1] = sums[i] + i * u.x;
      du.x = p.r - p.k * (sums[3] - sums[0]);
    },
    constants: () => ({ sums: Float64Array.of(5, 0, 0, 0) }),
    rate: (k) => 3 * k,
  },
  "ghost cells": {
    rhs(du, u, p, _t, { cells }: { cells: Float64Array }) {
      for (let i = 1; i < 5; i++) cells[i] = u.x;
      let sum = 0;
      for (let i = 1; i < 5; i++) sum += cells[i - 1] - 2 * cells[i] + cells[i + 1];
      du.x = p.r + p.k * sum;
    },
    constants: () => ({ cells: new Float64Array(6) }),
    rate: (k) => 2 * k,
  },
};

const byItself: typeof read = {
  "written where it is read": {
    rhs(du, u, p, t, { w }: { w: number[] }) {
      if (t > 0.3) w[0] = u.x;
      du.x = p.r - p.k * (t > 0.3 ? w[0] : u.x);
    },
    constants: () => ({ w: [0] }),
    rate: (k) => k,
  },
  "a stack": {
    rhs(du, u, p, t, { stack }: { stack: Float64Array }) {
      let n = 0;
      for (let i = 0; i < 4; i++) if (t > -i) stack[n++] = u.x / (n + 1);
      let sum = 0;
      while (n > 0) sum += stack[--n];
      du.x = p.r - p.k * (sum > 1e9 ? 0 : u.x);
    },
    constants: () => ({ stack: new Float64Array(4) }),
    rate: (k) => k,
  },
  "a count of calls": {
    rhs(du, u, p, _t, { seen }: { seen: { calls: number } }) {
      seen.calls++;
      du.x = p.r - p.k * u.x;
    },
    constants: () => ({ seen: { calls: 0 } }),
    rate: (k) => k,
  },
};

describe.each([true, false])("compiled: %s", (compiled) => {
  const cases = compiled ? read : byItself;
  test.each(Object.keys(cases))("%s", (name) => {
    const { rhs, constants, rate } = cases[name];
    const problem = stated(rhs, constants());
    const { x } = decay(rate);
    const solution = solve(problem, { rtol: 1e-10, atol: 1e-10, saveat: [2] });
    expect(solution.stats.compiled).toBe(compiled);
    expect(solution.u[0].x).toBeCloseTo(x(), 8);
    const { gradient: by } = gradient(problem, { loss: { final: (u) => u.x }, rtol: 1e-10, atol: 1e-10 });
    expect(by.p!.k).toBeCloseTo((x(1 + 1e-5) - x(1 - 1e-5)) / 2e-5, 6);
  });
});

test("what is never written counts: another content is another function, and a change is seen", () => {
  const rhs: Rhs = (du, u, p, _t, { sums }: { sums: Float64Array }) => {
    for (let i = 0; i < 3; i++) sums[i + 1] = sums[i] + u.x;
    du.x = p.r - p.k * sums[3];
  };
  const problemOf = (sums: Float64Array) => stated(rhs, { sums });
  const end = (first: number): number => {
    // The rest is scratch.
    const { u, stats } = solve(problemOf(Float64Array.of(first, 9 * first, 0, 0)), { rtol: 1e-10, atol: 1e-10, saveat: [2] });
    expect(stats.compiled).toBe(true);
    return u[0].x;
  };
  for (const first of [0, 2, 0]) expect(end(first)).toBeCloseTo((0.7 - first) / 3 + (0.5 - (0.7 - first) / 3) * Math.exp(-6), 8);
  const sums = new Float64Array(4);
  const problem = problemOf(sums);
  solve(problem);
  sums[3] = 7;
  solve(problem);
  sums[0] = 1;
  expect(() => solve(problem)).toThrow(ConstantsChanged);
});

const remembering: Record<string, { rhs: Rhs; constants: () => object }> = {
  "a latch": {
    rhs(du, u, p, _t, { st }: { st: Float64Array }) {
      if (u.x > 1) st[0] = 1;
      du.x = st[0] === 1 ? -p.k * u.x : p.r;
    },
    constants: () => ({ st: new Float64Array(1) }),
  },
  "a latch in an object": {
    rhs(du, u, p, _t, { st }: { st: { on: boolean } }) {
      if (u.x > 1) st.on = true;
      du.x = st.on ? -p.k * u.x : p.r;
    },
    constants: () => ({ st: { on: false } }),
  },
  "the value at a time": {
    rhs(du, u, p, t, { kept }: { kept: number[] }) {
      if (t < 1.5) kept[0] = u.x;
      du.x = p.r - p.k * kept[0];
    },
    constants: () => ({ kept: [0] }),
  },
  "a delay": {
    rhs(du, u, p, t, { past }: { past: Float64Array }) {
      const k = Math.floor(t * 10);
      past[k] = u.x;
      du.x = 1 - p.k * (k >= 10 ? past[k - 10] : 0.5);
    },
    constants: () => ({ past: new Float64Array(100) }),
  },
  "a list that grows": {
    rhs(du, u, p, t, { past }: { past: [number, number][] }) {
      past.push([t, u.x]);
      du.x = p.r - p.k * past[Math.max(0, past.length - 3)][1];
    },
    constants: () => ({ past: [] }),
  },
  "a map": {
    rhs(du, u, p, t, { past }: { past: Map<number, number> }) {
      const k = Math.floor(t * 4);
      if (!past.has(k)) past.set(k, u.x);
      du.x = p.r - p.k * past.get(k)!;
    },
    constants: () => ({ past: new Map() }),
  },
};

describe("what depends on earlier calls is an error", () => {
  test.each(Object.keys(remembering))("%s", (name) => {
    const { rhs, constants } = remembering[name];
    expect(() => solve(stated(rhs, constants()))).toThrow(ReadBeforeWrite);
    expect(() => solve(stated(rhs, constants()))).toThrow("depends on earlier calls");
    expect(() => gradient(stated(rhs, constants()), { loss: { final: (u) => u.x } })).toThrow(ReadBeforeWrite);
  });

  test("in a variable of the module", () => {
    let on = false;
    const rhs: Rhs = (du, u, p) => {
      if (u.x > 1) on = true;
      du.x = on ? -p.k * u.x : p.r;
    };
    expect(() => solve(stated(rhs, {}))).toThrow("depends on earlier calls");
  });

  test("and the constants hold what the calls left in them", () => {
    const past: [number, number][] = [];
    expect(() => solve(stated(remembering["a list that grows"].rhs, { past }))).toThrow(ReadBeforeWrite);
    expect(past.length).toBeGreaterThan(3);
    expect(past.every(([, x]) => Number.isFinite(x))).toBe(true);
  });
});
