/** Pictures of fits: what is drawn, how often, and what is said of what is left out. */
import type { PlotOptions } from "@observablehq/plot";
import { beforeAll, describe, expect, it } from "vitest";
import {
  fitFigure,
  lossFigure,
  pairsFigure,
  profilesFigure,
  residualsFigure,
  show,
  termsFigure,
  waterfallFigure,
  type FittedObservation,
} from "../../plot/index.ts";
import { jupyterDisplay } from "../../plot/notebook.ts";
import { odeProblem } from "../../src/problem/problem.ts";
import { fit, multiStart, observations, sample, type Fit } from "../../training/index.ts";

const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;
/** Of each panel, whose elements have this name. */
const elements = (svg: string, tag: string, attributes: string): number => count(svg, new RegExp(`<${tag} [^>]*${attributes}`));

const decay = odeProblem({
  rhs: (u, p) => ({ a: -p.k * u.a, b: p.k * u.a - p.m * u.b }),
  u0: { a: 1, b: 0 },
  tspan: [0, 4],
  p: { k: 1, m: 0.5 },
});
const data = observations({ t: [0.5, 1, 2, 3], values: { a: [0.62, 0.36, 0.14, 0.04], b: [0.3, null, 0.5, 0.4] }, sigma: 0.03 });
let fitted: Fit;
beforeAll(async () => {
  fitted = await fit(decay as never, data);
});

const observation = (k: Partial<FittedObservation>): FittedObservation => {
  return { experiment: 0, name: "a", t: 0, observed: 1, predicted: 1.1, residual: -0.5, ...k };
};

