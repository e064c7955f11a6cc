/** Events at times that parameters give: one compartment, dosed after a lag, in closed form; and what else takes place at such a time. */
import { describe, expect, it } from "vitest";
import { checkGradient, gradient, odeProblem, remake, rodas5P, sensitivities, solve, type Events } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { WrongLength } from "../../../src/core/errors.ts";
import { BadEvents } from "../../../src/problem/errors.ts";

interface Parameters {
  k: number;
  lag: number;
  tau: number;
  doses: number[];
}

const methods = Object.keys(adjointMethods).filter((name) => name !== "steadyState");
const end = 10;
const start: Parameters = { k: 0.5, lag: 1.1, tau: 2.3, doses: [10, 7, 5] };
const tight = { rtol: 1e-10, atol: 1e-12 };
const loss = { final: (u: number[]) => u[0] };

const dosed = odeProblem({
  rhs(du: number[], u: number[], p: Parameters) {
    du[0] = -p.k * u[0];
  },
  u0: [0],
  tspan: [0, end],
  p: start,
  events: {
    at: (p: Parameters) => [p.lag, p.lag + p.tau, p.lag + 2 * p.tau],
    apply(u: number[], p: Parameters, _t: number, _constants: unknown, index: number) {
      u[0] += p.doses[index];
    },
  },
});

/** Each dose, its time, and what is left of one at the end. */
const parts = ({ k, lag, tau, doses }: Parameters) =>
  doses.map((dose, i) => {
    const t = lag + i * tau;
    return { dose, t, left: t < end ? Math.exp(-k * (end - t)) : 0, i };
  });
const exact = (p: Parameters): number => parts(p).reduce((sum, { dose, left }) => sum + dose * left, 0);

describe("a solve", () => {
  it("has them where p says", () => {
    expect(solve(dosed, tight).at(end)[0]).toBeCloseTo(exact(start), 9);
    expect(solve(dosed).events.map(({ t }) => t)).toEqual(parts(start).map(({ t }) => t));
    const late = { ...start, lag: 3 };
    expect(solve(dosed, { ...tight, p: late }).at(end)[0]).toBeCloseTo(exact(late), 9);
    expect(solve(remake(dosed, { p: late }), tight).at(end)[0]).toBeCloseTo(exact(late), 9);
  });

  it("leaves out what is not in the span", () => {
    expect(solve(dosed, { p: { ...start, lag: 6 } }).events).toHaveLength(2);
  });
});

describe("derivatives", () => {
  const all = parts(start);
  const sum = (of: (part: (typeof all)[number]) => number): number => all.reduce((total, part) => total + of(part), 0);
  const expected = {
    k: -sum(({ dose, t, left }) => dose * (end - t) * left),
    lag: sum(({ dose, left }) => start.k * dose * left),
    tau: sum(({ dose, left, i }) => start.k * dose * i * left),
  };
  const expectRight = (by: Parameters | Readonly<Record<string, unknown>>): void => {
    for (const name of ["k", "lag", "tau"] as const) expect(by[name]).toBeCloseTo(expected[name], 7);
    expect((by.doses as number[])[1]).toBeCloseTo(all[1].left, 8);
  };

  it.each(methods)("by %s", (adjoint) => {
    expectRight(gradient(dosed, { loss, adjoint, check: true, ...tight }).gradient.p!);
  });

  it("by an implicit solver, and of the solution", () => {
    expectRight(gradient(dosed, { loss, solver: rodas5P(), ...tight }).gradient.p!);
    const [of] = sensitivities(dosed, { saveat: [end], ...tight }).flat.p!;
    expect(of[1]).toBeCloseTo(expected.lag, 7);
  });

  it("of sums and integrals, forwards and backwards", () => {
    const sums = {
      at: [2, 4, 7, 10],
      of: (u: number[]) => u[0] ** 2,
      integral: (u: number[], _p: unknown, t: number) => u[0] * t,
    };
    expect(checkGradient(dosed, { loss: sums, wrt: ["p", "u0"] }).passed).toBe(true);
    expect(checkGradient(dosed, { loss, tspan: [end, 0], u0: [1], wrt: ["p", "u0"] }).passed).toBe(true);
  });

  it("of a dose that is not given yet are zero", () => {
    const { gradient: by, structuralZeros } = gradient(dosed, { loss, p: { ...start, lag: 6 } });
    expect(by.p!.doses[2]).toBe(0);
    expect(structuralZeros).toEqual([]);
  });
});

