import type { PlotOptions } from "@observablehq/plot";
import { describe, expect, it } from "vitest";
import { bandsFigure, type Bands } from "../../plot/bands.ts";
import { barsFigure } from "../../plot/bars.ts";
import { curvesFigure } from "../../plot/curves.ts";
import { fieldFigure } from "../../plot/field.ts";
import { fieldsOf } from "../../plot/fields.ts";
import { odeProblem, solve } from "../../index.ts";
import { seriesFigure } from "../../plot/series.ts";
import { solutionFigure } from "../../plot/solution.ts";
import { layoutOf } from "../../src/arrays/layout.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;

describe("series", () => {
  it("draws one line a component, with axes and a legend", async () => {
    const svg = (
      await seriesFigure(
        {
          t: [0, 1, 2],
          u: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          names: ["prey", "a<b"],
        },
        "Two & two",
      )
    ).toSvg();
    expect(count(svg, /<path [^>]*stroke="#(?:4269d0|efb118)"/)).toBe(2);
    for (const text of ["Two &#38; two", "prey", "a&#60;b", "time t", "state u"]) expect(svg).toContain(text);
  });

  it("draws a line at each time of a switch, and its text once", async () => {
    const switches = [
      { text: "u.h > p.weir", times: [0.5, 1.5] },
      { text: "never met", times: [] },
      { text: "t > p.lag", times: [1] },
    ];
    const svg = (await seriesFigure({ t: [0, 1, 2], u: [[1], [3], [5]], names: ["h"], switches }, "Weir")).toSvg();
    expect(svg.match(/<g [^>]*stroke-dasharray="5 3".*?<\/g>/s)![0].split("<line").length - 1).toBe(2);
    expect(svg.match(/<g [^>]*stroke-dasharray="1 3".*?<\/g>/s)![0].split("<line").length - 1).toBe(1);
    expect(count(svg, "u.h &#62; p.weir")).toBe(1);
    expect(svg).not.toContain("never met");
  });

  it("draws those of a solution", async () => {
    const tank = odeProblem({
      rhs(du: { h: number }, u: { h: number }, p: { inflow: number; weir: number }) {
        du.h = p.inflow - (u.h > p.weir ? 2 * (u.h - p.weir) : 0);
      },
      u0: { h: 0 },
      p: { inflow: 1, weir: 0.5 },
      tspan: [0, 2],
    });
    const svg = (await solutionFigure(solve(tank), tank.layout.u, "Tank")).toSvg();
    expect(count(svg, /stroke-dasharray="5 3"/)).toBe(1);
    expect(svg).toContain("u.h &#62; p.weir");
  });

  it("chooses components where there are many, and says so", async () => {
    const names = Array.from({ length: 25 }, (_, i) => `u[${i}]`);
    const figure = await seriesFigure({ t: [0, 1], u: [names.map((_, i) => i), names.map((_, i) => -i)], names }, "Many");
    expect(figure.title).toBe("Many (10 of 25 components)");
    expect(figure.legend?.map(({ name }) => name)).toEqual([0, 3, 5, 8, 11, 13, 16, 19, 21, 24].map((i) => `u[${i}]`));
  });
});

