import { describe, expect, test } from "vitest";
import { Arena } from "../../../src/compile/arena.ts";
import { euler, rodas4, rodas5P, tsit5, vern7 } from "../../../solvers/index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import type { IntegrationRequest } from "../../../solvers/step-loop/request.ts";
import { plainSystem } from "../../../solvers/systems/plain-system.ts";
import { hires, hiresEnd, lotkaVolterra, lotkaVolterraEnd, robertson } from "../systems.ts";
import { adaptiveMethods, oneOfEachFamily } from "../../tables.ts";

const target = "javascript";
const request: IntegrationRequest = {
  u0: Float64Array.of(1, 1),
  p: Float64Array.of(1.5, 1, 3),
  t0: 0,
  t1: 10,
  rtol: 1e-10,
  atol: 1e-10,
};

function relativeError(actual: Float64Array, exact: readonly number[]): number {
  return Math.max(...exact.map((x, i) => Math.abs(actual[i] / x - 1)));
}

describe("known answers", () => {
  test.each(adaptiveMethods.filter(({ order }) => order >= 4))("Lotka–Volterra at t = 10 by $name", (method) => {
    const { final, result } = integrate(prepare(lotkaVolterra, method, { target }), request);
    expect(result.kind).toBe("success");
    expect(relativeError(final, lotkaVolterraEnd)).toBeLessThan(1e-8);
  });

  test("Robertson at t = 40 and t = 1e5", () => {
    const prepared = prepare(robertson, rodas5P(), { target });
    const stiff = { ...request, u0: Float64Array.of(1, 0, 0), p: new Float64Array(0), atol: 1e-14 };
    const expected: [number, number[]][] = [
      [40, [0.7158270687194, 9.1855347646e-6, 0.2841637457458]],
      [1e5, [0.0178659211421, 7.274751468e-8, 0.9821340061104]],
    ];
    for (const [t1, exact] of expected)
      expect(relativeError(integrate(prepared, { ...stiff, t1 }).final, exact)).toBeLessThan(1e-8);
  });

  test("Robertson at t = 1e11", () => {
    const { final } = integrate(prepare(robertson, rodas5P(), { target }), {
      ...request,
      u0: Float64Array.of(1, 0, 0),
      p: new Float64Array(0),
      t1: 1e11,
      atol: 1e-17,
    });
    expect(relativeError(final, [0.2083340149701255e-7, 0.8333360770334713e-13, 0.999999979166505])).toBeLessThan(1e-6);
  });

  test("HIRES", () => {
    const prepared = prepare(hires, rodas5P(), { target });
    const { final } = integrate(prepared, {
      ...request,
      u0: Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0.0057),
      p: new Float64Array(0),
      t1: 321.8122,
      atol: 1e-12,
    });
    expect(relativeError(final, hiresEnd)).toBeLessThan(1e-8);
  });
});

test("steps as long as the tolerance allows: no more of them than hand-written codes take", () => {
  const loose = { ...request, rtol: 1e-6, atol: 1e-6 };
  expect(integrate(prepare(lotkaVolterra, tsit5(), { target }), loose).statistics.steps).toBeLessThanOrEqual(105);
  const stiff = { ...loose, p: new Float64Array(0) };
  const reaction = integrate(prepare(robertson, rodas4(), { target }), { ...stiff, u0: Float64Array.of(1, 0, 0), t1: 1e5 });
  expect(reaction.statistics.steps).toBeLessThanOrEqual(105);
  expect(relativeError(reaction.final, [0.0178659211421, 7.274751468e-8, 0.9821340061104])).toBeLessThan(1e-5);
});

