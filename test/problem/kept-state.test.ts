/** What functions write to objects outside of themselves lasts from call to call: it is an error where anything depends on it. */
import { describe, expect, test } from "vitest";
import { gradient, odeProblem, solve, solveEnsemble } from "../../index.ts";
import { rodas5P, tsit5 } from "../../core/index.ts";

class Epidemic {
  lockdown = false;
  rhs(du: State, u: State, p: { b: number; g: number }): void {
    if (u.I > 0.05) this.lockdown = true;
    if (u.I < 0.01) this.lockdown = false;
    const b = this.lockdown ? 0.3 * p.b : p.b;
    du.S = -b * u.S * u.I;
    du.I = b * u.S * u.I - p.g * u.I;
  }
}
interface State {
  S: number;
  I: number;
}
const start = { u0: { S: 0.999, I: 0.001 }, p: { b: 0.6, g: 0.2 }, tspan: [0, 150] as const };

describe("of a right-hand side", () => {
  test.each([
    ["by default", {}],
    ["at a tight tolerance", { rtol: 1e-10 }],
    ["tsit5", { solver: tsit5() }],
    ["rodas5P", { solver: rodas5P() }],
  ])("a flag in a field that comes back to what it was, %s", (_, options) => {
    const model = new Epidemic();
    const problem = odeProblem({ ...start, rhs: (du: State, u: State, p: { b: number; g: number }) => model.rhs(du, u, p) });
    expect(() => solve(problem, options)).toThrow(/depends on earlier calls[^]*model\.lockdown/);
    expect(() => gradient(problem, { loss: { final: (u) => u.S } })).toThrow("depends on earlier calls");
  });

  test("a latch", () => {
    const campaign: { begun: number | null } = { begun: null };
    const problem = odeProblem({
      ...start,
      rhs(du: State, u: State, p: { b: number; g: number }, t: number) {
        if (campaign.begun === null && u.I > 0.02) campaign.begun = t;
        const v = campaign.begun !== null && t > campaign.begun + 10 ? 0.05 : 0;
        du.S = -p.b * u.S * u.I - v * u.S;
        du.I = p.b * u.S * u.I - p.g * u.I;
      },
    });
    expect(() => solve(problem)).toThrow(/depends on earlier calls[^]*campaign\.begun/);
  });

  test("a cache of what depends on p solves, and its gradient is refused", () => {
    const memo = { a: NaN, rate: 0 };
    const problem = odeProblem({
      rhs(du: { x: number }, u: { x: number }, p: { a: number; k: number }) {
        if (p.a !== memo.a) {
          memo.a = p.a;
          memo.rate = Math.exp(p.a);
        }
        du.x = memo.rate - p.k * u.x;
      },
      u0: { x: 1 },
      p: { a: 0.3, k: 1 },
      tspan: [0, 5],
    });
    const x = (a: number): number => Math.exp(a) + (1 - Math.exp(a)) * Math.exp(-5);
    for (const a of [0.3, 0.7]) expect(solve(problem, { p: { a, k: 1 } }).u.at(-1)!.x).toBeCloseTo(x(a), 6);
    for (const options of [{}, { adjoint: "dual" as const }])
      expect(() => gradient(problem, { loss: { final: (u) => u.x }, ...options })).toThrow(/keeps `memo\.a` from call to call/);
  });

  test("what nothing depends on may be written: a counter, a note, a work buffer", () => {
    const notes = { calls: 0, times: [] as number[], work: [0, 0] };
    const problem = odeProblem({
      rhs(du: { x: number }, u: { x: number }, p: { k: number }, t: number) {
        notes.calls++;
        notes.times.push(t);
        notes.work[0] = p.k * u.x;
        du.x = -notes.work[0];
      },
      u0: { x: 1 },
      p: { k: 0.5 },
      tspan: [0, 2],
    });
    expect(solve(problem, { rtol: 1e-9 }).u.at(-1)!.x).toBeCloseTo(Math.exp(-1), 7);
    expect(gradient(problem, { loss: { final: (u) => u.x }, rtol: 1e-9 }).gradient.p.k).toBeCloseTo(-2 * Math.exp(-1), 6);
    expect(notes.calls).toBeGreaterThan(10);
  });
});

describe("of an event", () => {
  const decay = {
    rhs: (du: { x: number }, u: { x: number }, p: { k: number }) => void (du.x = -p.k * u.x),
    u0: { x: 0 },
    p: { k: 0.5 },
  };

  test.each<readonly [string, () => (u: { x: number }) => void]>([
    [
      "a field",
      () => {
        const course = { loaded: false };
        return (u) => {
          u.x += course.loaded ? 10 : 40;
          course.loaded = true;
        };
      },
    ],
    [
      "a variable",
      () => {
        let loaded = false;
        return (u) => {
          u.x += loaded ? 10 : 40;
          loaded = true;
        };
      },
    ],
  ])("%s that says what was done", async (_, apply) => {
    const problem = odeProblem({ ...decay, tspan: [0, 4], events: { at: [1, 2, 3], apply: apply() } });
    expect(() => solve(problem)).toThrow(/events\.apply: it changes `(course\.)?loaded`[^]*x 40, and 10/);
    const again = odeProblem({ ...decay, tspan: [0, 4], events: { at: [1, 2, 3], apply: apply() } });
    const vary = { "p.k": { linspace: [0.5, 0.5] as const } };
    const batch = solveEnsemble(again, { trajectories: 3, vary, saveat: [4] });
    await expect(batch.then((one) => one.failures.length)).rejects.toThrow("it changes");
  });

  test("a parameter that is an array outside", () => {
    const make = () => {
      const beta = [0.5];
      return odeProblem({
        rhs(du: State, u: State, p: { g: number }) {
          du.S = -beta[0] * u.S * u.I;
          du.I = beta[0] * u.S * u.I - p.g * u.I;
        },
        u0: start.u0,
        p: { g: 0.15 },
        tspan: [0, 100],
        events: { at: [30], apply: () => void (beta[0] = 0.2) },
      });
    };
    for (let k = 0; k < 3; k++) expect(() => solve(make())).toThrow(/beta\[0\]/);
  });

  test("what nothing depends on may be written", () => {
    let calls = 0;
    const doses: number[] = [];
    const note = { last: 0 };
    const apply = (u: { x: number }, _p: unknown, t: number) => {
      calls++;
      doses.push(t);
      note.last = t;
      u.x += 1;
    };
    const solution = solve(odeProblem({ ...decay, tspan: [0, 2], events: { at: [1], apply } }), { rtol: 1e-9 });
    expect(solution.u.at(-1)!.x).toBeCloseTo(Math.exp(-0.5), 7);
    expect([calls >= 1, doses[0], note.last]).toEqual([true, 1, 1]);
  });
});
