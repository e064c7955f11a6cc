import { describe, expect, test } from "vitest";
import { interpolate } from "../../../src/operations/plain-operations.ts";
import { odeProblem } from "../../../src/problem/problem.ts";
import { findCrossings } from "../../../src/analysis/switching/crossings.ts";
import { sliceOf } from "../../../src/analysis/switching/slice.ts";

type Rhs = (u: number[], p: Record<string, number>, t: number, constants: never) => number[];

/** Times, and how each moves with the parameters. */
function found(rhs: Rhs, p: Record<string, number>, tspan: readonly [number, number], constants?: unknown) {
  const { code } = odeProblem({ rhs: rhs as never, u0: [0], p, tspan, constants });
  const slice = sliceOf(code.rhsProgram());
  return slice ? findCrossings(slice, Float64Array.from(Object.values(p)), tspan).crossings : [];
}

function times(...args: Parameters<typeof found>): number[] {
  return [...new Set(found(...args).map(({ t }) => Number(t.toPrecision(12))))];
}

function slopes(...args: Parameters<typeof found>): number[][] {
  return found(...args).map((crossing) => Object.keys(args[1]).map((_, j) => crossing.slopes().get(j) ?? 0));
}

describe("times of switching", () => {
  test("pulses that are far shorter than the time between them, as long as that shows", () => {
    const high = (_u: number[], p: Record<string, number>, t: number): number[] => [Math.sin(p.w * t) > p.th ? 1 : 0];
    const [w, th] = [50, 0.999];
    const expected = Array.from({ length: 80 }, (_, k) => [
      (Math.asin(th) + 2 * Math.PI * k) / w,
      (Math.PI - Math.asin(th) + 2 * Math.PI * k) / w,
    ]).flat();
    const all = found(high, { w, th }, [0, 10]).map(({ t }) => t);
    expect(all).toHaveLength(160);
    all.forEach((t, k) => expect(Math.abs(t - expected[k])).toBeLessThan(1e-9));
    const back = (_u: number[], _p: unknown, t: number): number[] => [Math.cos(t - 1) > 1 - 1e-6 ? 1 : 0];
    expect(found(back as never, {}, [5, -5])).toHaveLength(2);
  });

  test("comparisons of what is affine in t with constants and parameters", () => {
    expect(times((_u, p, t) => [t > p.lag + 2 ? 1 : 0], { lag: 1 }, [0, 10])).toEqual([3]);
    expect(slopes((_u, p, t) => [t > p.lag + 2 ? 1 : 0], { lag: 1 }, [0, 10])).toEqual([[1]]);
    expect(slopes((_u, p, t) => [2 * t - p.a < p.b ? 1 : 0], { a: 1, b: 3 }, [0, 10])).toEqual([[0.5, 0.5]]);
    expect(times((_u, p, t) => [(t - p.a) / p.b <= 1 ? 1 : 0], { a: 1, b: 3 }, [0, 10])).toEqual([4]);
    expect(times((_u, _p, t) => [t >= 2 && t < 3 ? 1 : 0], {}, [0, 10])).toEqual([2, 3]);
    expect(times((_u, _p, t) => [t >= 2 || t < -1 ? 1 : 0], {}, [10, -10])).toEqual([2, -1]);
    expect(times((_u, _p, t) => [t === 2 ? 1 : 0], {}, [0, 10])).toEqual([]);
    expect(times((_u, p, t) => [t < p.far ? 1 : 0], { far: 20 }, [0, 10])).toEqual([]);
  });

  test("if, early return, helper functions, tables of times, windows in loops, while", () => {
    const windows = {
      on: [1, 4, 9],
      inside: (t: number, from: number, length: number): boolean => t >= from && t < from + length,
    };
    const inLoop = (_u: number[], p: Record<string, number>, t: number, { on, inside }: typeof windows): number[] => {
      let s = 0;
      for (let i = 0; i < on.length; i++) if (inside(t, on[i], p.w)) s += 1;
      return [s];
    };
    expect(times(inLoop as never, { w: 0.5 }, [0, 9.25], windows)).toEqual([1, 1.5, 4, 4.5, 9]);
    const early = (_u: number[], p: Record<string, number>, t: number): number[] => {
      if (t < p.a) return [0];
      const since = t - p.a;
      if (since < 1) return [1];
      return [since > 3 ? 2 : 3];
    };
    expect(times(early, { a: 2 }, [0, 10])).toEqual([2, 3, 5]);
    const during = (_u: number[], _p: unknown, t: number): number[] => {
      let k = 0;
      while (k < 5 && t > k * k) k++;
      return [k];
    };
    // The comparison is computed at k = 5 too, where it no longer matters.
    expect(times(during as never, {}, [-1, 100])).toEqual([0, 1, 4, 9, 16, 25]);
  });

  test("what rounds, and remainders: the wrap and the threshold", () => {
    expect(times((_u, _p, t) => [Math.floor(t)], {}, [0, 3])).toEqual([1, 2, 3]);
    expect(times((_u, _p, t) => [Math.ceil(t / 2)], {}, [0, 5])).toEqual([0, 2, 4]);
    expect(times((_u, _p, t) => [Math.round(t)], {}, [0, 3])).toEqual([0.5, 1.5, 2.5]);
    expect(times((_u, _p, t) => [Math.trunc(t)], {}, [3, 0])).toEqual([3, 2, 1, 0]);
    expect(times((_u, _p, t, { daily }: { daily: number[] }) => [daily[t | 0]], {}, [0, 2.5], { daily: [1, 2, 3] })).toEqual([
      1, 2,
    ]);
    expect(times((_u, _p, t) => [t % 24 < 12 ? 1 : 0], {}, [0, 50])).toEqual([12, 24, 36, 48]);
    const relative = (_u: number[], p: Record<string, number>, t: number): number[] => {
      const phase = t % p.T;
      return [phase > p.T / 2 ? 1 : phase < 0.1 ? 2 : 3];
    };
    expect(times(relative, { T: 2 }, [0, 4.5])).toEqual([0.1, 1, 2, 2.1, 3, 4, 4.1]);
    expect(slopes(relative, { T: 2 }, [0, 4.5])).toEqual([[0], [0.5], [1], [1], [1.5], [2], [2]]);
  });

  test("kinks: min, max, abs, sign; the nodes of tables", () => {
    const kinks: Rhs = (_u, p, t) => [Math.max(0, t - 3) + Math.abs(t - p.k) + Math.sign(5 - t) + Math.min(t, 7)];
    expect(times(kinks, { k: 2 }, [0, 10])).toEqual([2, 3, 5, 7]);
    expect(times(kinks, { k: 2 }, [10, 0])).toEqual([7, 5, 3, 2]);
    const table = { nodes: [0, 1, 2.5, 4, 8], values: [0, 1, 5, 2, 3] };
    const byNodes = ((_u: unknown, p: { shift: number }, t: number, c: { table: typeof table }) => [
      interpolate(c.table, t - p.shift),
    ]) as unknown as Rhs;
    expect(times(byNodes, { shift: 1 }, [0.5, 6], { table, interpolate })).toEqual([1, 2, 3.5, 5]);
    const even = { from: 0, to: 4, values: [0, 1, 5, 2, 3] };
    const byPlace = ((_u: unknown, _p: unknown, t: number, c: { even: typeof even }) => [
      interpolate(c.even, t),
    ]) as unknown as Rhs;
    expect(times(byPlace, {}, [0, 6], { even, interpolate })).toEqual(expect.arrayContaining([1, 2, 3, 4]));
  });

  test("what is curved in t is found among samples; not what switches too often for them", () => {
    const wave: Rhs = (_u, p, t) => [Math.sin(p.w * t) > 0.5 ? 1 : 0];
    const at = [Math.PI / 6, (5 * Math.PI) / 6].map((x) => x / 2);
    found(wave, { w: 2 }, [0, 3]).forEach(({ t, slopes: moved }, i) => {
      expect(t).toBeCloseTo(at[i], 12);
      expect(moved().get(0)).toBeCloseTo(-at[i] / 2, 12);
    });
    expect(found(wave, { w: 2 }, [0, 3])).toHaveLength(2);
    expect(found(wave, { w: 3000 }, [0, 3])).toEqual([]);
  });

  test("none where the state decides, nor of programs without the time; too many are an error with the line", () => {
    expect(
      sliceOf(odeProblem({ rhs: (u: number[]) => [u[0] > 1 ? 1 : 0], u0: [0], tspan: [0, 1] }).code.rhsProgram()),
    ).toBeUndefined();
    expect(times((u, _p, t) => [u[0] > t ? 1 : 0], {}, [0, 1])).toEqual([]);
    expect(times((u, _p, t) => (u[0] > 0 ? [t > 0.5 ? 1 : 0] : [t > 0.25 ? 1 : 0]), {}, [0, 1])).toEqual([0.25, 0.5]);
    expect(() => times((_u, _p, t) => [t % 1e-5], {}, [0, 1])).toThrow(
      expect.objectContaining({
        name: "TooManySwitches",
        message: expect.stringMatching(/line 1, column .*more than 20000 times/),
      }),
    );
  });
});
