import { describe, expect, it } from "vitest";
import {
  bs3,
  dp5,
  EndlessEvents,
  odeProblem,
  remake,
  rk4,
  rosenbrock23,
  solve,
  trbdf2,
  tsit5,
  vern7,
  type StateEvent,
} from "../../../index.ts";
import { oneOfEachFamily } from "../../tables.ts";
import { ball, type Ball, type Physics } from "./ball.ts";
import { withoutInspector } from "../../without-inspector.ts";

/** The distance between neighbouring numbers at x. */
const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52);

/** t - √(2 h/g) is the first bounce; each flight takes `restitution` times as long as the one before. */
function bounces(count: number, { g, restitution }: Physics): number[] {
  let [t, v] = [Math.sqrt(20 / g), Math.sqrt(20 * g)];
  const times = [t];
  while (times.length < count) {
    v *= restitution;
    times.push((t += (2 * v) / g));
  }
  return times;
}

describe("the bounces of a ball", () => {
  // Methods whose coefficients are known to rounding, and of a fixed step as long as a flight: what a flight ends with is exact.
  const methods = [rk4({ dt: 10 }), vern7(), dp5(), bs3(), rosenbrock23(), trbdf2()];
  it.each(methods.map((solver) => [solver.name, solver] as const))("are found to rounding with %s", (_, solver) => {
    const { events } = solve(ball, { solver, rtol: 1e-12, atol: 1e-12 });
    expect(events.length).toBeGreaterThan(100);
    const { g } = ball.p;
    let [start, { h, v }] = [0, ball.u0];
    for (const { t, before, after } of events) {
      const root = start + (v + Math.sqrt(v ** 2 + 2 * g * h)) / g;
      expect(Math.abs(t - root)).toBeLessThanOrEqual(4 * ulp(t));
      expect(Math.abs(before.h)).toBeLessThan(1e-13);
      expect(after).toEqual({ h: before.h, v: -0.9 * before.v });
      [start, { h, v }] = [t, after];
    }
    const exact = bounces(events.length, ball.p);
    events.forEach(({ t }, k) => expect(Math.abs(t / exact[k] - 1)).toBeLessThan(3e-14));
  });

  it.each([...oneOfEachFamily.map((solver) => [solver.name, solver] as const), ["default", undefined] as const])(
    "with %s at loose tolerances",
    (_, solver) => {
      const { events, t, u } = solve(ball, { solver, tspan: [0, 10] });
      const exact = bounces(events.length + 1, ball.p);
      events.forEach(({ t }, k) => expect(t).toBeCloseTo(exact[k], 4));
      expect(exact.at(-1)).toBeGreaterThan(10);
      // Both values are kept.
      const at = [...t.keys()].filter((k) => t[k] === events[0].t);
      expect(at).toHaveLength(2);
      expect(u[at[1]].v).toBe(-0.9 * u[at[0]].v);
    },
  );

  it("do not end: a named error, with the solution so far", () => {
    const endless = (): unknown => solve(ball, { tspan: [0, 30] });
    expect(endless).toThrow(EndlessEvents);
    expect(endless).toThrow(/at t = 27\.12\d+ .* events takes place ever more often/);
    const { result, events } = solve(ball, { tspan: [0, 30], throwOnFailure: false });
    expect(result).toBe("endlessEvents");
    expect(events.length).toBeGreaterThan(100);
  });
});

/** x = sin t. */
const oscillator = odeProblem({
  rhs(du, u) {
    du[0] = u[1];
    du[1] = -u[0];
  },
  u0: [0, 1],
  tspan: [0, 10],
});
const tight = { rtol: 1e-11, atol: 1e-11 };
type Oscillator = StateEvent<number[]>;

