/** Events that change parameters: the solve goes on with them, and is differentiated by what they were at the start. */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  daeProblem,
  fbdf,
  gradient,
  odeProblem,
  radauIIA5,
  remake,
  rodas5P,
  sensitivities,
  solve,
  solveWithPullback,
  tsit5,
  vcabm,
} from "../../../index.ts";
import { fit, observations } from "../../../training/index.ts";
import { BackendRefused } from "../../../sensitivity/vjp/errors.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { BadEvents } from "../../../src/problem/errors.ts";
import { BadData } from "../../../training/data/errors.ts";

interface State {
  x: number;
}
interface Parameters {
  k: number;
  unused: number;
  rate: number;
  step: number;
  factor: number;
}

const start: Parameters = { k: 0.5, unused: 7, rate: 0.2, step: 0.8, factor: 2 };
const tight = { rtol: 1e-10, atol: 1e-12 };

/** A compartment with an infusion whose rate steps up at 1, and whose elimination changes at 2, where a dose enters. */
const infused = odeProblem({
  rhs(du: State, u: State, p: Parameters) {
    du.x = -p.k * u.x + p.rate;
  },
  u0: { x: 1 },
  tspan: [0, 3],
  p: start,
  events: [
    {
      at: [1],
      apply(_u: State, p: Parameters) {
        p.rate += p.step;
      },
    },
    {
      at: [2],
      apply(u: State, p: Parameters) {
        p.k *= p.factor;
        u.x += p.rate;
      },
    },
  ],
});

/** The state at 3, in closed form. */
function exact({ k, rate, step, factor }: Parameters, x = 1): number {
  const after = (before: number, by: number, r: number): number => r / by + (before - r / by) * Math.exp(-by);
  const atOne = after(x, k, rate);
  return after(after(atOne, k, rate + step) + rate + step, factor * k, rate + step);
}

const slopeOf = (f: (h: number) => number): number => (f(1e-5) - f(-1e-5)) / 2e-5;
const slopes = Object.fromEntries(
  Object.keys(start).map((name) => [name, slopeOf((h) => exact({ ...start, [name]: start[name as keyof Parameters] + h }))]),
);
const byStart = slopeOf((h) => exact(start, 1 + h));

function expectSlopes(by: object): void {
  for (const [name, slope] of Object.entries(slopes)) expect(by[name as keyof object]).toBeCloseTo(slope, 7);
}

describe("a solve", () => {
  it.each([tsit5(), rodas5P(), fbdf(), vcabm(), radauIIA5()].map((solver) => [solver.name, solver] as const))(
    "by %s",
    (_, solver) => {
      expect(solve(infused, { ...tight, solver, saveat: [3] }).u[0].x).toBeCloseTo(exact(start), 6);
    },
  );

  it("says what they were, before and after each event", () => {
    const solution = solve(infused, tight);
    expect(solution.names).toEqual(["x"]);
    expect(Object.keys(solution.at(1.5))).toEqual(["x"]);
    expect(solution.states[0]).toEqual(Float64Array.of(1));
    expect(solution.events.map(({ t, parameters }) => [t, parameters])).toEqual([
      [1, { before: start, after: { ...start, rate: 1 } }],
      [2, { before: { ...start, rate: 1 }, after: { ...start, rate: 1, k: 1 } }],
    ]);
    expect(solution.parameters(0)).toEqual(start);
    expect(solution.parameters(1)).toEqual(start);
    expect(solution.parameters(1.5).rate).toBe(1);
    expect(solution.parameters(3)).toEqual({ ...start, rate: 1, k: 1 });
  });

  it("begins with the problem's own again", () => {
    const first = solve(infused, tight).at(3);
    expect(solve(infused, tight).at(3)).toEqual(first);
    expect(infused.p).toEqual(start);
    expect(solve(remake(infused, { p: { ...start, rate: 1 } }), tight).at(3).x).toBeCloseTo(exact({ ...start, rate: 1 }), 8);
    expect(solve(infused, { ...tight, p: { ...start, rate: 1 } }).parameters(3).rate).toBe(1.8);
  });

  it("backwards", () => {
    const solution = solve(infused, { ...tight, tspan: [3, 0] });
    expect(solution.parameters(2)).toEqual(start);
    expect(solution.parameters(1.5)).toEqual({ ...start, k: 1 });
    expect(solution.parameters(0.5)).toEqual({ ...start, k: 1, rate: 1 });
  });

  it("takes as many steps as where they are no part of the error", () => {
    const stays = remake(infused, { events: infused.events!.map((event) => ({ ...event, apply: () => {} })) as never });
    const once = { tspan: [0, 1] as const, solver: tsit5() };
    expect(solve(infused, once).stats.steps).toBe(solve(stays, once).stats.steps);
  });

  it("keeps and tolerates by the names of the problem's state", () => {
    const { u, names } = solve(infused, { ...tight, atol: { x: 1e-12 }, save: ["x"], saveat: [1, 3] });
    expect(names).toEqual(["x"]);
    expect(u[1].x).toBeCloseTo(exact(start), 8);
  });
});

