import { describe, expect, it } from "vitest";
import { choices } from "../../bench/adjoints/choices.ts";
import { errorOf, paperCases } from "../../bench/adjoints/cases.ts";
import { barAt, defaults } from "../../bench/adjoints/defaults.ts";
import { measureEach, referenceOf } from "../../bench/adjoints/measure.ts";
import { scale } from "../../bench/adjoints/scaling.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";

const [lotkaVolterra, cells, pollution, pkpd] = paperCases();

describe("errors", () => {
  it("are relative to the reference's length", () => {
    expect(errorOf(lotkaVolterra, [3, 4.5, 0, 0], new Float64Array([3, 4, 0, 0]))).toBeCloseTo(0.1, 14);
  });

  it("of pollution are those of the logarithmic derivatives", () => {
    const reference = referenceOf(pollution, pollution.rtol);
    // k_3 dL/dk_3 = -1.92e-5 among others of about 0.1, though dL/dk_4 = -168 is the largest derivative.
    const other = reference.with(2, 2 * reference[2]);
    expect(errorOf(pollution, other, reference)).toBeCloseTo(
      1.917e-5 / Math.hypot(0.42628, 0.43428, 0.14488, 0.0635, 0.0664, 0.18122, 0.1161, 0.0545),
      6,
    );
  });
});

it.each([
  ["lotkaVolterra", lotkaVolterra, "backsolve", 1e-3],
  ["brusselatorCells", cells, "gauss", 1e-3],
  ["pollution", pollution, "gauss", 1e-2],
  ["pkpd", pkpd, "discrete", 1e-3],
] as const)("%s at the paper's tolerances", (_, task, adjoint, bound) => {
  const [found] = measureEach(task, [{ adjoint, vjp: "source" }], task.rtol, referenceOf(task, 1e-11));
  expect(found).toMatchObject({ error: expect.any(Number), seconds: expect.any(Number), steps: expect.any(Number) });
  expect((found as { error: number }).error).toBeLessThan(bound);
});

it("names why there is no gradient", () => {
  const ways = ["closure", "source"].map((vjp) => ({ adjoint: "gauss", vjp }));
  const [refused, measured] = measureEach(lotkaVolterra, ways, lotkaVolterra.rtol, new Float64Array(4).fill(1));
  expect(refused).toEqual({
    refused: expect.stringMatching(/^TrackedAsNumber: u\.prey/),
  });
  expect(measured).toHaveProperty("seconds", expect.any(Number));
});

it("compares the choice with the fastest", () => {
  const { rows } = choices(() => {}, ["lotkaVolterra"]);
  const [{ chosen, fastest, chosenPerFastest, ...row }] = rows;
  expect(chosenPerFastest).toBe(Number(row[chosen]) / Number(row[fastest]));
  for (const adjoint of Object.keys(adjointMethods)) expect(row[adjoint]).toBeGreaterThanOrEqual(Number(row[fastest]));
});

it("scales", () => {
  const { tables, panel } = scale([], () => {}, [2, 3]);
  const [{ rows }] = tables;
  expect(rows.map(({ n, parameters }) => [n, parameters])).toEqual([
    [2, 16],
    [3, 36],
  ]);
  for (const row of rows) {
    expect(row[row.chosen]).toBeGreaterThan(0);
    expect(row.error).toBeLessThan(1e-4);
  }
  expect(panel.curves.find(({ name }) => name === "gauss")!.points.map(({ x }) => x)).toEqual([16, 36]);
});

it("holds every problem, with nothing said, to a bar", () => {
  const notes: string[] = [];
  const { rows } = defaults(notes, () => {}, ["lotkaVolterra", "heat"]);
  expect(rows.map(({ problem, wrt, tolerance }) => `${problem} ${wrt} ${tolerance}`)).toEqual(
    ["lotkaVolterra p", "lotkaVolterra u0", "heat p", "heat u0"].flatMap((name) =>
      ["0.001", "0.00001", "0.000001", "1e-8"].map((tolerance) => `${name} ${tolerance}`),
    ),
  );
  expect([1e-3, 1e-5, 1e-8].map(barAt)).toEqual([1e-2, 1e-3, expect.closeTo(1e-6, 20)]);
  for (const { error, bar, result, gradient, solve, gradientPerSolve, referenceDifference } of rows) {
    expect(referenceDifference).toBeLessThan(1e-9);
    expect(result).toBe(Number(error) <= Number(bar) ? "met" : "missed");
    expect(gradientPerSolve).toBe(Number(gradient) / Number(solve));
  }
  const met = rows.filter(({ result }) => result === "met").length;
  expect(notes).toEqual([expect.stringContaining(`${met} of 16 gradients`)]);
  expect(rows.find(({ problem, wrt, tolerance }) => problem === "heat" && wrt === "p" && tolerance === 1e-6)!.result).toBe("met");
});
