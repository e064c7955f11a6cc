/** Multiple shooting: its derivatives against differences, and fits that a single solution does not find. */
import { describe, expect, it } from "vitest";
import { odeProblem, remake } from "../../../src/problem/problem.ts";
import { experimentsOf } from "../../../training/objective/experiment.ts";
import { freeOf } from "../../../training/objective/model.ts";
import { segmentsOf, startsOf } from "../../../training/shooting/segments.ts";
import { sizesOf } from "../../../training/shooting/sizes.ts";
import { ShootingMisfit } from "../../../training/shooting/shooting-misfit.ts";
import { normals } from "../../../src/core/random.ts";
import { adam, BadData, BadParameter, BadStart, fit, lbfgs, multipleShooting, observations } from "../../../training/index.ts";

const oscillator = odeProblem({
  rhs(du, u, p) {
    du.x = u.v;
    du.v = -(p.w ** 2) * u.x - p.c * u.v;
  },
  u0: { x: 1, v: 0 },
  tspan: [0, 20],
  p: { w: 1, c: 0 },
});

/** Of w = 2 and c = 0.1, by the closed form. */
const times = Array.from({ length: 81 }, (_, i) => i / 4);
const position = (t: number): number => {
  const w = Math.sqrt(4 - 0.05 ** 2);
  return Math.exp(-0.05 * t) * (Math.cos(w * t) + (0.05 / w) * Math.sin(w * t));
};
const normal = normals(5);
const measured = times.map((t) => position(t) + 0.02 * normal());

describe("a fit of parts", () => {
  it.each([undefined, lbfgs()])("finds what one solution does not, though the speed is not observed: %#", async (optimiser) => {
    const data = observations({ t: times, values: { x: measured }, sigma: 0.02 });
    const damped = remake(oscillator, { p: { w: 1, c: 0.1 } });
    const parameters = { w: true } as const;
    const alone = await fit(damped, data, { parameters });
    expect(Math.abs(alone.p.w - 2)).toBeGreaterThan(0.5);
    const { p, gap } = await multipleShooting(damped, data, { parameters, segments: 10, optimiser });
    expect(p.w).toBeCloseTo(2, 2);
    expect(gap).toBeLessThan(0.02);
    const fitted = await fit(remake(damped, { p }), data, { parameters });
    expect(fitted.p.w).toBeCloseTo(2, 2);
    // Residuals in standard deviations: half of each is half of one's square.
    expect(fitted.value / 81).toBeLessThan(0.8);
  });

  it.each([0.1, 0.4, "fitted"] as const)("finds it whatever its deviation is thought to be: %s", async (sigma) => {
    const data = observations({ t: times, values: { x: measured }, sigma });
    const damped = remake(oscillator, { p: { w: 1, c: 0.1 } });
    const { p, iterations } = await multipleShooting(damped, data, { parameters: { w: true }, segments: 10 });
    expect(p.w).toBeCloseTo(2, 2);
    expect(iterations).toBeLessThan(60);
  });

  it("takes no more iterations than it may, the last of them with gaps that count in full", async () => {
    const data = observations({ t: times, values: { x: measured }, sigma: 0.02 });
    const seen: number[] = [];
    const onProgress = ({ iteration }: { iteration: number }): void => void seen.push(iteration);
    const options = {
      parameters: { w: true },
      segments: 10,
      maxIterations: 7,
      optimiser: adam({ learningRate: 1e-6 }),
      onProgress,
    } as const;
    const { iterations, ended } = await multipleShooting(oscillator, data, options);
    expect(iterations).toBe(7);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(ended).toContain("ended after 7 iterations");
  });

  it.each([undefined, lbfgs()])("is the same in any units: %#", async (optimiser) => {
    const fitIn = (unit: number): Promise<{ p: { w: number }; u0: { v: number }; gap: number }> => {
      const data = observations({ t: times, values: { x: measured.map((x) => unit * x) }, sigma: 0.02 * unit });
      const model = remake(oscillator, { p: { w: 1, c: 0.1 }, u0: { x: unit, v: 0 } });
      const parameters = { w: true } as const;
      return multipleShooting(model, data, { parameters, segments: 10, optimiser });
    };
    const { p, gap } = await fitIn(1);
    for (const unit of [1e-9, 1e6]) {
      const other = await fitIn(unit);
      expect(other.p.w).toBeCloseTo(p.w, 4);
      expect(other.gap).toBeCloseTo(gap, 4);
    }
  });

  it("counts what is not observed by the solution at the start, whatever its last states grow to", () => {
    const growing = odeProblem({ rhs: (u, p) => ({ x: 0, y: p.k * u.y }), u0: { x: 3, y: 0.5 }, tspan: [0, 40], p: { k: 1 } });
    const t = [0, 1, 2, 3, 40];
    const free = (experiments: ReturnType<typeof experimentsOf>) => freeOf("test", experiments, {});
    const sizes = (x: readonly number[]): number[] => {
      const experiments = experimentsOf("test", growing, observations({ t, values: { x } }));
      return [...sizesOf(experiments, free(experiments), {})];
    };
    // Of y: 0.5 at the start, then e^t / 2.
    expect(sizes([3, 4, 3, 4, 3])[0]).toBeCloseTo(Math.sqrt((3 * 9 + 2 * 16) / 5), 12);
    expect(sizes([3, 4, 3, 4, 3])[1]).toBeCloseTo(Math.exp(2) / 2, 2);
    expect(sizes([0, 0, 0, 0, 0])[0]).toBe(3);
  });

  it("of one part is a fit", async () => {
    const data = observations({ t: times.slice(0, 20), values: { x: measured.slice(0, 20) } });
    const options = { parameters: { w: { bounds: [1, 3] }, c: true } as const, initial: { v: true } as const };
    const near = remake(oscillator, { p: { w: 1.8, c: 0 } });
    const [one, whole] = [await multipleShooting(near, data, { ...options, segments: 1 }), await fit(near, data, options)];
    expect(one.p.w).toBeCloseTo(whole.p.w, 5);
    expect(one.u0.v).toBeCloseTo(whole.u0.v, 5);
    expect(one.value).toBeCloseTo(whole.value, 5);
    expect(one.gap).toBe(0);
  });
});

