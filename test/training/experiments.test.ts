/** What experiments may have of their own, and what is known besides the data: fits against closed forms. */
import { describe, expect, it } from "vitest";
import { interpolate } from "../../src/operations/plain-operations.ts";
import { odeProblem } from "../../src/problem/problem.ts";
import { adam, fit, lbfgs, levenbergMarquardt, observations, trustRegion } from "../../training/index.ts";

const tight = { rtol: 1e-10, atol: 1e-12 };
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("experiments have their own", () => {
  it("doses: amounts, times and how many", async () => {
    const dosed = odeProblem({
      rhs: (u, p) => ({ c: -p.k * u.c }),
      events: [{ at: (p) => [p.first, p.first + p.every], apply: (u, p) => void (u.c += p.dose / p.volume) }],
      u0: { c: 0 },
      tspan: [0, 24],
      p: { k: 0.1, volume: 5, dose: 0, first: 0, every: 12 },
    });
    const [k, volume] = [0.23, 8];
    const t = [1, 3, 6, 11, 13, 16, 22];
    const of = (dose: number, first: number, every: number, c0: number) => {
      const after = (time: number, from: number): number => (time > from ? (dose / volume) * Math.exp(-k * (time - from)) : 0);
      const c = t.map((time) => c0 * Math.exp(-k * time) + after(time, first) + after(time, first + every));
      return observations({ t, values: { c }, u0: { c: c0 }, p: { dose, first, every }, sigma: 0.01 });
    };
    const data = [of(100, 0, 12, 0), of(40, 2, 6, 3), of(0, 1, 1, 7)];
    const { p } = await fit(dosed, data, { parameters: { k: true, volume: true }, ...tight });
    expect(p.k).toBeCloseTo(k, 7);
    expect(p.volume).toBeCloseTo(volume, 6);
  });

  it("time spans, which begin where the state is known", async () => {
    const falling = odeProblem({ rhs: (u, p, t) => ({ a: -p.k * u.a + t }), u0: { a: 1 }, tspan: [0, 1], p: { k: 1 } });
    const k = 0.4;
    // a' = -k a + t has the solution t / k - 1 / k² beside those without t.
    const particular = (t: number): number => t / k - 1 / k ** 2;
    const of = (start: number, a0: number) => {
      const t = [0.5, 1, 2].map((later) => start + later);
      const a = t.map((time) => particular(time) + (a0 - particular(start)) * Math.exp(-k * (time - start)));
      return observations({ t, values: { a }, u0: { a: a0 }, tspan: [start, start + 2], sigma: 0.01 });
    };
    const { p } = await fit(falling, [of(0, 1), of(3, 2), of(-5, 0.5)], tight);
    expect(p.k).toBeCloseTo(k, 7);
  });

  it("inputs that are known at times, by a table among the covariates", async () => {
    const grid = { from: 0, to: 4 };
    const driven = odeProblem({
      rhs: (_u, p, t, constants) => ({
        y: p.gain * constants.interpolate({ values: p.input, from: constants.grid.from, to: constants.grid.to }, t),
      }),
      u0: { y: 0 },
      tspan: [0, 4],
      p: { gain: 1, input: [0, 0, 0, 0, 0] },
      constants: { interpolate, grid },
    });
    // Trapezia: y at the nodes is the gain times what they add up to.
    const of = (input: readonly number[]) => {
      const area = (n: number): number => sum(input.slice(0, n).map((left, i) => (left + input[i + 1]) / 2));
      return observations({
        t: [1, 2, 3, 4],
        values: { y: [1, 2, 3, 4].map((n) => 2.5 * area(n)) },
        p: { input: [...input] },
        sigma: 0.1,
      });
    };
    const data = [of([1, 0, 2, 3, 1]), of([0, -1, 4, 4, 0])];
    for (const optimiser of [levenbergMarquardt(), lbfgs()]) {
      const { p } = await fit(driven, data, { parameters: { gain: true }, optimiser, ...tight });
      expect(p.gain).toBeCloseTo(2.5, 6);
    }
  });

  it("values at the same time, each of which counts, in any order", async () => {
    const constant = odeProblem({ rhs: () => ({ m: 0 }), u0: { m: 0 }, tspan: [0, 2], p: {} });
    const data = observations({ t: [2, 1, 1, 1, 0], values: { m: [5, 1, 2, null, 4] }, sigma: { m: [1, 2, 0.5, 1, 1] } });
    const { u0, residuals } = await fit(constant, data, { initial: { m: true } });
    expect(u0.m).toBeCloseTo((5 + 1 / 4 + 2 * 4 + 4) / (1 + 1 / 4 + 4 + 1), 8);
    expect(residuals.map(({ t, observed }) => [t, observed])).toEqual([
      [2, 5],
      [1, 1],
      [1, 2],
      [0, 4],
    ]);
  });
});

