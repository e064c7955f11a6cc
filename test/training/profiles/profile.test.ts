import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { BadParameter, fit, observations, profile, type ProfileOptions } from "../../../training/index.ts";

const Z = 1.959963984540054;

/** u = u0 + k t. */
const line = odeProblem({ name: "line", rhs: (_u, p) => ({ y: p.k }), u0: { y: 0 }, tspan: [0, 4], p: { k: 0 } });
const t = [0, 1, 2, 3, 4];
const y = [1.1, 2.7, 5.6, 6.9, 9.3];

const decay = odeProblem({
  name: "decay",
  rhs(du, u, p) {
    du.a = -p.k * u.a;
  },
  u0: { a: 1 },
  tspan: [0, 5],
  p: { k: 0.5 },
});
const decaying = { t: [0.5, 1, 2, 3, 5], a: [1.7, 1.1, 0.9, 0.35, 0.25] };
const exact = { rtol: 1e-10, atol: 1e-10 };

/** Where a function of one number is zero between two. */
function zero(of: (x: number) => number, low: number, high: number): number {
  const isRising = of(high) > of(low);
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (of(middle) > 0 === isRising) high = middle;
    else low = middle;
  }
  return low;
}

describe("profiles, against closed forms", () => {
  it("of a straight line are parabolas, whose intervals are those of standard errors", async () => {
    const data = observations({ t, values: { y }, sigma: 0.5 });
    const model = { initial: { y: true } } as const;
    const found = await fit(line, data, model);
    for (const level of [0.95, 0.6826894921370859]) {
      const { profiles, threshold } = await profile(line, data, found, { ...model, level });
      const z = level === 0.95 ? Z : 1;
      expect(threshold).toBeCloseTo(found.value + z ** 2 / 2, 8);
      profiles.forEach(({ name, best, lower, upper, points, notIdentifiable, ends }, j) => {
        const { value, standardError } = found.parameters[j];
        expect(best, name).toBe(value);
        expect((upper - value) / standardError, name).toBeCloseTo(z, 4);
        expect((value - lower) / standardError, name).toBeCloseTo(z, 4);
        expect([notIdentifiable, ends]).toEqual([undefined, { lower: "threshold", upper: "threshold" }]);
        expect(points.length).toBeGreaterThan(4 * z);
        for (const { at, value: misfit, parameters } of points) {
          expect(misfit - found.value).toBeCloseTo(((at - value) / standardError) ** 2 / 2, 5);
          expect(parameters[j]).toBe(at);
          // The other one moves by the correlation.
          const other = found.parameters[1 - j];
          const moved = (found.correlation[1] * other.standardError * (at - value)) / standardError;
          expect(parameters[1 - j]).toBeCloseTo(other.value + moved, 5);
        }
      });
    }
  });

  it("with a deviation that is fitted are those of linear regression, by Student's distribution", async () => {
    const data = observations({ t, values: { y } });
    const model = { initial: { y: true } } as const;
    const found = await fit(line, data, model);
    const { profiles } = await profile(line, data, found, model);
    profiles.forEach(({ best, lower, upper }, j) => {
      // Three degrees of freedom, 0.975.
      const half = 3.182446305284263 * found.parameters[j].standardError;
      expect((upper - best) / half).toBeCloseTo(1, 4);
      expect((best - lower) / half).toBeCloseTo(1, 4);
    });
  });

  it.each([
    ["linear", { k: true }],
    ["log", { k: { scale: "log" } }],
    ["logit", { k: { scale: "logit", bounds: [0, 3] } }],
  ] as const)("of a decay of unknown start follow its closed form, on the scale %s", async (_, parameters) => {
    const data = observations({ t: decaying.t, values: { a: decaying.a }, sigma: 0.2 });
    const model = { parameters, initial: { a: true }, ...exact } as const;
    const found = await fit(decay, data, model);
    const misfit = (k: number): number => {
      const shape = decaying.t.map((at) => Math.exp(-k * at));
      const dot = (a: readonly number[]): number => a.reduce((sum, x, i) => sum + x * shape[i], 0);
      const start = dot(decaying.a) / dot(shape);
      return decaying.a.reduce((sum, a, i) => sum + ((a - start * shape[i]) / 0.2) ** 2 / 2, 0);
    };
    const { profiles, threshold, intervals } = await profile(decay, data, found, { ...model, profiled: ["k"] });
    expect(profiles).toHaveLength(1);
    const [{ best, lower, upper, points }] = profiles;
    expect(intervals).toEqual({ k: [lower, upper] });
    const over = (k: number): number => misfit(k) - misfit(best) - Z ** 2 / 2;
    expect(lower).toBeCloseTo(zero(over, 1e-3, best), 5);
    expect(upper).toBeCloseTo(zero(over, best, 3), 5);
    // It is no parabola.
    expect((upper - best) / (best - lower)).toBeGreaterThan(1.2);
    for (const { at, value } of points) expect(value).toBeCloseTo(misfit(at), 6);
    expect(threshold).toBeCloseTo(misfit(best) + Z ** 2 / 2, 6);
  });

  it("of what enters as a product are flat, which is said by name", async () => {
    const product = odeProblem({
      rhs: (u, p) => ({ a: -p.k * p.m * u.a }),
      u0: { a: 2 },
      tspan: [0, 5],
      p: { k: 0.5, m: 1 },
    });
    const data = observations({ t: decaying.t, values: { a: decaying.a }, sigma: 0.2 });
    const parameters = { k: { scale: "log" }, m: { scale: "log" } } as const;
    const found = await fit(product, data, { parameters });
    const { profiles, warnings } = await profile(product, data, found, { parameters });
    for (const { name, lower, upper, notIdentifiable, points } of profiles) {
      expect([lower, upper, notIdentifiable], name).toEqual([0, Infinity, "structurally"]);
      expect(points.at(-1)!.at / points[0].at).toBeGreaterThan(9e5);
      for (const {
        parameters: [k, m],
      } of points)
        expect(k * m).toBeCloseTo(found.p.k * found.p.m, 3);
    }
    expect(warnings.map((warning) => warning.slice(0, 36))).toEqual([
      "k is not identifiable, structurally:",
      "m is not identifiable, structurally:",
    ]);
  });

  it("of a half-saturation that the data stay below have no upper end", async () => {
    const saturating = odeProblem({
      rhs: (u, p) => ({ a: (-p.V * u.a) / (p.K + u.a) }),
      u0: { a: 2 },
      tspan: [0, 5],
      p: { V: 4, K: 8 },
    });
    const a = solve(saturating, { saveat: decaying.t }).u.map((u) => u.a);
    const data = observations({ t: decaying.t, values: { a }, sigma: 0.1 });
    const parameters = { V: { scale: "log" }, K: { scale: "log" } } as const;
    const found = await fit(saturating, data, { parameters });
    const { profiles, warnings } = await profile(saturating, data, found, { parameters, profiled: ["K"] });
    const [{ lower, upper, notIdentifiable, ends, points }] = profiles;
    expect([upper, notIdentifiable, ends]).toEqual([Infinity, "practically", { lower: "threshold", upper: "open" }]);
    expect(lower).toBeGreaterThan(0);
    expect(lower).toBeLessThan(8);
    // With K endless it is a decay by V / K.
    const ofRate = await fit(decay, observations({ t: decaying.t, values: { a }, sigma: 0.1, u0: { a: 2 } }));
    expect(ofRate.value).toBeGreaterThan(0.05);
    expect(points.at(-1)!.value).toBeCloseTo(ofRate.value, 2);
    expect(warnings[0]).toContain("K is practically not identifiable: its interval has not an upper end from ");
  });

  it("end at bounds, and where the model cannot be solved", async () => {
    const data = observations({ t: decaying.t, values: { a: decaying.a }, sigma: 0.2 });
    const parameters = { k: { bounds: [0.3, 5] } } as const;
    const model = { parameters, initial: { a: true } } as const;
    const found = await fit(decay, data, model);
    const [{ lower, ends }] = (await profile(decay, data, found, { ...model, profiled: ["k"] })).profiles;
    expect([lower, ends]).toEqual([0.3, { lower: "bound", upper: "threshold" }]);
    /** u = 1 / (1 − k t), which ends at t = 1/k. */
    const exploding = odeProblem({ rhs: (u, p) => ({ y: p.k * u.y ** 2 }), u0: { y: 1 }, tspan: [0, 2], p: { k: 0.1 } });
    const early = observations({ t: [0.5, 1], values: { y: [1.14, 1.33] }, sigma: 10 });
    const wide = await fit(exploding, early);
    const result = await profile(exploding, early, wide, { maxSteps: 2000 });
    expect(result.profiles[0].ends).toEqual({ lower: "open", upper: "failed" });
    expect(result.profiles[0].upper).toBeCloseTo(0.5, 3);
    expect(result.warnings.at(-1)).toContain("the model cannot be solved beyond 0.5");
  });
});

