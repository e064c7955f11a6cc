/** Comparisons of the state in a right-hand side: where they switch, and what the solution is then, by closed forms. */
import { describe, expect, it, test } from "vitest";
import {
  EndlessEvents,
  euler,
  odeProblem,
  rk4,
  SlidingMode,
  solve,
  tsit5,
  vern7,
  type OdeProblem,
  type SolveOptions,
} from "../../../index.ts";
import { oneOfEachFamily } from "../../tables.ts";

/** The distance between neighbouring numbers at x. */
const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52);

type Any = OdeProblem<never, never>;

function timesOf(problem: OdeProblem<unknown, unknown>, options: SolveOptions): number[] {
  return solve(problem, options)
    .switches.flatMap(({ times }) => times)
    .sort((a, b) => a - b);
}

/** x'' = -2 where x > 0, and 1 elsewhere: parabolas, whose ends are whole numbers. */
const arcs = odeProblem({
  rhs(du, u) {
    du.x = u.v;
    du.v = u.x > 0 ? -2 : 1;
  },
  u0: { x: 1, v: 0 },
  tspan: [0, 20],
});

const tight = { rtol: 1e-10, atol: 1e-10 };

describe.each(oneOfEachFamily)("$name", (solver) => {
  // Of two phases of parabolas: to x = 0 in 1, then down and up in 4, up and down in 2.
  const crossings = [1, 5, 7, 11, 13, 17, 19];
  // Multistep methods begin with steps of order 1.
  const within = solver.name === "fbdf" ? 1e-6 : 1e-10;

  it("stops where the state crosses, forwards", () => {
    const solution = solve(arcs, { solver, ...tight });
    expect(solution.switches).toMatchObject([{ on: "state", text: "u.x > 0", by: ["u.x"], tracked: true }]);
    solution.switches[0].times.forEach((t, k) => expect(Math.abs(t - crossings[k])).toBeLessThan(within * crossings[k]));
    expect(solution.switches[0].times).toHaveLength(crossings.length);
    expect(Math.abs(solution.u.at(-1)!.x + 1.5)).toBeLessThan(20 * within);
    expect(solution.stats.stops).toEqual(solution.switches[0].times);
  });

  it("and backwards", () => {
    const solution = solve(arcs, { solver, ...tight, u0: { x: -1.5, v: -1 }, tspan: [20, 0] });
    const back = crossings.toReversed();
    expect(solution.switches[0].times).toHaveLength(crossings.length);
    solution.switches[0].times.forEach((t, k) => expect(Math.abs(t - back[k])).toBeLessThan(within * 20));
    expect(Math.abs(solution.u.at(-1)!.x - 1)).toBeLessThan(20 * within);
  });
});

test("roots are those of a closed form within a few units in the last place", () => {
  for (const solver of [vern7(), tsit5(), rk4({ dt: 0.7 })]) {
    const times = timesOf(arcs, { solver, tspan: [0, 6] });
    // What comes before the second one has roundings of its own.
    [1, 5].forEach((t, k) => expect(Math.abs(times[k] - t)).toBeLessThanOrEqual((k === 0 ? 9 : 32) * ulp(t)));
  }
});

/** Relaxes to `hot` below the level and to `cold` above it; y counts the time above. */
const relaxing = odeProblem({
  rhs(du, u, p) {
    du.x = (u.x > p.level ? p.cold : p.hot) - u.x;
    du.y = u.x > p.level ? 1 : 0;
  },
  u0: { x: 0, y: 0 },
  p: { level: 0.5, cold: 2, hot: 1 },
  tspan: [0, 3],
});

test("a relaxation is met when the logarithm says", () => {
  const [t] = timesOf(relaxing, { solver: vern7(), ...tight });
  expect(Math.abs(t - Math.LN2)).toBeLessThan(1e-11);
  const { y } = solve(relaxing, { solver: vern7(), ...tight }).u.at(-1)!;
  expect(Math.abs(y - (3 - Math.LN2))).toBeLessThan(1e-11);
});