it("hears an abort whose time comes while it goes on", async () => {
  const data = observations({ t: times, values: { x: measured }, sigma: 0.02 });
  const options = { optimiser: adam({ learningRate: 1e-6 }), maxIterations: 500, signal: AbortSignal.timeout(100) };
  await expect(multipleShooting(oscillator, data, options)).rejects.toThrow("aborted");
});

it("its gradient and its Jacobian are those of differences, with priors, scales, observables and several experiments", async () => {
  const sums = (u: { x: number; v: number }, p: { w: number }, t: number, i: number): number =>
    u.x + 0.1 * p.w * u.v + 0.01 * i + 0.1 * t;
  const data = [
    observations({ t: times.slice(0, 12), values: { x: measured.slice(0, 12), sum: measured.slice(1, 13) }, of: { sum: sums } }),
    observations({ t: [0.5, 1, 2, 3, 4, 5], values: { v: [1, 0, 2, -1, 0.5, 1] }, u0: { x: 0.5, v: 0 }, sigma: 0.3 }),
  ];
  const experiments = experimentsOf("test", oscillator, data);
  const parameters = { w: { scale: "log", prior: { normal: [1, 0.5] } }, c: true } as const;
  const free = freeOf("test", experiments, { parameters, initial: { v: true } });
  const segments = segmentsOf(experiments, 3, free.list.length, 2);
  const sizes = sizesOf(experiments, free, {});
  const starts = startsOf(segments, sizes);
  expect(starts).toHaveLength(8);
  expect(starts[0]).toBe(measured[3] / sizes[0]);
  const x = Float64Array.from([...free.start, ...starts], (value, i) => value + 0.05 * Math.sin(i));
  const misfit = new ShootingMisfit(segments, free, { sizes, continuity: 3 }, x.length, { rtol: 1e-10, atol: 1e-10 });
  const { value, gradient } = await misfit.gradient(x);
  const { value: same, residuals, jacobian } = await misfit.leastSquares(x);
  expect(same).toBeCloseTo(value, 8);
  // 12 times 2 of the first, 6 of the second, 8 gaps, a prior.
  expect(residuals).toHaveLength(24 + 6 + 8 + 1);
  for (const j of x.keys()) {
    const h = 1e-5;
    const moved = async (by: number): Promise<number> =>
      (await misfit.gradient(x.map((one, i) => (i === j ? one + by : one)))).value;
    const difference = ((await moved(h)) - (await moved(-h))) / (2 * h);
    expect(Math.abs(gradient[j] - difference)).toBeLessThan(1e-5 * Math.max(1, Math.abs(difference)));
    const product = residuals.reduce((sum, r, i) => sum + r * jacobian[i * x.length + j], 0);
    expect(Math.abs(product - gradient[j])).toBeLessThan(1e-6 * Math.max(1, Math.abs(gradient[j])));
  }
});

describe("bad input is refused by name", () => {
  const data = observations({ t: times.slice(0, 9), values: { x: measured.slice(0, 9) } });
  const explosive = odeProblem({ rhs: (u, p) => ({ x: p.k * u.x ** 2 }), u0: { x: 1 }, tspan: [0, 2], p: { k: 50 } });
  const switched = remake(oscillator, { events: [{ at: [1], apply: (_u, p) => void (p.c = 0.1) }] });
  it.each([
    [
      "more segments than times allow",
      () => multipleShooting(oscillator, data),
      BadData,
      "9 times, fewer than two for each of 5 segments",
    ],
    [
      "nothing that is free",
      () => multipleShooting(oscillator, data, { segments: 2, parameters: {} }),
      BadParameter,
      "nothing is free",
    ],
    ["no gap that counts", () => multipleShooting(oscillator, data, { continuity: 0 }), Error, "continuity is 0"],
    [
      "parameters that events change",
      () => multipleShooting(switched, data, { segments: 2 }),
      BadData,
      "multipleShooting: an event changes p.c",
    ],
    ["an unknown option", () => multipleShooting(oscillator, data, { groups: 3 } as never), Error, "groups"],
    [
      "a start that cannot be solved",
      () => multipleShooting(explosive, data, { segments: 2 }),
      BadStart,
      "no misfit at the start",
    ],
  ])("%s", async (_, run, Refusal, message) => {
    await expect(run).rejects.toThrow(Refusal);
    await expect(run).rejects.toThrow(message);
  });
});