describe("crossings", () => {
  const level = Math.asin(0.5);
  const up = [level, level + 2 * Math.PI];
  const down = [Math.PI - level, 3 * Math.PI - level];

  it.each([
    ["up", up],
    ["down", down],
    ["both", [...up, ...down].sort((a, b) => a - b)],
    [undefined, [...up, ...down].sort((a, b) => a - b)],
  ] as const)("%s", (direction, expected) => {
    const events: Oscillator = { when: (u) => u[0] - 0.5, direction };
    for (const problem of [remake(oscillator, { events }), remake(oscillator, { events: [events] })]) {
      const times = solve(problem, tight).events.map(({ t }) => t);
      expect(times).toHaveLength(expected.length);
      times.forEach((t, k) => expect(t).toBeCloseTo(expected[k], 9));
    }
  });

  it("the way that the solve goes counts, also where it goes back", () => {
    const events: Oscillator = { when: (u) => u[0] - 0.5, direction: "up" };
    const back = remake(oscillator, { events, tspan: [10, 0], u0: [Math.sin(10), Math.cos(10)] });
    const times = solve(back, tight).events.map(({ t }) => t);
    expect(times).toHaveLength(2);
    [3 * Math.PI - level, Math.PI - level].forEach((t, k) => expect(times[k]).toBeCloseTo(t, 8));
  });

  it("one that begins at zero is none, nor is one found twice", () => {
    const events: Oscillator = { when: (u) => u[0] };
    const times = solve(remake(oscillator, { events }), tight).events.map(({ t }) => t);
    expect(times).toHaveLength(3);
    times.forEach((t, k) => expect(t).toBeCloseTo((k + 1) * Math.PI, 9));
  });

  it("several within a step, of one condition and of several, in their order", () => {
    const still = odeProblem({ rhs: (_u: number[]) => [1], u0: [0], tspan: [0, 4] });
    // Steps are as long as the solver likes: nothing here needs a short one.
    const events: StateEvent<number[]>[] = [
      { when: (_u, _p, t) => Math.sin(Math.PI * t) },
      { when: (u) => u[0] - 1.75, apply: (u) => void (u[0] += 10) },
      { when: (u) => u[0] - 1.5 },
      // A dip that lasts a fiftieth of a step.
      { when: (_u, _p, t) => (t - 2.6) ** 2 - 1e-4 },
    ];
    const found = solve(remake(still, { events }), tight).events.map(({ t, event }) => [event, Number(t.toFixed(6))]);
    expect(found).toEqual([
      [0, 1],
      [2, 1.5],
      [1, 1.75],
      [0, 2],
      [3, 2.59],
      [3, 2.61],
      [0, 3],
      [0, 4],
    ]);
  });

  it("at the same time take place in the order of the list", () => {
    const meeting = odeProblem({
      rhs: (_u: number[]) => [1],
      u0: [0],
      tspan: [0, 2],
      events: [
        { when: (u) => u[0] - 1, apply: (u) => void (u[0] += 3) },
        { when: (u) => 1 - u[0] ** 2, apply: (u) => void (u[0] *= 2) },
        { at: [1], apply: (u) => void (u[0] -= 1) },
      ],
    });
    const { events, u } = solve(meeting, tight);
    expect(events.map(({ event }) => event)).toEqual([0, 1, 2]);
    expect(u.at(-1)![0]).toBeCloseTo(8, 9);
  });

  it("the time of one may be a parameter", () => {
    const lagged = odeProblem({
      rhs: (u: number[]) => [-u[0]],
      u0: [1],
      p: { lag: 0.7 },
      tspan: [0, 2],
      events: { when: (_u, p, t) => t - p.lag, apply: (u) => void (u[0] += 1) },
    });
    const { events, u } = solve(lagged, tight);
    expect(events.map(({ t }) => t)).toEqual([0.7]);
    expect(u.at(-1)![0]).toBeCloseTo(Math.exp(-2) + Math.exp(-1.3), 9);
    expect(solve(lagged, { ...tight, p: { lag: 3 } }).events).toEqual([]);
  });

  describe("functions whose captured names nothing shows", () => {
    withoutInspector();

    it("are called as they are", () => {
      let level = 0.5;
      const lowered = (): number => level;
      const hidden = odeProblem({
        rhs: (u: number[]) => [-u[0]],
        u0: [1],
        tspan: [0, 1],
        events: { when: (u) => u[0] - lowered(), apply: (u) => void (u[0] += lowered()) },
      });
      expect(solve(hidden, tight).events[0].t).toBeCloseTo(Math.log(2), 9);
      level = 0.75;
      expect(solve(hidden, tight).events[0].t).toBeCloseTo(-Math.log(0.75), 9);
    });
  });

  it("steps of a fixed length go on with that length", () => {
    const events: Oscillator = { when: (u) => u[0] - 0.5, direction: "up" };
    const { t, events: found } = solve(remake(oscillator, { events, tspan: [0, 1] }), { solver: rk4({ dt: 0.125 }) });
    const after = [...t].filter((time) => time > found[0].t);
    expect(after[1] - after[0]).toBeCloseTo(0.125, 12);
    expect(found[0].before[0]).toBeCloseTo(0.5, 15);
  });

  it("survive the change of method of a problem that turns stiff", () => {
    const stiff = odeProblem({
      rhs(du, u, p, t) {
        du[0] = -p[0] * (u[0] - Math.cos(t));
        du[1] = 1;
      },
      u0: [1, 0],
      tspan: [0, 10],
      p: [3000],
      events: { when: (u) => u[1] - 2, apply: (u) => void (u[1] -= 2) },
    });
    const { solver, events } = solve(stiff, { saveat: [10] });
    expect(solver).toMatch(/rodas5P/);
    expect(events.map(({ t }) => Number(t.toFixed(6)))).toEqual([2, 4, 6, 8, 10]);
  });
});