describe("operations that switch", () => {
  // u.x is the time, so each is an integral of the time alone.
  const cases: readonly (readonly [string, Any, number, readonly number[]])[] = [
    ["Math.floor", timed((u) => Math.floor(u.x)), 3, [1, 2]],
    ["Math.ceil", timed((u) => Math.ceil(u.x)), 6, [1, 2]],
    ["Math.trunc", timed((u) => Math.trunc(u.x - 1.5)), 0, [0.5, 2.5]],
    ["Math.round", timed((u) => Math.round(u.x)), 4.5, [0.5, 1.5, 2.5]],
    ["| 0", timed((u) => u.x | 0), 3, [1, 2]],
    ["%", timed((u) => u.x % 1), 1.5, [1, 2]],
    ["Math.sign", timed((u) => Math.sign(u.x - 1)), 1, [1]],
    ["Math.max", timed((u) => Math.max(u.x, 1)), 5, [1]],
    ["Math.min", timed((u) => Math.min(u.x, 1)), 2.5, [1]],
    ["Math.abs", timed((u) => Math.abs(u.x - 1)), 2.5, [1]],
    [">=", timed((u) => (u.x >= 1 ? 1 : 0)), 2, [1]],
    ["<=", timed((u) => (u.x <= 1 ? 1 : 0)), 1, [1]],
    ["<", timed((u) => (u.x < 1 ? 1 : 0)), 1, [1]],
    ["&&", timed((u) => (u.x > 1 && u.x < 2 ? 1 : 0)), 1, [1, 2]],
    ["within", timed((u) => (u.x > 1 ? (u.x > 2 ? 5 : 1) : 0)), 6, [1, 2]],
    ["clamp", timed((u) => Math.min(Math.max(u.x, 1), 2)), 4.5, [1, 2]],
  ];

  function timed(rate: (u: { x: number; y: number }) => number): Any {
    return odeProblem({
      rhs(du, u, _p, _t, { f }: { f: typeof rate }) {
        du.x = 1;
        du.y = f(u);
      },
      u0: { x: 0, y: 0 },
      constants: { f: rate },
      tspan: [0, 3],
    }) as unknown as Any;
  }

  it.each(cases)("%s", (_, problem, end, times) => {
    for (const target of ["wasm", "javascript"] as const) {
      const solution = solve(problem as OdeProblem<{ x: number; y: number }, unknown>, { solver: tsit5(), target });
      const found = solution.switches.flatMap((one) => one.times).sort((a, b) => a - b);
      expect(found).toHaveLength(times.length);
      times.forEach((t, k) => expect(Math.abs(found[k] - t)).toBeLessThanOrEqual(8 * ulp(t)));
      expect(Math.abs(solution.u.at(-1)!.y - end)).toBeLessThan(1e-13);
    }
  });
});

test("|sin|: the derivative has a kink, and the method's order is kept", () => {
  const rectified = odeProblem({
    rhs(du, u) {
      du.x = u.v;
      du.v = -u.x;
      du.y = Math.abs(u.x);
    },
    u0: { x: 0, v: 1, y: 0 },
    tspan: [0, 9.5],
  });
  // Three half-waves, and a part of the fourth.
  const exact = 6 + 1 - Math.cos(9.5 - 3 * Math.PI);
  const errorOf = (switches: "find" | "ignore", dt: number): number =>
    Math.abs(solve(rectified, { solver: rk4({ dt }), switches }).u.at(-1)!.y - exact);
  const [coarse, fine] = [errorOf("find", 0.1), errorOf("find", 0.05)];
  expect(coarse / fine).toBeGreaterThan(12);
  expect(errorOf("ignore", 0.05)).toBeGreaterThan(50 * fine);
});