describe("derivatives", () => {
  const methods = Object.keys(adjointMethods).filter((name) => name !== "steadyState");

  it.each(methods)("by %s", (adjoint) => {
    const { gradient: by, structuralZeros } = gradient(infused, {
      loss: { final: (u: State) => u.x },
      adjoint,
      wrt: ["p", "u0"],
      check: true,
      ...tight,
    });
    expectSlopes(by.p!);
    expect(Object.keys(by.u0!)).toEqual(["x"]);
    expect(by.u0!.x).toBeCloseTo(byStart, 8);
    expect(structuralZeros).toEqual(["p.unused"]);
  });

  it("by an implicit solver, and by p alone", () => {
    const { gradient: by, flat } = gradient(infused, { loss: { final: (u: State) => u.x }, solver: rodas5P(), ...tight });
    expectSlopes(by.p!);
    expect(Object.keys(by)).toEqual(["p"]);
    expect(flat).not.toHaveProperty("u0", expect.anything());
  });

  it("of losses that see the parameters that hold at their times", () => {
    const loss = {
      at: [0.5, 1, 1.5, 2, 3],
      of: (u: State, p: Parameters) => u.x * p.rate,
      integral: (u: State, p: Parameters) => u.x ** 2 * p.k,
      final: (u: State, p: Parameters) => p.k * u.x,
    };
    const { value } = gradient(infused, { loss, ...tight });
    const at = (t: number) => ({ u: solve(infused, tight).at(t), p: solve(infused, tight).parameters(t) });
    const sum = loss.at.reduce((total, t) => total + at(t).u.x * at(t).p.rate, 0);
    const { u, p } = at(3);
    const others = value - sum - p.k * u.x;
    const parts = gradient(infused, { loss: { integral: loss.integral }, ...tight });
    expect(others).toBeCloseTo(parts.value, 8);
    expect(checkGradient(infused, { loss, wrt: ["p", "u0", "t0", "t1"] }).passed).toBe(true);
  });

  it("by sensitivities, and by the pullback of states", () => {
    const { p, u0, solution } = sensitivities(infused, { saveat: [1, 3], wrt: ["p", "u0"], ...tight });
    expectSlopes(p[1].x);
    expect(u0[1].x.x).toBeCloseTo(byStart, 8);
    expect(solution.parameters(2.5).k).toBe(1);
    const { pullback } = solveWithPullback(infused, { saveat: [1, 3], wrt: ["p", "u0"], ...tight });
    const pulled = pullback([{ x: 0 }, { x: 1 }]);
    expectSlopes(pulled.p!);
    expect(pulled.u0!.x).toBeCloseTo(byStart, 8);
  });

  it("by the moment of a condition that reads them, where the solve ends", () => {
    // It moves at v, and at 2 v from 2 on, until it has come to stop + 1: after 2 + (stop + 1 - 2 v) / 2 v.
    const moving = odeProblem({
      rhs(du: number[], _u: number[], p: { v: number; stop: number }) {
        du[0] = p.v;
      },
      u0: [0],
      tspan: [0, 10],
      p: { v: 1, stop: 5 },
      events: [
        {
          at: [2],
          apply(_u: number[], p: { v: number; stop: number }) {
            p.v *= 2;
            p.stop += 1;
          },
        },
        { when: (u: number[], p: { stop: number }) => u[0] - p.stop, terminal: true },
      ],
    });
    expect(solve(moving).terminated!.t).toBeCloseTo(4, 10);
    for (const adjoint of ["discrete", "gauss", "dual"]) {
      const { p } = gradient(moving, { loss: { integral: () => 1 }, adjoint }).gradient;
      expect(p!.v).toBeCloseTo(-3, 8);
      expect(p!.stop).toBeCloseTo(0.5, 8);
    }
  });

  it("where they move the time at which the right-hand side switches", () => {
    const pulse = odeProblem({
      rhs(du: number[], _u: number[], p: { off: number }, t: number) {
        du[0] = t > p.off ? 0 : 1;
      },
      u0: [0],
      tspan: [0, 4],
      p: { off: 1.5 },
      events: {
        at: [1],
        apply(_u: number[], p: { off: number }) {
          p.off += 1;
        },
      },
    });
    expect(solve(pulse).at(4)[0]).toBeCloseTo(2.5, 10);
    for (const adjoint of ["discrete", "gauss", "dual"])
      expect(gradient(pulse, { loss: { final: (u: number[]) => u[0] }, adjoint }).gradient.p!.off).toBeCloseTo(1, 9);
  });

  it("where a decision by the state turns on them, whose times are by what they are at the start", () => {
    const filling = odeProblem({
      rhs(du: State, u: State, p: { weir: number; rate: number }) {
        du.x = u.x > p.weir ? 0.25 * p.rate : p.rate;
      },
      u0: { x: 0 },
      tspan: [0, 4],
      p: { weir: 1.5, rate: 1 },
      events: {
        at: [1],
        apply(_u: State, p: { weir: number; rate: number }) {
          p.weir += 1;
        },
      },
    });
    const { gradient: by, switches } = gradient(filling, { loss: { final: (u: State) => u.x } });
    // x(4) = w + 1 + (4 - (w + 1) / r) r / 4.
    expect(by.p!.weir).toBeCloseTo(0.75, 9);
    expect(by.p!.rate).toBeCloseTo(1, 9);
    expect(switches.map((one) => one.by)).toEqual([["p.weir", "p.rate", "u0.x"]]);
  });

  it("in a list, by an index that is computed, at events of the state", () => {
    const problem = odeProblem({
      rhs: (u: number[], p: number[]) => [-p[0] * u[0], p[1] - u[1]],
      u0: [1, 0],
      tspan: [0, 2],
      p: [1, 2, 3],
      events: {
        when: (u: number[]) => u[0] - 0.5,
        apply(_u: number[], p: number[]) {
          for (let k = 0; k < 3; k++) p[k] *= 2;
        },
      },
    });
    expect(solve(problem).parameters(2)).toEqual([2, 4, 6]);
    const loss = { final: (u: number[], p: number[]) => u[0] + u[1] * p[2] };
    expect(checkGradient(problem, { loss, wrt: ["p", "u0"] }).passed).toBe(true);
  });

  it("with algebraic equations, which hold with the new ones", () => {
    const problem = odeProblem({
      rhs(du: { x: number; y: number }, u: { x: number; y: number }, p: { k: number; gain: number }) {
        du.x = -p.k * u.x;
        du.y = u.y - p.gain * u.x;
      },
      u0: { x: 1, y: 2 },
      massMatrix: { x: 1, y: 0 },
      initialise: "algebraic",
      tspan: [0, 2],
      p: { k: 1, gain: 2 },
      events: {
        at: [1],
        apply(_u: { x: number; y: number }, p: { k: number; gain: number }) {
          p.gain += p.k;
        },
      },
    });
    expect(solve(problem, { rtol: 1e-9 }).at(2).y).toBeCloseTo(3 * Math.exp(-2), 8);
    for (const adjoint of ["discrete", "dual"]) {
      const { p } = gradient(problem, { loss: { final: (u: { y: number }) => u.y }, adjoint, rtol: 1e-9 }).gradient;
      expect(p!.gain).toBeCloseTo(Math.exp(-2), 7);
      expect(p!.k).toBeCloseTo(Math.exp(-2) - 6 * Math.exp(-2), 7);
    }
  });
});