describe("what is kept", () => {
  const prepared = prepare(lotkaVolterra, tsit5(), { target });

  test("the times of saveat, both ends included, equal dense output and short solves", () => {
    const saveat = [0, 0.5, 3, 3.25, 10];
    const trajectory = integrate(prepared, { ...request, saveat, dense: true });
    expect([...trajectory.savedTimes]).toEqual(saveat);
    const out = new Float64Array(2);
    saveat.forEach((t, i) => {
      const saved = trajectory.savedStates.data.slice(2 * i, 2 * i + 2);
      trajectory.dense!.interpolate(t, out);
      expect(relativeError(saved, [...out])).toBeLessThan(1e-15);
      if (t > 0) expect(relativeError(saved, [...integrate(prepared, { ...request, t1: t }).final])).toBeLessThan(1e-8);
    });
  });

  test("every step", () => {
    const trajectory = integrate(prepared, { ...request, saveat: "steps" });
    expect(trajectory.savedTimes.length).toBe(trajectory.statistics.steps + 1);
    expect([...trajectory.savedTimes]).toEqual([...trajectory.times]);
  });

  test("dense output in any order of times", () => {
    const { dense } = integrate(prepared, { ...request, dense: true });
    const times = Array.from({ length: 200 }, (_, i) => (i * 7.3) % 10);
    const look = (at: readonly number[]): Map<number, number> =>
      new Map(
        at.map((t) => {
          const out = new Float64Array(2);
          dense!.interpolate(t, out);
          return [t, out[0]];
        }),
      );
    const scattered = look(times);
    const ascending = look([...times].sort((a, b) => a - b));
    const descending = look([...times].sort((a, b) => b - a));
    for (const t of times) {
      expect(scattered.get(t)).toBe(ascending.get(t));
      expect(descending.get(t)).toBe(ascending.get(t));
    }
  });

  test("steps seen as they are taken", () => {
    let end = 0;
    const seen: number[] = [];
    integrate(prepared, {
      ...request,
      onSteps(steps) {
        for (let i = 0; i < steps.count; i++) {
          expect(steps.time(i)).toBe(end);
          end = steps.time(i + 1);
          const out = new Float64Array(2);
          for (const at of [i, i + 1]) {
            steps.interpolate(i, steps.time(at), out);
            expect([...out]).toEqual([...steps.state(at)]);
          }
          seen.push(end);
        }
      },
    });
    expect(end).toBe(10);
    expect(seen.length).toBeGreaterThan(10);
  });

  test.each(["wasm", "javascript"] as const)("more times than are in memory at once, many within a step (%s)", (target) => {
    const prepared = prepare(lotkaVolterra, vern7(), { target });
    const saveat = Float64Array.from({ length: 2000 }, (_, i) => (i * 10) / 1999);
    const { savedTimes, savedStates, dense, statistics } = integrate(prepared, { ...request, saveat, dense: true });
    expect(statistics.steps).toBeLessThan(300);
    expect([...savedTimes]).toEqual([...saveat]);
    const out = new Float64Array(2);
    saveat.forEach((t, i) => {
      dense!.interpolate(t, out);
      expect(relativeError(savedStates.data.subarray(2 * i, 2 * i + 2), [...out])).toBeLessThan(1e-14);
    });
  });

  test("states too large for more than one saved time, and one step, in memory at once", () => {
    const n = 20_000;
    const arena = new Arena();
    const decay = plainSystem((du, u) => u.forEach((x, i) => (du[i] = -x)), n, 0, arena);
    const prepared = prepare(decay, tsit5(), { target, arena });
    const saveat = [0.01, 0.02, 0.5, 0.51, 1];
    const large = { u0: new Float64Array(n).fill(2), p: new Float64Array(0), t0: 0, t1: 1, rtol: 1e-8, atol: 1e-8 };
    const { savedTimes, savedStates, statistics } = integrate(prepared, { ...large, saveat });
    expect(statistics.steps).toBeGreaterThan(5);
    expect([...savedTimes]).toEqual(saveat);
    saveat.forEach((t, k) => {
      for (const i of [0, n - 1]) expect(savedStates.data[k * n + i]).toBeCloseTo(2 * Math.exp(-t), 7);
    });
  });

  test.each([
    ["tsit5", tsit5(), 0.3],
    ["rodas5P", rodas5P(), 1e5],
  ])("%s: the same to the last bit, however often it is looked at", (_, method, t1) => {
    const prepared = prepare(robertson, method, { target: "wasm" });
    const asked = { ...request, u0: Float64Array.of(1, 0, 0), p: new Float64Array(0), t1, saveat: "steps" as const };
    const [alone, watched] = [undefined, () => {}].map((onProgress) => integrate(prepared, { ...asked, onProgress }));
    expect(alone.statistics.steps + alone.statistics.rejected).toBeGreaterThan(70);
    expect([...watched.times]).toEqual([...alone.times]);
    expect(watched.savedStates.data).toEqual(alone.savedStates.data);
    expect({ ...watched.statistics, jacobians: 0 }).toEqual({ ...alone.statistics, jacobians: 0 });
  });

  test("stops make ends of steps, and costs no accuracy", () => {
    const stops = [1, 2.5, 2.5000001, 7];
    const trajectory = integrate(prepared, { ...request, stops });
    const times = new Set(trajectory.times);
    for (const t of stops) expect(times.has(t)).toBe(true);
    expect(relativeError(trajectory.final, lotkaVolterraEnd)).toBeLessThan(1e-8);
  });
});

test("there and back again", () => {
  const prepared = prepare(lotkaVolterra, vern7(), { target });
  const saveat = [10, 6, 2, 0];
  const back = integrate(prepared, { ...request, u0: Float64Array.from(lotkaVolterraEnd), t0: 10, t1: 0, saveat, dense: true });
  expect(relativeError(back.final, [1, 1])).toBeLessThan(1e-7);
  expect([...back.savedTimes]).toEqual(saveat);
  const forth = integrate(prepared, { ...request, dense: true });
  const [a, b] = [new Float64Array(2), new Float64Array(2)];
  for (const t of [0.3, 4, 9.9]) {
    back.dense!.interpolate(t, a);
    forth.dense!.interpolate(t, b);
    expect(relativeError(a, [...b])).toBeLessThan(1e-7);
  }
});

