import { describe, expect, it } from "vitest";
import { variation, variedRows, type Variation } from "../../../cli/batch/vary.ts";
import { BadOptionValue, UnknownComponent } from "../../../cli/messages/errors.ts";
import { ndarray, odeProblem, type OdeProblem } from "../../../index.ts";

const problem = odeProblem({
  name: "mixed",
  rhs: (du, u: number[], p: { k: number; w: ReturnType<typeof ndarray> }) => {
    du[0] = p.k * u[0] + p.w.get(0, 1);
    du[1] = -u[1];
  },
  u0: [1, 2],
  p: { k: 3, w: ndarray(Float64Array.of(4, 5), [1, 2]) },
  tspan: [0, 1],
}) as unknown as OdeProblem;

const all = (...texts: string[]): Variation[] => texts.reduce((before: Variation[], text) => variation(text, before), []);

/** Mean and deviation of many values of a distribution. */
function moments(text: string, of = (x: number) => x): [mean: number, deviation: number, least: number, most: number] {
  const count = 20_000;
  const { u0 } = variedRows(problem, all(`u0[1]=${text}`), count, 1);
  const values = Array.from({ length: count }, (_, m) => of(u0!.get(m, 1)));
  const mean = values.reduce((a, b) => a + b) / count;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  return [mean, Math.sqrt(variance), Math.min(...values), Math.max(...values)];
}

describe("distributions", () => {
  it("uniform", () => {
    const [mean, deviation, least, most] = moments("uniform(2,8)");
    expect(mean).toBeCloseTo(5, 1);
    expect(deviation).toBeCloseTo(6 / Math.sqrt(12), 1);
    expect(least).toBeGreaterThan(2);
    expect(most).toBeLessThan(8);
  });

  it("normal", () => {
    const [mean, deviation] = moments("normal(-3,0.5)");
    expect(mean).toBeCloseTo(-3, 1);
    expect(deviation).toBeCloseTo(0.5, 1);
  });

  it("loguniform: the logarithm is uniform", () => {
    const [mean, deviation, least, most] = moments("loguniform(0.01,100)", Math.log10);
    expect(mean).toBeCloseTo(0, 1);
    expect(deviation).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(least).toBeGreaterThan(-2);
    expect(most).toBeLessThan(2);
  });

  it("linspace: even steps from the first to the last", () => {
    const { u0 } = variedRows(problem, all("u0[0]=linspace(3,-1)"), 5, 1);
    expect([0, 1, 2, 3, 4].map((m) => u0!.get(m, 0))).toEqual([3, 2, 1, 0, -1]);
  });
});

describe("rows", () => {
  it("hold the problem's own values but where something varies, and are there only for what varies", () => {
    const { u0, p } = variedRows(problem, all("p.w[0,1]=linspace(7,8)"), 2, 1);
    expect(u0).toBeUndefined();
    expect([...p!.data]).toEqual([3, 4, 7, 3, 4, 8]);
  });

  it("are the same for the same seed, whatever the number of trajectories, and others for another", () => {
    const texts = all("u0[0]=uniform(0,1)", "p.k=normal(0,1)");
    const draw = (count: number, seed: number): number[] => {
      const { u0, p } = variedRows(problem, texts, count, seed);
      return [0, 1, 2].flatMap((m) => [u0!.get(m, 0), p!.get(m, 0)]);
    };
    expect(draw(3, 5)).toEqual(draw(50, 5));
    expect(draw(3, 5)).not.toEqual(draw(3, 6));
    expect(draw(3, 0).every(Number.isFinite)).toBe(true);
  });
});

describe("what cannot be", () => {
  it.each([
    "p.k",
    "p.k=uniform",
    "p.k=uniform(1)",
    "p.k=uniform(1,2",
    "p.k=uniform(1,2,3)",
    "p.k=uniform(a,2)",
    "p.k=gamma(1,2)",
    "p.k=toString(1,2)",
    "=uniform(1,2)",
    "p.k=uniform(1,Infinity)",
  ])("%s", (text) => {
    expect(() => variation(text)).toThrow(BadOptionValue);
    expect(() => variation(text)).toThrow(/component=distribution.*normal\(mean,deviation\)/);
  });

  it.each([
    ["p.k=loguniform(0,2)", /above zero/],
    ["p.k=normal(0,-1)", /deviation of zero or more/],
  ])("%s", (text, message) => expect(() => variation(text)).toThrow(message));

  it("one component twice", () => {
    expect(() => all("p.k=uniform(1,2)", "p.k=normal(1,2)")).toThrow(/p\.k is varied twice/);
  });

  it.each(["p.j", "p.w", "u0[2]", "k", "u0.k"])("no component %s", (component) => {
    const vary = (): unknown => variedRows(problem, all(`${component}=uniform(1,2)`), 2, 1);
    expect(vary).toThrow(UnknownComponent);
    expect(vary).toThrow(/Its components: u0\[0\], u0\[1\], p\.k, p\.w\[0,0\], p\.w\[0,1\]/);
  });
});