describe("a profile", () => {
  const data = observations({ t: decaying.t, values: { a: decaying.a }, sigma: 0.2 });
  const model = { initial: { a: true } } as const;

  it("says where the fit is not at the lowest minimum", async () => {
    const early = await fit(decay, data, { ...model, maxIterations: 1 });
    const { warnings } = await profile(decay, data, early, { ...model, profiled: ["a"] });
    expect(warnings[0]).toMatch(/^The fit is not at the lowest minimum: the misfit is lower by [\d.]+ at k [\d.]+, a [\d.]+\./);
  });

  it("tells its progress, and shows intervals", async () => {
    const found = await fit(decay, data, model);
    const told: unknown[] = [];
    const all = await profile(decay, data, found, { ...model, onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { done: 1, of: 2 },
      { done: 2, of: 2 },
    ]);
    expect(String(all)).toMatch(/^95 % intervals by profile likelihood\nk {12}0\.\d+ {2}\[0\.\d+, 0\.\d+\]\na \(initial\)/);
    expect(all.evaluations).toBeGreaterThan(20);
  });

  it.each<[string, ProfileOptions, string]>([
    ["a level of percents", { level: 95 }, "BadOption: level is 95"],
    [
      "a name that is none",
      { ...model, profiled: ["kk"] },
      'BadParameter: profile: there is no fitted parameter "kk". Is "k" meant?',
    ],
    ["other parameters", {}, "BadParameter: profile: the fit is one of k, a (initial), but free are k."],
    ["an option that is none", { ...model, of: ["k"] } as ProfileOptions, 'UnknownOption: profile: there is no "of"'],
    ["a text for names", { ...model, profiled: "k" as never }, 'BadOption: profiled is "k"'],
  ])("refuses %s", async (_, options, message) => {
    const found = await fit(decay, data, model);
    const error = (await profile(decay, data, found, options).catch((thrown: unknown) => thrown)) as Error;
    expect(`${error.name}: ${error.message}`).toContain(message);
  });

  it("refuses a fit to other data, of another problem, and what is none", async () => {
    const found = await fit(decay, data, model);
    const others = observations({ t: decaying.t, values: { a: [...decaying.a.slice(0, 4), 0.3] }, sigma: 0.2 });
    await expect(profile(decay, others, found, model)).rejects.toThrow(BadParameter);
    const faster = { ...decay, u0: { a: 1 }, tspan: [-1, 5] as const };
    await expect(profile(faster, data, found, model)).rejects.toThrow("does not predict what the model predicts");
    await expect(profile(decay, data, {} as never, model)).rejects.toThrow("what was fitted is no Fit");
  });
});
