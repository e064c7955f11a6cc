/** A time to save that is an event's of the state but for rounding: the state is the one before the event, alone and in batches. */
import { describe, expect, it } from "vitest";
import { ndarray, odeProblem, solve, solveBatch, vern7, type NdArray } from "../../../index.ts";
import { batchable } from "./batchable.ts";

/** Rises at a rate, and falls back to zero where it comes to a height: at every multiple of the one over the other. */
const saw = odeProblem({
  name: "saw",
  rhs: (u: number[], p: number[]) => [p[0] + 0 * u[0]],
  u0: [0],
  p: [1, 1],
  tspan: [0, 8],
  events: { when: (u: number[], p: number[]) => u[0] - p[1], apply: (u: number[]) => void (u[0] = 0) },
});
const rows = [
  [1, 1],
  [0.7, 0.3],
  [3, 1],
  [0.3, 0.1],
  [1, 0.1],
];
const p = (own: readonly (readonly number[])[]): NdArray => ndarray(Float64Array.from(own.flat()), [own.length, 2]);

/** The k-th multiple, a rounding before and one behind it. */
const around = ([rate, height]: readonly number[]): number[] =>
  [1, 2, 3, 4, 5, 6, 7]
    .flatMap((k) => [-1, 0, 1].map((ulp) => ((k * height) / rate) * (1 + ulp * 2 ** -52)))
    .filter((t) => t < 4);

const chosen = ["euler", "tsit5", "vern7", "vcabm", "rock4", "rodas5P", "kvaerno3", "radauIIA5", "fbdf"];
const methods = batchable.filter(([name]) => chosen.includes(name));

describe("at every tooth", () => {
  it("by so many methods", () => expect(methods).toHaveLength(chosen.length));

  it.each(methods)("%s", async (_, solver) => {
    for (const own of rows) {
      const saveat = around(own);
      const alone = solve(saw, { p: own, saveat, solver });
      const batch = await solveBatch(saw, { p: p([own, own]), saveat, solver });
      saveat.forEach((t, k) => {
        expect(alone.u[k][0], `alone at ${t}`).toBeCloseTo(own[1], 9);
        expect(batch.u.get(1, k, 0), `in a batch at ${t}`).toBeCloseTo(own[1], 9);
      });
    }
  });
});

it("backwards in time, too", async () => {
  const [own] = rows;
  const saveat = [3, 2, 1].flatMap((t) => [1, 0, -1].map((ulp) => t * (1 + ulp * 2 ** -52)));
  const tspan = [4, 0.5] as const;
  const falling = { p: [-own[0], own[1]], tspan, saveat, solver: vern7() };
  const { u } = solve(saw, falling);
  const batch = await solveBatch(saw, { ...falling, p: p([falling.p]) });
  saveat.forEach((_, k) => [u[k][0], batch.u.get(0, k, 0)].forEach((x) => expect(x).toBeCloseTo(1, 9)));
});

it("what ends there ends with the state before it", async () => {
  const ended = odeProblem({
    rhs: (u: number[], rate: number[]) => [rate[0] + 0 * u[0]],
    u0: [0],
    p: [1],
    tspan: [0, 4],
    events: { when: (u: number[]) => u[0] - 0.3, terminal: true },
  });
  const ks = [1, 0.7, 3, 0.1];
  for (const k of ks) {
    const saveat = [0.3 / k, (0.3 / k) * (1 + 2 ** -51), 4];
    expect(solve(ended, { p: [k], saveat }).u.map(([x]) => x.toFixed(9))).toEqual(["0.300000000", "0.300000000"]);
    const { u } = await solveBatch(ended, { p: ndarray(Float64Array.of(k), [1, 1]), saveat });
    expect([0, 1, 2].map((i) => u.get(0, i, 0).toFixed(9))).toEqual(["0.300000000", "0.300000000", "NaN"]);
  }
});