describe("data with a fit", () => {
  it("are a panel for each name, a dot for each observation, and a line", async () => {
    const figure = await fitFigure({ residuals: fitted.residuals, labels: { a: "a (mg)" }, timeLabel: "time (h)" }, "Decay");
    const svg = figure.toSvg();
    expect(figure.plots).toHaveLength(2);
    expect(figure.legend.map(({ name }) => name)).toEqual(["observed", "fit"]);
    // Those of the legend have no group of Plot's about them.
    expect(elements(svg, "circle", 'r="3"')).toBe(7);
    for (const text of [">a (mg)<", ">b<", ">time (h)<", ">Decay<"]) expect(svg).toContain(text);
  });

  it("have bands of the prediction and of observations, with their level", async () => {
    const t = [0, 2, 4];
    const band = { value: [1, 1, 1], lower: [0.9, 0.9, 0.9], upper: [1.1, 1.1, 1.1] };
    const observed = { lower: [0.5, 0.5, 0.5], upper: [1.5, 1.5, 1.5] };
    const predictions = { t, level: 0.9, bands: { a: { ...band, observed }, b: band } };
    const figure = await fitFigure({ residuals: fitted.residuals, predictions }, "Bands");
    expect(figure.legend.map(({ name }) => name)).toEqual(["observed", "fit", "90 % of the prediction", "90 % of observations"]);
    const svg = figure.toSvg();
    expect(count(svg, 'aria-label="area"')).toBe(3);
  });

  it("have no bands where the data do not determine the prediction", async () => {
    const none = [NaN, NaN];
    const band = { value: [1, 1], lower: none, upper: none, observed: { lower: none, upper: none } };
    const figure = await fitFigure({ residuals: fitted.residuals, predictions: { t: [0, 1], bands: { a: band } } }, "None");
    expect(figure.legend.map(({ name }) => name)).toEqual(["observed", "fit"]);
    expect(figure.toSvg()).not.toContain("NaN");
  });

  it.each([
    [[1.1], 1],
    [[1.1, NaN], 1],
    [[NaN, 1.1, NaN, 1.2], 2],
    [[1.1, 1.2, NaN, 1.3, 1.4], 0],
    [[NaN, NaN], 0],
  ])("have a cross for each prediction to which no line leads: %j", async (value, crosses) => {
    const t = value.map((_, k) => k);
    const figure = await fitFigure(
      { residuals: [observation({ t: 0 })], predictions: { t, bands: { a: { value } } } },
      "Crosses",
    );
    const [, , last = ""] = figure.toSvg().split('aria-label="dot"');
    expect(count(last, "<path")).toBe(crosses);
  });

  it("of several experiments are told apart without colours", async () => {
    const residuals = Array.from({ length: 10 }, (_, experiment) => [0, 1].map((t) => observation({ experiment, t }))).flat();
    const figure = await fitFigure({ residuals }, "Subjects");
    expect(figure.title).toBe("Subjects (the first 8 of 10 experiments)");
    expect(new Set(figure.legend.map(({ mark, dash }) => `${mark} ${dash}`)).size).toBe(8);
    expect(figure.legend[1].name).toBe("experiment 2");
  });

  it("of many names are the first, with names that are too long without their middle", async () => {
    const residuals = Array.from({ length: 14 }, (_, k) => observation({ name: `${"long ".repeat(30)}${k}` }));
    const figure = await fitFigure({ residuals }, "Network");
    expect(figure.title).toBe("Network (the first 12 of 14 names)");
    expect(figure.plots).toHaveLength(12);
    expect(figure.toSvg()).toMatch(/>long long [^<]*…[^<]*long 13?</);
  });

  it("of one observation have a mark for its prediction", async () => {
    const svg = (await fitFigure({ residuals: [observation({})] }, "One")).toSvg();
    expect(elements(svg, "circle", 'r="3"')).toBe(1);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("of thousands have small dots below the line", async () => {
    const residuals = Array.from({ length: 5000 }, (_, i) => observation({ t: i, observed: Math.sin(i / 700), predicted: 0 }));
    const svg = (await fitFigure({ residuals }, "Many")).toSvg();
    expect(elements(svg, "circle", 'r="1.2"')).toBe(5000);
    expect(svg.indexOf('aria-label="line"')).toBeGreaterThan(svg.indexOf('aria-label="dot"'));
  });

  it("as residuals have lines at zero and about what is usual", async () => {
    const figure = await residualsFigure({ residuals: fitted.residuals }, "Left");
    const svg = figure.toSvg();
    expect(elements(svg, "circle", 'r="3"')).toBe(7);
    expect(count(svg, /aria-label="rule"/)).toBe(4);
    expect(figure.legend.map(({ name }) => name)).toEqual(["residual in standard deviations", "± 1.96"]);
  });
});

describe("a loss", () => {
  it("that falls by much has a logarithmic axis, held-out data a line of their own", async () => {
    const course = [100, 10, 1, 0.1].map((value, i) => ({
      step: i + 1,
      steps: 4,
      value,
      ...(i % 2 ? { heldOut: 2 * value } : {}),
    }));
    const figure = await lossFigure(course, "Training");
    expect((figure.plots[0] as PlotOptions).y).toMatchObject({ type: "log" });
    expect(figure.legend.map(({ name }) => name)).toEqual(["loss", "held out"]);
  });

  it.each([[[3]], [[5, 4]], [[10, -100]]])("of %j has a linear one", async (values) => {
    const figure = await lossFigure(
      values.map((value, iteration) => ({ iteration, value })),
      "Fit",
    );
    expect((figure.plots[0] as PlotOptions).y).toMatchObject({ type: "linear" });
    expect(elements(figure.toSvg(), "circle", 'r="3"')).toBe(values.length);
  });
});

describe("fits from many starts", () => {
  it("are ranked above the lowest, and those that failed are counted", async () => {
    const starts = [5, 2, Infinity, 2.001, 300].map((value) => ({ value }));
    const figure = await waterfallFigure(starts, "Starts");
    expect(figure.title).toBe("Starts (1 of 5 starts failed)");
    expect(figure.legend.map(({ name }) => name)).toEqual(["2 at the lowest", "2 elsewhere"]);
    expect((figure.plots[0] as PlotOptions).y).toMatchObject({ type: "symlog", ticks: [0, 1, 10, 100] });
    expect(elements(figure.toSvg(), "circle", 'r="3"')).toBe(4);
  });

  it.each([
    [1e7, [0, 1, 2, 3, 4, 5, 6, 7]],
    [3e8, [0, 2, 4, 6, 8]],
    [1e150, [0, 19, 38, 57, 76, 95, 114, 133]],
  ])("have ticks that are apart, up to %d: 0, and the powers %j of ten", async (value, powers) => {
    const figure = await waterfallFigure([{ value: 0 }, { value }], "Starts");
    expect((figure.plots[0] as PlotOptions).y).toMatchObject({ ticks: [0, ...powers.map((k) => 10 ** k)] });
  });
});

describe("profiles", () => {
  const points = [-3, -2, -1, 0, 1, 2, 3].map((z) => ({
    at: 1 + z / 10,
    value: 5 + z ** 2 / 2,
    parameters: new Float64Array(1),
  }));
  const profile = { name: "k", of: "p", best: 1, lower: 0.804, upper: Infinity, points };

  it("have the threshold, the ends that there are, and no points far above", async () => {
    const figure = await profilesFigure({ threshold: 6.92, level: 0.95, profiles: [profile] }, "Profiles", { k: "k (1/h)" });
    const svg = figure.toSvg();
    expect((figure.plots[0] as PlotOptions).y).toMatchObject({ domain: [5, expect.closeTo(7.88)] });
    expect(elements(svg, "circle", 'r="3"')).toBe(5);
    expect(elements(svg, "circle", 'r="4.5"')).toBe(1);
    expect(count(svg, /<line /)).toBeGreaterThanOrEqual(2);
    expect(svg).toContain(">k (1/h)<");
    expect(figure.legend.at(-1)!.name).toBe("threshold of 95 %, ends of the interval");
  });

  it("of many parameters are the first twelve in rows", async () => {
    const profiles = Array.from({ length: 13 }, (_, i) => ({ ...profile, name: `k${i}` }));
    const figure = await profilesFigure({ threshold: 6.92, level: 0.95, profiles }, "Profiles");
    expect(figure.title).toBe("Profiles (the first 12 of 13 parameters)");
    // Three beside each other, four below.
    expect(figure.toSvg()).toMatch(/^<svg [^>]*width="992" height="1\d{3}"/);
  });
});

describe("draws in pairs", () => {
  const draws = (names: number, length = 50): Parameters<typeof pairsFigure>[0] => {
    const get = (c = 0, i = 0, j = 0): number => (j === 1 ? 1 : -1) * (c * length + i);
    return { names: Array.from({ length: names }, (_, j) => `k${j}`), draws: { shape: [2, length, names], get } };
  };

  it("are a cell for each pair, the correlation across from it, and how often on the diagonal", async () => {
    const figure = await pairsFigure(draws(3), "Posterior");
    const svg = figure.toSvg();
    expect(figure.plots).toHaveLength(9);
    expect(count(svg, 'aria-label="dot"')).toBe(3);
    expect(count(svg, 'aria-label="rect"')).toBe(3);
    expect([count(svg, ">-1.00<"), count(svg, ">1.00<")]).toEqual([2, 1]);
  });

  it("of many parameters are the first eight, and of many draws evenly spaced ones", async () => {
    const figure = await pairsFigure(draws(12, 2000), "Posterior");
    expect(figure.title).toBe("Posterior (the first 8 of 12 parameters)");
    const dots = count(figure.toSvg(), /<circle /) - 1;
    expect(dots / 28).toBeGreaterThan(200);
    expect(dots / 28).toBeLessThanOrEqual(300);
  });
});

it("trained terms are beside the truth, in lines that differ without colours", async () => {
  const figure = await termsFigure([{ name: "f", at: [0, 1, 2], trained: [0, 1, 1], truth: [0, 1, 2] }], "Law", "x");
  expect(figure.legend.map(({ dash }) => dash)).toEqual([undefined, "6 4"]);
  expect(count(figure.toSvg(), 'aria-label="line"')).toBe(2);
});

it("nothing to draw, and other things, are refused by name", async () => {
  await expect(fitFigure({ residuals: [] }, "x")).rejects.toThrow("residuals is empty, and there is nothing to draw");
  await expect(fitFigure({ residual: [] } as never, "x")).rejects.toThrow('fitFigure: there is no "residual"');
  await expect(fitFigure({ residuals: [{ t: 1 }] } as never, "x")).rejects.toThrow("residuals[0].experiment");
  await expect(lossFigure([], "x")).rejects.toThrow("course is empty");
  await expect(waterfallFigure([3] as never, "x")).rejects.toThrow("starts[0] is 3, but must be an object with value");
  await expect(profilesFigure({ threshold: 1, level: 0.95, profiles: [] }, "x")).rejects.toThrow("profiles is empty");
  await expect(pairsFigure({ names: [], draws: { shape: [1, 1, 0], get: () => 0 } }, "x")).rejects.toThrow("names is empty");
  await expect(termsFigure([{ name: "f", at: [0], trained: [], truth: [0] }], "x")).rejects.toThrow(
    "terms[0].trained has 0 entries, but must have 1: one for each place in `at`",
  );
});

it("a notebook shows what fits and samplers return", async () => {
  const bundle = await show(fitted)[jupyterDisplay]();
  expect(bundle["text/html"]).toContain("<svg");
  expect(bundle["text/plain"]).toBe(String(fitted));
  const starts = await multiStart(decay, data, { starts: 2 });
  expect((await show(starts)[jupyterDisplay]())["text/html"]).toContain("at the lowest");
  const posterior = await sample(decay, data, { chains: 1, warmup: 20, draws: 20 });
  expect((await show(posterior)[jupyterDisplay]())["text/html"]).toContain("their correlation");
  const points = [{ at: 1, value: 2 }];
  const profiles = { threshold: 3, level: 0.95, profiles: [{ name: "k", best: 1, lower: 0, upper: 2, points }] };
  expect((await show(profiles)[jupyterDisplay]())["text/html"]).toContain("threshold of 95 %");
});
