import { describe, expect, it } from "vitest";
import { narrowTimes } from "../../../src/analysis/switching/narrow.ts";

type Input = (t: number) => number;

function endsOf(input: Input, longest = 2, jumps: readonly number[] = []): number[] {
  const from = (t: number, step: number, times: number): Float64Array =>
    Float64Array.from({ length: times }, (_, k) => input(t + k * step));
  return narrowTimes({ from, count: 1, tspan: [0, 100], jumps }, longest);
}

const bell =
  (c: number, w: number): Input =>
  (t) =>
    Math.exp(-(((t - c) / w) ** 2));

const smooth: Readonly<Record<string, Input>> = {
  "a constant": () => 3,
  "a parabola": (t) => t * (t - 30),
  "a slow decay": (t) => Math.exp(-t / 10),
  "a wide bell curve": bell(40, 6),
  "a wide step": (t) => Math.tanh((t - 50) / 5),
  "waves of ten": (t) => Math.exp(Math.sin((2 * Math.PI * t) / 30)),
  "waves whose halves are about as long as a step": (t) => Math.cos(t / 2) ** 4,
  "no numbers": () => NaN,
};

describe("steps that see an input anyway", () => {
  it.each(Object.entries(smooth))("%s", (_, input) => expect(endsOf(input)).toEqual([]));
});

describe("a narrow bell curve", () => {
  it.each([0.2, 0.05, 0.02, 0.004])("of width %d is gone over in short steps, and no others farther off than a step", (w) => {
    for (let c = 5.3; c < 95; c += 7.91) {
      const ends = endsOf(bell(c, w));
      expect(ends.length).toBeLessThan(25);
      // Where it is more than a hundredth there are ends, no farther apart than it is wide.
      const near = ends.filter((t) => Math.abs(t - c) < 3 * w);
      expect(near[0]).toBeLessThan(c - w);
      expect(near.at(-1)).toBeGreaterThan(c + w);
      near.slice(1).forEach((t, k) => expect(t - near[k]).toBeLessThan(2 * w));
      expect(ends.every((t) => Math.abs(t - c) < 2)).toBe(true);
    }
  });

  it("on a slope, beside a larger one, or on top of it", () => {
    const ends = endsOf((t) => t + 0.01 * bell(20, 0.05)(t) + 5 * bell(70, 0.05)(t));
    for (const c of [20, 70]) expect(ends.filter((t) => Math.abs(t - c) < 0.15).length).toBeGreaterThan(2);
  });

  it("is left to steps that are as short", () => expect(endsOf(bell(40, 0.1), 0.02)).toEqual([]));
});

it("does not look across jumps that are known", () => {
  const input: Input = (t) => (t < 40 ? 0 : 1);
  expect(endsOf(input).length).toBeGreaterThan(0);
  expect(endsOf(input, 2, [40])).toEqual([]);
});

it("goes backwards in time", () => {
  const from = (t: number, step: number, times: number): Float64Array =>
    Float64Array.from({ length: times }, (_, k) => bell(37.3, 0.05)(t + k * step));
  const ends = narrowTimes({ from, count: 1, tspan: [100, 0], jumps: [] }, 2);
  expect(ends.length).toBeGreaterThan(3);
  expect(ends).toEqual([...ends].sort((a, b) => b - a));
});