it("text has the size that the plot asks for", async () => {
  const svg = (await seriesFigure({ t: [0, 1], u: [[1], [2]], names: ["x"] }, "One")).toSvg();
  expect(svg).toMatch(/<svg class="plot[^>]* style="font-size: 12px"/);
});

describe("fields", () => {
  const state = {
    w: ndarray(
      new Float64Array(2 * 4 * 5).map((_, i) => i),
      [2, 4, 5],
    ),
    k: 1,
    s: [1, 2, 3],
  };
  const layout = layoutOf(state, "u0");

  it("finds every plane of every grid, and no vectors", () => {
    const flat = new Float64Array(layout.size).map((_, i) => 10 * i);
    const fields = fieldsOf(layout, flat);
    expect(fields.map(({ name, rows, columns }) => [name, rows, columns])).toEqual([
      ["w[0]", 4, 5],
      ["w[1]", 4, 5],
    ]);
    expect(fields[1].values[0]).toBe(200);
    expect(fieldsOf(layoutOf([1, 2, 3, 4, 5], "u0"), new Float64Array(5))).toEqual([]);
  });

  it("draws one rectangle a cell, row 0 at the bottom, and a ramp", async () => {
    const svg = (
      await fieldFigure([{ name: "v", rows: 4, columns: 5, values: Array.from({ length: 20 }, (_, i) => i) }], "Field")
    ).toSvg();
    expect(count(svg, "<rect ")).toBe(1 + 20 + 128);
    // Viridis runs from dark violet to yellow.
    const cells = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="[\d.]+" fill="([^"]+)"/g)].map(
      ([, x, y, fill]) => ({ x: +x, y: +y, fill }),
    );
    expect(cells[0].fill).toBe("#440154");
    expect(cells[19].fill).toBe("#fde725");
    expect(cells[0].y).toBeGreaterThan(cells[19].y);
    expect(cells[0].x).toBeLessThan(cells[19].x);
  });

  it("centres the colours at zero where signs mix", async () => {
    const figure = await fieldFigure(
      [{ name: "v", rows: 4, columns: 4, values: Array.from({ length: 16 }, (_, i) => i - 3) }],
      "Gradient",
    );
    expect((figure.plots[0] as PlotOptions).color).toMatchObject({ type: "diverging", domain: [-12, 12], pivot: 0 });
  });

  it("draws a constant field", async () => {
    expect((await fieldFigure([{ name: "v", rows: 4, columns: 4, values: new Float64Array(16) }], "Zero")).toSvg()).not.toContain(
      "NaN",
    );
  });
});

it("draws bars, the largest where there are many", async () => {
  const bars = Array.from({ length: 40 }, (_, i) => ({ name: `p[${i}]`, value: i % 2 ? i : -i }));
  const figure = await barsFigure(bars, "Gradient", "derivative");
  expect(figure.title).toBe("Gradient (the 30 largest of 40 components)");
  const svg = figure.toSvg();
  expect(svg).toContain("p[39]");
  expect(svg).not.toContain("p[9]");
});

describe("bands", () => {
  const bandsOf = (names: string[]): Bands => {
    const at = (value: number): number[][] => [0, 1, 2].map(() => names.map((_, component) => 10 ** component * value));
    return { t: [0, 1, 2], quantiles: { 5: at(1), 25: at(2), 50: at(3), 75: at(4), 95: at(5) }, names };
  };

  it("has a panel a component: two areas and the median", async () => {
    const figure = await bandsFigure({ ...bandsOf(["x (mg)", "y"]), timeLabel: "time t (h)" }, "Two");
    expect(figure.plots.length).toBe(2);
    const svg = figure.toSvg();
    expect(count(svg, 'aria-label="area"')).toBe(4);
    expect(count(svg, 'aria-label="line"')).toBe(2);
    expect(count(svg, "time t (h)")).toBe(2);
    for (const text of ["x (mg)", "median", "25 to 75 %", "5 to 95 %"]) expect(svg).toContain(text);
  });

  it("shows the first components where there are many, and says so", async () => {
    const figure = await bandsFigure(bandsOf(["a", "b", "c", "d", "e"]), "Many");
    expect(figure.plots.length).toBe(4);
    expect(figure.title).toBe("Many (the first 4 of 5 components)");
    expect(figure.toSvg()).toContain("time t");
  });
});

describe("curves", () => {
  it("share a colour by name over all panels, and are dashed where asked", async () => {
    const axes = { x: { label: "seconds", log: true }, y: { label: "error", log: true } };
    const points = [1, 10, 100].map((x) => ({ x, y: 1 / x }));
    const svg = (
      await curvesFigure(
        [
          { title: "left", ...axes, curves: [{ name: "gauss", points }] },
          {
            title: "right",
            ...axes,
            curves: [
              { name: "dual", points, dashed: true },
              { name: "gauss", points },
            ],
          },
        ],
        "Two panels",
      )
    ).toSvg();
    expect(count(svg, /<g [^>]*stroke="#4269d0"/)).toBe(2);
    expect(count(svg, /<g [^>]*stroke="#efb118"[^>]*stroke-dasharray/)).toBe(1);
    expect(count(svg, "<circle")).toBe(9);
    for (const text of ["left", "right", "seconds", "error"]) expect(svg).toContain(text);
  });
});