it("observables that are functions of the state, parameters and time are those of linear regression", async () => {
  const decay = odeProblem({ rhs: (u) => ({ a: -u.a }), u0: { a: 1 }, tspan: [0, 3], p: { scale: 1, offset: 0, drift: 0 } });
  const t = [0.2, 0.5, 1, 1.5, 2, 3];
  const signal = [2.9, 2.6, 1.95, 1.75, 1.6, 1.7];
  const of = {
    signal: (u: { a: number }, p: { scale: number; offset: number; drift: number }, time: number) =>
      p.scale * u.a + p.offset + p.drift * time,
  };
  // The normal equations of 1, t and e^-t, by Gauss's elimination.
  const rows = t.map((time) => [Math.exp(-time), 1, time]);
  const matrix = [0, 1, 2].map((i) => [
    ...[0, 1, 2].map((j) => sum(rows.map((row) => row[i] * row[j]))),
    sum(rows.map((row, n) => row[i] * signal[n])),
  ]);
  for (let i = 0; i < 3; i++) {
    for (let k = 0; k < 3; k++) {
      if (k === i) continue;
      const factor = matrix[k][i] / matrix[i][i];
      matrix[k] = matrix[k].map((entry, j) => entry - factor * matrix[i][j]);
    }
  }
  const expected = matrix.map((row, i) => row[3] / row[i]);
  const data = observations({ t, values: { signal }, of });
  for (const optimiser of [levenbergMarquardt(), lbfgs()]) {
    const { p } = await fit(decay, data, { optimiser, ...tight });
    [p.scale, p.offset, p.drift].forEach((value, i) => expect(value, optimiser.name).toBeCloseTo(expected[i], 4));
  }
});

describe("what is known besides the data", () => {
  const line = odeProblem({ rhs: (_u, p) => ({ y: p.k }), u0: { y: 0 }, tspan: [0, 3], p: { k: 1, other: 2 } });
  const [t, y, sigma] = [[1, 2, 3], [2.2, 3.9, 6.3], 0.5];
  const data = observations({ t, values: { y }, sigma });

  it("by a normal prior weighs like one more datum", async () => {
    const found = await fit(line, data, { parameters: { k: { prior: { normal: [1, 0.2] } } } });
    const [information, known] = [sum(t.map((x) => x ** 2)) / sigma ** 2, 1 / 0.2 ** 2];
    expect(found.p.k).toBeCloseTo((sum(t.map((x, i) => x * y[i])) / sigma ** 2 + known) / (information + known), 8);
    expect(found.parameters[0].standardError).toBeCloseTo(1 / Math.sqrt(information + known), 8);
  });

  it("by a lognormal prior, at the mode of the density of the parameter itself", async () => {
    const [mean, deviation] = [Math.log(1.5), 0.1];
    const { p } = await fit(line, data, { parameters: { k: { prior: { lognormal: [mean, deviation] } } } });
    // Half the squares of residuals and of ln k, and ln k: their derivative by k is 0.
    const slope = (k: number): number =>
      sum(t.map((x, i) => (x * (k * x - y[i])) / sigma ** 2)) + (Math.log(k) - mean) / (k * deviation ** 2) + 1 / k;
    expect(slope(p.k) / (1 / deviation ** 2)).toBeCloseTo(0, 6);
  });

  it("what is not named stays as it is", async () => {
    const { p, parameters } = await fit(line, data, { parameters: { k: true } });
    expect(p.other).toBe(2);
    expect(parameters.map(({ name }) => name)).toEqual(["k"]);
    expect(p.k).toBeCloseTo(sum(t.map((x, i) => x * y[i])) / sum(t.map((x) => x ** 2)), 8);
  });
});