describe("what else takes place at such a time", () => {
  interface Small {
    k: number;
    lag: number;
    d: number;
    lim: number;
  }
  const p: Small = { k: 0.5, lag: 1.5, d: 3, lim: 2 };
  const problem = (rhs: (du: number[], u: number[], q: Small, t: number) => void, events: Events<number[], Small>) =>
    odeProblem({ rhs, u0: [1], tspan: [0, 5], p, events });

  describe("a switch of the right-hand side that the same parameter moves", () => {
    const both = problem(
      (du, u, q, t) => {
        du[0] = -q.k * u[0] + (t > q.lag ? 2 : 0);
      },
      {
        at: (q: Small) => [q.lag],
        apply(u) {
          u[0] *= 3;
        },
      },
    );
    const value = (lag: number): number => 4 + (3 * Math.exp(-lag / 2) - 4) * Math.exp(-(5 - lag) / 2);
    const slope = (value(1.5 + 1e-5) - value(1.5 - 1e-5)) / 2e-5;

    it.each(methods)("%s", (adjoint) => {
      expect(gradient(both, { loss, adjoint, ...tight }).gradient.p!.lag).toBeCloseTo(slope, 7);
    });

    it("in the loss, too", () => {
      const integral = (u: number[], q: Small, t: number): number => u[0] * (t > q.lag ? 2 : 1);
      expect(checkGradient(both, { loss: { integral } }).passed).toBe(true);
    });
  });

  const decaying = (du: number[], u: number[], q: Small): void => {
    du[0] = -q.k * u[0];
  };
  const limited = (du: number[], u: number[], q: Small): void => {
    du[0] = u[0] > q.lim ? -2 * q.k : -q.k * u[0];
  };
  const multiplied = {
    at: (q: Small) => [q.lag],
    apply(u: number[]) {
      u[0] *= 3;
    },
  };
  const added = {
    at: (q: Small) => [q.lag, 2 * q.lag],
    apply(u: number[], q: Small, t: number) {
      u[0] += q.d * t;
    },
  };
  const changing = {
    at: (q: Small) => [q.lag, 2 * q.lag],
    apply(u: number[], q: Small, _t: number, _constants: unknown, index: number) {
      u[0] += q.d;
      q.k *= 1.5;
      q.lim += 0.1 * index;
    },
  };
  const cases: Record<string, [typeof limited, Events<number[], Small>]> = {
    "another event": [decaying, [multiplied, added]],
    "a decision on the state that it turns": [limited, [added]],
    "one that the first of two turns": [limited, [multiplied, added]],
    "a change of parameters": [limited, [changing]],
    "an event of the state that does so": [
      limited,
      [{ when: (_u: number[], q: Small, t: number) => t - q.lag, apply: changing.apply }],
    ],
  };
  it.each(Object.keys(cases))("%s", (name) => {
    const [rhs, events] = cases[name];
    const given = { wrt: ["p", "u0"] as const, rtol: 1e-8 };
    expect(checkGradient(problem(rhs, events), { loss, ...given }).toString()).not.toContain("differs");
    const integral = { integral: (u: number[], q: Small) => q.k * u[0] };
    expect(checkGradient(problem(rhs, events), { loss: integral, ...given }).toString()).not.toContain("differs");
  });
});

describe("times that make no sense", () => {
  const at = (times: unknown, p = { a: 1 }) =>
    odeProblem({
      rhs: () => [0],
      u0: [1],
      tspan: [0, 5],
      p,
      events: {
        at: times as (q: { a: number }) => number[],
        apply(u: number[]) {
          u[0]++;
        },
      },
    });
  it("a number", () => expect(() => at((p: { a: number }) => p.a)).toThrow(BadEvents));
  it("one that is not finite", () =>
    expect(() => solve(at((p: { a: number }) => [1 / (p.a - 1)]))).toThrow("events.at gives Infinity"));
  it("as many as p says", () => {
    const problem = at((p: { a: number }) => Array.from({ length: p.a }, (_, k) => k + 1));
    expect(() => solve(problem, { p: { a: 2 } })).toThrow(WrongLength);
  });
});