describe("an event that ends the solve", () => {
  const falling = remake(ball, { events: { when: (u) => u.h, terminal: true } });
  const end = Math.sqrt(20 / 9.81);

  it("is where the solution ends, and is told", () => {
    const solution = solve(falling, tight);
    expect(solution.result).toBe("success");
    expect(solution.t.at(-1)).toBeCloseTo(end, 12);
    expect(solution.terminated).toMatchObject({ event: 0, t: solution.t.at(-1) });
    expect(solution.terminated!.before.v).toBeCloseTo(-9.81 * end, 10);
    expect(solution.at(1).h).toBeCloseTo(10 - 9.81 / 2, 9);
    expect(solution.stats).toMatchObject({ events: 1, terminated: true });
    expect(solve(ball, { tspan: [0, 1] }).terminated).toBeUndefined();
    expect(solve(ball, { tspan: [0, 5] }).stats).toMatchObject({ events: 2, terminated: false });
  });

  it("states are saved up to there: at a distance with the end, at times without", () => {
    expect([...solve(falling, { ...tight, saveat: 0.5 }).t].map((t) => Number(t.toFixed(6)))).toEqual([
      0,
      0.5,
      1,
      Number(end.toFixed(6)),
    ]);
    expect([...solve(falling, { ...tight, saveat: [0.5, 1, 2, 3] }).t]).toEqual([0.5, 1]);
  });

  it("changes the state before", () => {
    const stopped = remake(ball, { events: { when: (u) => u.h, terminal: true, apply: (u) => void (u.v = 0) } });
    const { terminated, u } = solve(stopped, tight);
    expect(terminated!.after.v).toBe(0);
    expect(terminated!.before.v).toBeCloseTo(-9.81 * end, 10);
    expect(u.at(-1)!.v).toBe(0);
  });

  it("may be one of several", () => {
    const events = [
      { when: (u: Ball) => u.h, direction: "down", apply: (u: Ball, p: Physics) => void (u.v *= -p.restitution) },
      { when: (u: Ball) => u.v - 5, direction: "up", terminal: true },
    ] as const;
    // The speed behind a bounce is below 5 after 10 of them; before that it jumps past 5, and does not cross it.
    const { terminated, result } = solve(remake(ball, { events, tspan: [0, 20] }), tight);
    expect(terminated).toBeUndefined();
    expect(result).toBe("success");
  });
});

it("conditions of the time alone limit the steps, so that none is stepped over", () => {
  // Thirty times in a span over which nothing else asks for short steps.
  const pulsed = odeProblem({
    rhs: (_u: number[]) => [0],
    u0: [0],
    tspan: [0, 30],
    events: { when: (_u, _p, t) => Math.sin(Math.PI * (t - 0.5)), direction: "up", apply: (u) => void (u[0] += 1) },
  });
  expect(solve(pulsed).u.at(-1)).toEqual([15]);
});

describe("events that have no end", () => {
  it("by switching to and fro at one place", () => {
    const relay = odeProblem({
      rhs(du: { x: number; push: number }, u: { x: number; push: number }) {
        du.x = u.push;
        du.push = 0;
      },
      u0: { x: 1, push: -1 },
      tspan: [0, 10],
      events: [
        { when: (u) => u.x, direction: "down", apply: (u) => void (u.push = 1) },
        { when: (u) => u.x - 1e-13, direction: "up", apply: (u) => void (u.push = -1) },
      ],
    });
    expect(() => solve(relay, { solver: tsit5() })).toThrow(EndlessEvents);
    expect(() => solve(relay, { solver: tsit5() })).toThrow(/events\[\d\] takes place ever more often/);
  });

  it("but a chirp has one, however fast it gets", () => {
    const chirp = odeProblem({
      rhs: (_u: number[]) => [1],
      u0: [0],
      tspan: [0, 30],
      events: { when: (u) => Math.sin(u[0] ** 2) },
    });
    expect(solve(chirp, { maxStep: 0.05 }).events).toHaveLength(Math.floor(900 / Math.PI));
  });
});