describe("what comes to no minimum returns the lowest misfit that it found, and why it ended", () => {
  // x = 1 / (1 - k t): without bound at t = 1 for k = 1.
  const explosive = odeProblem({ rhs: (u, p) => ({ x: p.k * u.x ** 2 }), u0: { x: 1 }, tspan: [0, 1], p: { k: 0.5 } });
  const data = observations({ t: [0.5, 1], values: { x: [1.8, 9] }, sigma: 0.1 });

  it("where steps are so long that it cannot be solved", async () => {
    const seen: number[] = [];
    const options = {
      optimiser: adam({ learningRate: 30 }),
      maxIterations: 8,
      onProgress: ({ value }: { value: number }) => void seen.push(value),
    };
    const found = await fit(explosive, data, options);
    expect(found.converged).toBe(false);
    expect(found.value / Math.min(...seen)).toBeCloseTo(1, 3);
    expect(found.warnings[0]).toMatch(
      /^It did not come to a minimum: .*\d+ of the points that were tried have no misfit; the last one: StepUnderflow: /,
    );
    expect(found.warnings[0]).not.toContain("throwOnFailure");
  });

  it("but a step that cannot be solved is no sign of a minimum, however little it promised", async () => {
    const far = observations({ t: [0.5, 1], values: { x: [1.8, 1e9] }, sigma: 0.01 });
    for (const optimiser of [levenbergMarquardt(), trustRegion()]) {
      const { p, converged } = await fit(explosive, far, { parameters: { k: { start: 0.1 } }, optimiser });
      // Nearly all of the misfit is the last value's, at k = 1 - 1e-9.
      expect(converged, optimiser.name).toBe(true);
      expect(p.k, optimiser.name).toBeCloseTo(1, 5);
    }
  });

  it("where there were too few iterations", async () => {
    const { converged, warnings } = await fit(explosive, data, { maxIterations: 1 });
    expect(converged).toBe(false);
    expect(warnings).toEqual([
      expect.stringMatching(/^It did not come to a minimum: ended after 1 iteration; raise maxIterations\. 2 of the points/),
    ]);
  });
});

it("where the parameters may meet all that was observed, no standard deviation is fitted without a word", async () => {
  const decay = odeProblem({
    rhs: (u, p) => ({ a: -p.k * u.a, b: p.k * u.a }),
    u0: { a: 1, b: 0 },
    tspan: [0, 5],
    p: { k: 0.5 },
  });
  const alone = await fit(decay, observations({ t: [1], values: { a: [0.5] } }));
  expect(alone.parameters[0].standardError).toBeNaN();
  expect(String(alone)).toMatch(/\n1 observation, \d+ iterations? of /);
  expect(alone.warnings).toEqual([
    '"a" has 1 observation, no more than there are parameters (1), and may be met exactly: a standard deviation cannot be fitted to that. ' +
      "Give one: sigma: { a: … }.",
  ]);
  const beside = observations({ t: { a: [1, 2, 3], b: [1] }, values: { a: [0.5, 0.2, 0.1], b: [0.6] } });
  expect((await fit(decay, beside)).warnings).toEqual([expect.stringContaining('"b" has 1 observation, no more')]);
  const { warnings } = await fit(decay, observations({ t: [1], values: { a: [0.5] }, sigma: 0.1 }));
  expect(warnings).toEqual([]);
});