describe("a block that is slowed down by friction", () => {
  const block = odeProblem({
    rhs(du, u, p) {
      du.x = u.v;
      du.v = -p.mu * Math.sign(u.v);
    },
    u0: { x: 0, v: 1 },
    p: { mu: 1 },
    tspan: [0, 2],
  });

  it.each(oneOfEachFamily)("slides where it stops, which is refused by name: $name", (solver) => {
    const run = (): unknown => solve(block, { solver });
    expect(run).toThrow(SlidingMode);
    expect(run).toThrow(/t = (1|0\.9{6,})\d* .*line 3: `Math\.sign\(u\.v\)` switches there.*terminal/s);
  });

  it("stops with an event that ends the solve", () => {
    const stopping = odeProblem({
      rhs(du, u, p) {
        du.x = u.v;
        du.v = -p.mu * Math.sign(u.v);
      },
      u0: { x: 0, v: 1 },
      p: { mu: 1 },
      tspan: [0, 2],
      events: { when: (u) => u.v, terminal: true },
    });
    const { terminated } = solve(stopping, { solver: tsit5() });
    expect(terminated!.t).toBeCloseTo(1, 14);
    expect(terminated!.before.x).toBeCloseTo(0.5, 14);
  });

  it("is at rest where its speed is zero from the start", () => {
    expect(solve(block, { u0: { x: 3, v: 0 } }).u.at(-1)).toEqual({ x: 3, v: 0 });
  });
});

test("what rests where it switches stays there", () => {
  const draining = odeProblem({ rhs: (u: number[]) => [u[0] > 0 ? -1 : 0], u0: [1], tspan: [0, 3] });
  for (const solver of oneOfEachFamily) {
    const solution = solve(draining, { solver });
    expect(Math.abs(solution.u.at(-1)![0])).toBeLessThan(1e-12);
    expect(solution.switches[0].times).toHaveLength(1);
  }
});

test("a function that is not defined beyond is not called there", () => {
  const emptying = odeProblem({ rhs: (u: number[]) => [-Math.sqrt(Math.max(u[0], 0))], u0: [1], tspan: [0, 3] });
  for (const solver of oneOfEachFamily) {
    expect(Math.abs(solve(emptying, { solver, ...tight }).u.at(-1)![0])).toBeLessThan(1e-8);
  }
});

test("what begins where it switches goes the way that the state does", () => {
  const rising = odeProblem({ rhs: (u: number[]) => [u[0] > 0 ? 2 : 1], u0: [0], tspan: [0, 1] });
  expect(solve(rising).u.at(-1)![0]).toBeCloseTo(2, 14);
  expect(solve(rising, { tspan: [1, 0] }).u.at(-1)![0]).toBeCloseTo(-1, 14);
});

test("a dip that begins and ends within a step is found", () => {
  // The distance dips below 0 by 1e-4, for 0.02.
  const passing = odeProblem({
    rhs(du, u) {
      du.x = 1;
      du.y = (u.x - 5) * (u.x - 5) < 1e-4 ? 1 : 0;
    },
    u0: { x: 0, y: 0 },
    tspan: [0, 10],
  });
  for (const solver of [tsit5(), vern7(), euler({ dt: 0.5 })]) {
    const solution = solve(passing, { solver });
    expect(solution.switches[0].times).toHaveLength(2);
    expect(Math.abs(solution.u.at(-1)!.y - 0.02)).toBeLessThan(1e-12);
  }
});

test("one that compares the state with the time", () => {
  const meeting = odeProblem({
    rhs(du, u, p, t) {
      du.x = t > u.y ? 1 : 0;
      du.y = p.speed;
    },
    u0: { x: 0, y: 1 },
    p: { speed: 0.5 },
    tspan: [0, 5],
  });
  const solution = solve(meeting);
  expect(solution.switches).toMatchObject([{ text: "t > u.y", by: ["u.y"] }]);
  expect(Math.abs(solution.switches[0].times[0] - 2)).toBeLessThan(1e-14);
  expect(Math.abs(solution.u.at(-1)!.x - 3)).toBeLessThan(1e-13);
});