describe("what cannot follow them says so", () => {
  const decaying = (apply: unknown, rhs?: unknown, derivatives?: object) =>
    odeProblem({
      rhs: (rhs ??
        ((du: number[], u: number[], p: { k: number }) => {
          du[0] = -p.k * u[0];
        })) as (du: number[], u: number[], p: { k: number }) => void,
      u0: [1],
      tspan: [0, 2],
      p: { k: 1 },
      derivatives,
      events: { at: [1], apply: apply as (u: number[], p: { k: number }) => void },
    });
  const setting = (_u: number[], p: { k: number }): void => {
    p.k = 2;
  };
  const loss = { final: (u: number[]) => u[0] };

  it("an event that cannot be read", () => {
    const hidden = new Function("u", "p", "p.k = 2; try {} finally {}");
    expect(() => solve(decaying(hidden))).toThrow(BadEvents);
    expect(() => solve(decaying(hidden))).toThrow("events.apply writes k at t = 1");
  });

  it("but not a right-hand side that cannot be read", () => {
    const hidden = new Function("du", "u", "p", "du[0] = -p.k * u[0]; try {} finally {}");
    const problem = decaying(setting, hidden);
    expect(solve(problem, tight).at(2)[0]).toBeCloseTo(Math.exp(-3), 8);
    expect(() => gradient(problem, { loss, vjp: "tape" })).toThrow(BackendRefused);
    expect(gradient(problem, { loss, vjp: "finite", adjoint: "gauss", ...tight }).gradient.p!.k).toBeCloseTo(-Math.exp(-3), 6);
  });

  it("backends that show the function its own parameters", () => {
    const problem = decaying(setting);
    for (const vjp of ["tape", "compiledTape", "closure"]) expect(() => gradient(problem, { loss, vjp })).toThrow(BackendRefused);
    for (const vjp of ["source", "dual", "finite"])
      expect(gradient(problem, { loss, vjp, adjoint: "gauss", ...tight }).gradient.p!.k).toBeCloseTo(-Math.exp(-3), 6);
  });

  it("derivatives of the problem's own", () => {
    const jvp = (duDot: Float64Array, uDot: Float64Array, _pDot: unknown, _u: unknown, p: { k: number }): void => {
      duDot[0] = -p.k * uDot[0];
    };
    expect(() => solve(decaying(setting, undefined, { jvp }))).toThrow(
      "an event changes the parameter k, which the problem's own",
    );
  });

  it("a right-hand side in parts", () => {
    const decay = (du: number[], u: number[], p: { k: number }): void => {
      du[0] = -p.k * u[0];
    };
    expect(() => solve(decaying(setting, { stiff: decay, nonstiff: decay }))).toThrow(
      "which a right-hand side in parts does not take up",
    );
  });

  it("a residual, whose state holds derivatives behind it; events of its own that change the state alone do not concern it", () => {
    const decay = (apply: (u: { x: number }, p: { k: number }) => void) =>
      daeProblem({
        residual: (du, u, p) => ({ x: du.x + p.k * u.x }),
        u0: { x: 1 },
        p: { k: 0.5 },
        tspan: [0, 2],
        events: { at: [1], apply },
      });
    const changing = decay((_u, p) => {
      p.k = 2;
    });
    const message = "an event changes the parameter k, which a residual does not take up. State the problem with a mass matrix";
    expect(() => solve(changing)).toThrow(message);
    expect(() => gradient(changing, { loss: { final: (u) => u.x } })).toThrow(message);
    const halved = solve(
      decay((u) => {
        u.x /= 2;
      }),
      { rtol: 1e-8 },
    );
    expect(halved.at(2).x).toBeCloseTo(Math.exp(-1) / 2, 6);
  });

  it("observables that read them", async () => {
    const data = observations({
      t: [0.5, 1.5],
      values: { y: [0.6, 0.3] },
      of: { y: (u: number[], p: { k: number }) => u[0] * p.k },
    });
    await expect(fit(decaying(setting), data)).rejects.toThrow(BadData);
  });
});
