/** What functions keep outside of the state and the parameters is no part of their derivatives: it is an error that names it. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, ReadBeforeWrite, sensitivities } from "../../index.ts";

const rising = {
  rhs(du: { y: number }, u: { y: number }, p: { a: number }): void {
    du.y = p.a * u.y;
  },
  u0: { y: 1 },
  p: { a: 0.5 },
  tspan: [0, 2] as const,
};

describe("an array that an event writes, and that is read elsewhere", () => {
  const written = (of: { when?: true } = {}) => {
    const beta = [1];
    const growing = odeProblem({
      rhs(du: { y: number }, u: { y: number }, p: { a: number }) {
        du.y = beta[0] * p.a * u.y;
      },
      u0: { y: 1 },
      p: { a: 0.5 },
      tspan: [0, 2],
      events: [{ ...(of.when ? { when: (u: { y: number }) => u.y - 1.5 } : { at: [1] }), apply: () => void (beta[0] = 3) }],
    });
    return { growing, beta };
  };

  it.each([{}, { when: true as const }])("by the right-hand side: %s", (of) => {
    const { growing, beta } = written(of);
    const derivative = (): unknown => gradient(growing, { loss: { final: (u) => u.y } });
    expect(derivative).toThrow(ReadBeforeWrite);
    expect(beta).toEqual([1]);
    // It is found again each time.
    expect(derivative).toThrow("it changes `beta[0]`");
    expect(() => sensitivities(growing, { saveat: [2] })).toThrow("rhs gives 1.5 for y after it, and 0.5 as it was before");
  });

  it("by a condition", () => {
    const level = [1.5];
    const growing = odeProblem({
      ...rising,
      events: [
        { at: [0.5], apply: () => void (level[0] = 1.2) },
        {
          when: (u) => u.y - level[0],
          apply(u) {
            u.y *= 2;
          },
        },
      ],
    });
    expect(() => gradient(growing, { loss: { final: (u) => u.y } })).toThrow("it changes `level[0]`");
  });

  it("by a loss", () => {
    const weight = [1];
    const growing = odeProblem({
      ...rising,
      events: [{ at: [1], apply: () => void (weight[0] = 3) }],
    });
    expect(() => gradient(growing, { loss: { final: (u) => weight[0] * u.y } })).toThrow("loss.final gives");
  });

  it("scratch space and notes are nobody's business", () => {
    const scratch = [0, 0];
    const times: number[] = [];
    const jumping = odeProblem({
      ...rising,
      events: [
        {
          at: [1],
          apply(u, _p, t) {
            times.push(t);
            scratch[0] = 2 * u.y;
            u.y = scratch[0];
          },
        },
      ],
    });
    const { value, gradient: slopes } = gradient(jumping, { rtol: 1e-9, atol: 1e-9, loss: { final: (u) => u.y } });
    expect(value).toBeCloseTo(2 * Math.E, 7);
    expect(slopes.p!.a).toBeCloseTo(4 * Math.E, 7);
  });
});

describe("a cache by the parameters", () => {
  const cached = (): ((a: number) => number) => {
    const cache = new Map<string, number>();
    return (a) => {
      const key = String(a);
      if (!cache.has(key)) cache.set(key, a * a);
      return cache.get(key)!;
    };
  };
  const growing = (rate: (a: number) => number = (a) => a, level?: (a: number) => number) =>
    odeProblem({
      rhs(du, _u, p) {
        du.y = rate(p.a);
      },
      u0: { y: 0 },
      p: { a: 0.5 },
      tspan: [0, 2],
      events: level && [{ when: (u, p) => u.y - level(p.a), apply: (u) => void (u.y += u.y) }],
    });

  it("of a right-hand side", () => {
    expect(() => sensitivities(growing(cached()), { saveat: [2] })).toThrow("it keeps `cache` from call to call");
  });

  it("of a loss", () => {
    const square = cached();
    expect(() => gradient(growing(), { loss: { final: (u, p) => u.y * square(p.a) } })).toThrow("loss.final: it keeps `cache`");
  });

  it("of a condition", () => {
    expect(() =>
      gradient(
        growing((a) => a, cached()),
        { loss: { final: (u) => u.y } },
      ),
    ).toThrow("it keeps `cache`");
  });

  it("what notes its calls is differentiated: y = 2 a", () => {
    const notes: string[] = [];
    const final = (u: { y: number }): number => {
      notes.push(String(u.y));
      return u.y * u.y;
    };
    const { value, gradient: slopes } = gradient(growing(), { loss: { final } });
    expect(notes.length).toBeGreaterThan(0);
    expect(value).toBeCloseTo(1, 6);
    expect(slopes.p!.a).toBeCloseTo(4, 6);
  });
});
