import { expect, test } from "vitest";
import {
  BadBatch,
  BadSaveTimes,
  BadTimeSpan,
  ndarray,
  odeProblem,
  rk4,
  rodas5P,
  solve,
  solveBatch,
  tsit5,
  vcabm,
  type Method,
} from "../../../index.ts";
import { gpuTest } from "../../devices/webgpu/adapter.ts";

/** Forced, so that it matters when it begins. */
const forced = odeProblem({
  name: "forced",
  rhs: (u: number[], p: number[], t: number) => [p[0] * (Math.cos(t) - u[0])],
  u0: [1],
  p: [2],
  tspan: [0, 1],
});
/** Of different lengths, and one backwards. */
const spans = ndarray(Float64Array.of(0, 1, 2, 5, 1, -1), [3, 2]);
const of = (m: number): [number, number] => [spans.get(m, 0), spans.get(m, 1)];

test.each<readonly [string, Method]>([
  ["tsit5", tsit5()],
  ["rodas5P", rodas5P()],
  ["vcabm", vcabm()],
  ["rk4", rk4({ dt: 0.03 })],
])("%s, a time span of each trajectory's own", async (_, solver) => {
  const batch = await solveBatch(forced, { tspan: spans, solver, p: ndarray(Float64Array.of(1, 2, 3), [3, 1]) });
  expect([...batch.t]).toEqual([1, 5, -1]);
  expect([...batch.ends]).toEqual([1, 5, -1]);
  for (let m = 0; m < 3; m++) {
    const alone = solve(forced, { tspan: of(m), solver, p: [m + 1], saveat: [of(m)[1]], switches: "ignore" });
    expect(batch.u.get(m, 0, 0)).toBeCloseTo(alone.u[0][0], 8);
    expect(batch.steps[m]).toBe(alone.stats.steps);
  }
});

gpuTest("on a GPU", async () => {
  const options = { tspan: spans, p: ndarray(Float64Array.of(1, 2, 3), [3, 1]), rtol: 1e-4 };
  const [cpu, gpu] = [await solveBatch(forced, options), await solveBatch(forced, { ...options, device: "webgpu" })];
  for (let m = 0; m < 3; m++) expect(Math.abs(gpu.u.get(m, 0, 0) - cpu.u.get(m, 0, 0))).toBeLessThan(1e-3);
});

test("a distance makes a grid from each one's start; times may be each one's own, or within all spans", async () => {
  const alike = ndarray(Float64Array.of(0, 1, 2, 3), [2, 2]);
  const grid = await solveBatch(forced, { tspan: alike, saveat: 0.25 });
  expect([...grid.t]).toEqual([0, 0.25, 0.5, 0.75, 1, 2, 2.25, 2.5, 2.75, 3]);
  const own = await solveBatch(forced, { tspan: alike, saveat: ndarray(Float64Array.of(0.5, 1, 2.1, 2.9), [2, 2]) });
  expect([...own.t]).toEqual([0.5, 1, 2.1, 2.9]);
  for (const { t, u } of [grid, own]) {
    const each = t.length / 2;
    for (const m of [0, 1]) {
      const alone = solve(forced, { tspan: [2 * m, 2 * m + 1], saveat: t.slice(m * each, (m + 1) * each), solver: tsit5() });
      alone.u.forEach((state, k) => expect(u.get(m, k, 0)).toBeCloseTo(state[0], 9));
    }
  }
  const overlapping = ndarray(Float64Array.of(0, 1, 0.5, 3), [2, 2]);
  const common = await solveBatch(forced, { tspan: overlapping, saveat: [0.75, 1] });
  expect([...common.t]).toEqual([0.75, 1]);
  expect(common.u.get(1, 1, 0)).toBeCloseTo(solve(forced, { tspan: [0.5, 3], saveat: [1], solver: tsit5() }).u[0][0], 9);
});

test("switches and events are at each one's own times", async () => {
  const pulse = odeProblem({ rhs: (_u: number[], p: number[], t: number) => [t < p[0] ? 1 : 0], u0: [0], p: [1], tspan: [0, 3] });
  const { u } = await solveBatch(pulse, { tspan: ndarray(Float64Array.of(0, 3, -2, 3, 2, 3), [3, 2]) });
  [1, 3, 0].forEach((x, m) => expect(u.get(m, 0, 0)).toBeCloseTo(x, 9));
  const doses = odeProblem({
    rhs: () => [0],
    u0: [0],
    tspan: [0, 3],
    events: [{ at: [0.5, 2.5], apply: (v: number[]) => void (v[0] += 1) }],
  });
  const dosed = await solveBatch(doses, { tspan: ndarray(Float64Array.of(0, 3, 1, 3, 0, 1), [3, 2]) });
  [2, 1, 1].forEach((x, m) => expect(dosed.u.get(m, 0, 0)).toBeCloseTo(x, 12));
});

test("what makes no sense is named, with the trajectory", async () => {
  await expect(solveBatch(forced, { tspan: ndarray(Float64Array.of(0, 1, 2, 2), [2, 2]) })).rejects.toThrow(BadTimeSpan);
  await expect(solveBatch(forced, { tspan: ndarray(Float64Array.of(0, 1, 2, NaN), [2, 2]) })).rejects.toThrow(
    /^Trajectory 1: tspan/,
  );
  await expect(
    solveBatch(forced, { tspan: ndarray(Float64Array.of(0, 1, 2, 3), [2, 2]), p: ndarray(Float64Array.of(1, 2, 3), [3, 1]) }),
  ).rejects.toThrow(BadBatch);
  const apart = ndarray(Float64Array.of(0, 1, 2, 3), [2, 2]);
  await expect(solveBatch(forced, { tspan: apart, saveat: [0.5] })).rejects.toThrow(/^Trajectory 1: saveat\[0\] is 0.5, outside/);
  const lengths = ndarray(Float64Array.of(0, 1, 2, 4), [2, 2]);
  await expect(solveBatch(forced, { tspan: lengths, saveat: 0.25 })).rejects.toThrow(BadSaveTimes);
  await expect(solveBatch(forced, { tspan: lengths, saveat: 0.25 })).rejects.toThrow(
    /5 times in trajectory 0 and 9 in trajectory 1/,
  );
  await expect(solveBatch(forced, { tspan: apart, saveat: ndarray(Float64Array.of(1), [1, 1]) })).rejects.toThrow(BadSaveTimes);
});