describe("host functions", () => {
  const lv = (du: Float64Array, [x, y]: Float64Array, [a, b, c]: Float64Array): void => {
    du[0] = a * x - b * x * y;
    du[1] = x * y - c * y;
  };

  test.each(oneOfEachFamily)("are integrated by $name, in an arena shared with the caller", (method) => {
    const arena = new Arena();
    const prepared = prepare(plainSystem(lv, 2, 3, arena), method, { target, arena });
    const mine = arena.reserve(5);
    const { final } = integrate(prepared, { ...request, rtol: 1e-8, atol: 1e-8 });
    expect(relativeError(final, lotkaVolterraEnd)).toBeLessThan(1e-6);
    expect([...arena.f64(mine, 5)]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("what goes wrong", () => {
  const prepared = prepare(lotkaVolterra, tsit5(), { target });

  test("too many steps", () => {
    const { result, statistics } = integrate(prepared, { ...request, maxSteps: 20 });
    expect(result.kind).toBe("tooManySteps");
    expect(result.t).toBeGreaterThan(0);
    expect(statistics.steps + statistics.rejected).toBe(20);
  });

  test("a derivative that is not finite names its component", () => {
    const plain = plainSystem(
      (du, u, _p, t) => {
        du[0] = 1;
        du[1] = Math.sqrt(1 - t) - 0 * u[1];
      },
      2,
      0,
      arenaOf(),
    );
    const { result } = integrate(prepare(plain, tsit5(), { target, arena: lastArena }), {
      ...request,
      p: new Float64Array(0),
      t1: 2,
    });
    expect(result).toMatchObject({ kind: "nonFiniteDerivative", component: 1 });
    expect(result.t).toBeCloseTo(1, 3);
  });

  test("an initial derivative that is not finite", () => {
    const { result } = integrate(prepared, { ...request, p: Float64Array.of(1.5, NaN, 3) });
    expect(result).toMatchObject({ kind: "nonFiniteDerivative", component: 0, t: 0 });
  });

  test("a solution that blows up", () => {
    const plain = plainSystem(
      (du, u) => {
        du[0] = u[0] * u[0];
      },
      1,
      0,
      arenaOf(),
    );
    const { result } = integrate(prepare(plain, tsit5(), { target, arena: lastArena }), {
      ...request,
      u0: Float64Array.of(1),
      p: new Float64Array(0),
      t1: 2,
    });
    expect(result.kind).not.toBe("success");
    expect(result.t).toBeCloseTo(1, 6);
  });

  test("an aborted signal", () => {
    const controller = new AbortController();
    const { result } = integrate(prepared, {
      ...request,
      signal: controller.signal,
      onProgress: ({ steps }) => steps > 100 && controller.abort(),
    });
    expect(result.kind).toBe("aborted");
    expect(result.t).toBeGreaterThan(0);
    expect(result.t).toBeLessThan(10);
  });
});

let lastArena: Arena;
function arenaOf(): Arena {
  return (lastArena = new Arena());
}

describe("what a solve took", () => {
  const short = { ...request, t1: 1e-4, rtol: 1e-3, atol: 1e-3 };

  test("is counted from zero", () => {
    const { statistics } = integrate(prepare(lotkaVolterra, euler({ dt: 0.1 }), { target }), { ...request, t1: 1 });
    // The right-hand side where each step begins, and at the end.
    const { steps, rhsCalls, ...others } = statistics;
    expect([steps, rhsCalls]).toEqual([10, 11]);
    expect([...new Set(Object.values(others))]).toEqual([0]);
  });

  test("has the stages that dense output takes besides, once in a step", () => {
    const prepared = prepare(lotkaVolterra, vern7(), { target });
    const calls = (saveat: readonly number[]): number => {
      const { statistics, savedTimes } = integrate(prepared, { ...short, saveat });
      expect([statistics.steps, savedTimes.length]).toEqual([1, saveat.length]);
      return statistics.rhsCalls;
    };
    const { perDense } = prepared.programs.evaluations;
    // Six, of which the first is the derivative at the step's end.
    expect(perDense).toBe(5);
    expect(calls([1e-4])).toBe(calls([]));
    // And one that tells what it errs by.
    expect(calls([5e-5])).toBe(calls([]) + perDense + 1);
    expect(calls([2e-5, 5e-5, 7e-5, 1e-4])).toBe(calls([]) + perDense + 1);
  });
});

test.each([1, -1])("times that are to be ends of steps are, in the direction %d", (direction) => {
  const ends = [0, 0.3, 0.300001, 2, 2.5, 7].map((t) => direction * t);
  const { times, result } = integrate(prepare(lotkaVolterra, tsit5(), { target }), {
    ...request,
    t1: direction * 3,
    rtol: 1e-4,
    atol: 1e-4,
    ends,
  });
  expect(result.kind).toBe("success");
  for (const end of ends.slice(0, 5)) expect(times).toContain(end);
  expect(times.at(-1)).toBe(direction * 3);
});