test("switches that follow each other ever faster are refused", () => {
  // Swings that lose a part of what they have.
  const zeno = odeProblem({
    rhs(du, u) {
      du.x = u.v;
      du.v = -Math.sign(u.x) - 0.5 * Math.sign(u.v);
    },
    u0: { x: 1, v: 0.5 },
    tspan: [0, 50],
  });
  expect(() => solve(zeno, { solver: tsit5() })).toThrow(EndlessEvents);
});

describe("with all else", () => {
  const filling = odeProblem({
    rhs(du, u, p) {
      du.h = p.inflow - (u.h > p.weir ? p.spill : 0);
    },
    u0: { h: 0 },
    p: { inflow: 1, weir: 1, spill: 0.5 },
    tspan: [0, 3],
    events: { at: [0.5], apply: (u) => void (u.h += 0.1) },
  });
  const at = (t: number): number => (t <= 0.5 ? t : t <= 0.9 ? t + 0.1 : 1 + 0.5 * (t - 0.9));

  it("timed events, saved times and dense output are those of both sides", () => {
    const saveat = [0.25, 0.5, 0.75, 0.9, 1, 2, 3];
    const solution = solve(filling, { saveat, dense: true });
    expect(Math.abs(solution.switches[0].times[0] - 0.9)).toBeLessThan(1e-14);
    saveat.forEach((t, k) => {
      expect(solution.t[k]).toBe(t);
      expect(Math.abs(solution.u[k].h - at(t))).toBeLessThan(1e-14);
    });
    for (const t of [0.7, 0.899, 0.901, 2.5]) {
      expect(Math.abs(solution.at(t).h - at(t))).toBeLessThan(1e-14);
      expect(Math.abs(solution.derivative(t).h - (t > 0.9 ? 0.5 : 1))).toBeLessThan(1e-12);
    }
  });

  it("events of the state happen on the side that they are on", () => {
    const reset = odeProblem({
      rhs(du, u, p) {
        du.h = p.inflow - (u.h > p.weir ? p.spill : 0);
      },
      u0: { h: 0 },
      p: { inflow: 1, weir: 1, spill: 0.5 },
      tspan: [0, 5.5],
      events: { when: (u, p) => u.h - 1.5 * p.weir, direction: "up", apply: (u) => void (u.h = 0) },
    });
    const solution = solve(reset);
    // Up to the weir in 1, then to 1.5 in 1, and again.
    expect(solution.events.map(({ t }) => Math.round(t * 1e9) / 1e9)).toEqual([2, 4]);
    expect(solution.switches[0].times.map((t) => Math.round(t * 1e9) / 1e9)).toEqual([1, 3, 5]);
  });

  it("a mass matrix", () => {
    const heavy = odeProblem({
      rhs(du, u) {
        du.x = u.x > 1 ? -1 : 2;
        du.y = u.x - u.y;
      },
      u0: { x: 0, y: 0 },
      massMatrix: { x: 2, y: 0 },
      tspan: [0, 0.9],
    });
    expect(solve(heavy, { tspan: [0, 0.9] }).u.at(-1)!.y).toBeCloseTo(0.9, 12);
    expect(() => solve(heavy, { tspan: [0, 2] })).toThrow(EndlessEvents);
  });
});

test("nothing is looked for where that is asked", () => {
  const solution = solve(arcs, { switches: "ignore" });
  expect(solution.switches).toEqual([]);
  expect(solution.stats.stops).toEqual([]);
});

test("a comparison in each of many cells is named, and not tracked", () => {
  const rhs = (du: Float64Array, u: Float64Array): void => {
    for (let i = 0; i < u.length; i++) du[i] = u[i] > 1 ? 2 : 1 + i;
  };
  const cells = odeProblem({ rhs, u0: new Float64Array(100), tspan: [0, 1] });
  expect(solve(cells).switches).toMatchObject([{ text: "u[i] > 1", times: [], tracked: false }]);
  const few = odeProblem({ rhs, u0: new Float64Array(5), tspan: [0, 0.22] });
  expect(solve(few).switches).toMatchObject([{ text: "u[i] > 1", tracked: true, by: ["u[4]"] }]);
});
