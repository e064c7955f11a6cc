/** Events at equal distances in time. */
import { describe, expect, test } from "vitest";
import { gradient, odeProblem, periodic, remake, solve, tsit5 } from "../../../index.ts";
import { BadOption, UnknownOption } from "../../../src/core/errors.ts";
import { BadEvents } from "../../../src/problem/errors.ts";
import { timesWithin } from "../../../src/problem/event-times.ts";

interface Options {
  readonly from?: number;
  readonly until?: number;
  readonly tspan?: readonly [number, number];
}

const drug = ({ from, until, tspan = [0, 10] }: Options) =>
  odeProblem({
    rhs: (u: number[], p: number[]) => [-p[0] * u[0]],
    u0: [0],
    tspan,
    p: [0.5, 2],
    events: periodic({
      every: 3,
      from,
      until,
      apply(u: number[], p: number[]) {
        u[0] += p[1];
      },
    }),
  });

const tight = { solver: tsit5(), rtol: 1e-11, atol: 1e-11 };
const timesOf = (options: Options): number[] => solve(drug(options), tight).events.map(({ t }) => t);

describe("their times", () => {
  test("begin at from, and go on to the end of tspan or to until, itself included", () => {
    expect(timesOf({})).toEqual([0, 3, 6, 9]);
    expect(timesOf({ from: 1 })).toEqual([1, 4, 7]);
    expect(timesOf({ from: 1, until: 4 })).toEqual([1, 4]);
    expect(timesOf({ from: 20 })).toEqual([]);
    // Those of the grid, wherever the solve begins.
    expect(timesOf({ tspan: [4, 13] })).toEqual([6, 9, 12]);
    expect(timesOf({ from: -100, tspan: [0, 5] })).toEqual([2, 5].filter((t) => t < 5));
    expect(timesOf({ tspan: [10, 0] })).toEqual([9, 6, 3]);
  });

  test("follow another tspan", () => {
    const problem = drug({});
    expect(solve(problem, { tspan: [0, 20] }).events).toHaveLength(7);
    expect(solve(remake(problem, { tspan: [0, 4] })).events).toHaveLength(2);
  });

  test("are no others", () => {
    const every = { every: 3, from: 0, until: Infinity };
    expect(timesWithin(every, [4, 13])).toEqual([2, 3, 4].map((index) => ({ t: 3 * index, index })));
    expect(timesWithin(every, [13, 4])).toEqual(timesWithin(every, [4, 13]));
    expect(timesWithin({ ...every, until: 9 }, [3, 13]).map(({ t }) => t)).toEqual([3, 6, 9]);
    expect(timesWithin({ ...every, from: 20 }, [3, 13])).toHaveLength(0);
  });

  test("do not drift", () => {
    const problem = odeProblem({
      rhs: () => [1],
      u0: [0],
      tspan: [0, 100],
      events: periodic({
        every: 0.1,
        apply(u: number[]) {
          u[0] += 0;
        },
      }),
    });
    const { events } = solve(problem);
    expect(events).toHaveLength(1000);
    events.forEach(({ t }, k) => expect(t).toBe(k * 0.1));
  });
});

test("gradients are those of the closed form", () => {
  const [k, dose] = [0.5, 2];
  const left = [0, 3, 6, 9].map((t) => 10 - t);
  const byRate = left.reduce((sum, s) => sum - dose * s * Math.exp(-k * s), 0);
  const byDose = left.reduce((sum, s) => sum + Math.exp(-k * s), 0);
  for (const adjoint of ["discrete", "gauss", "dual"]) {
    const { value, gradient: by } = gradient(drug({}), { ...tight, adjoint, loss: { final: (u) => u[0] } });
    expect(value).toBeCloseTo(dose * byDose, 9);
    expect(by.p![0]).toBeCloseTo(byRate, 8);
    expect(by.p![1]).toBeCloseTo(byDose, 8);
  }
});

test("what makes no sense is refused", () => {
  const apply = (): void => {};
  expect(() => periodic({ every: 0, apply })).toThrow(BadOption);
  expect(() => periodic({ every: 1, from: NaN, apply })).toThrow(BadOption);
  expect(() => periodic({ every: 1, from: 3, until: 2, apply })).toThrow(BadEvents);
  expect(() => periodic({ apply } as never)).toThrow(/`every` is missing/);
  expect(() => periodic({ every: 1, each: 2, apply } as never)).toThrow(UnknownOption);
  const often = odeProblem({ rhs: () => [1], u0: [0], tspan: [0, 1], events: periodic({ every: 1e-9, apply }) });
  expect(() => solve(often)).toThrow(/one every 1e-9/);
});
