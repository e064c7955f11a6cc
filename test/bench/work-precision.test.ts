import { expect, it, vi, afterEach } from "vitest";
import { workPrecisionBenchmark } from "../../bench/work-precision.ts";
import { cSource } from "../../bench/work-precision/c-source.ts";
import { caseOf, errorOf } from "../../bench/work-precision/problem.ts";
import type { Row } from "../../bench/shared/report.ts";
import { BadOption } from "../../src/core/errors.ts";
import { Builder } from "../../src/ir/builder.ts";

afterEach(() => vi.unstubAllEnvs());

const byMethod = (rows: readonly Row[]): Map<string, Row[]> => {
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(row.method as string, [...(found.get(row.method as string) ?? []), row]);
  return found;
};

it("tells for each method what an error costs, next to the peers that are installed", async () => {
  const { tables, notes, pictures } = await workPrecisionBenchmark.run({ problems: ["lotkaVolterra"], plot: "out.svg" });
  const [atEqualError, points] = tables;
  const methods = byMethod(points.rows);
  expect([...methods.keys()].slice(0, 6)).toEqual(["nothing said", "tsit5", "vern7", "vern9", "rodas5P", "fbdf"]);
  const missing = notes.filter((note) => note.startsWith("The peer work-precision needs"));
  const peers = [...methods.keys()].filter((method) => /^(CVODE|SciPy)/.test(method));
  // Each that is missing has a note.
  expect(peers.length).toBe(
    (missing.some((note) => note.includes("SUNDIALS")) ? 0 : 2) + (missing.some((note) => note.includes("Python")) ? 0 : 4),
  );
  for (const [method, rows] of methods) {
    // Under load the slowest are cut short, and said to be.
    if (rows.length < 8) expect(notes.join()).toContain(`${method} fails, or takes longer`);
    expect(rows.length, method).toBeGreaterThan(3);
    // All solve the same problem: errors shrink with tolerances, and more calls are made.
    const [loosest, tightest] = [rows[0], rows.at(-1)!].map((row) => row as Record<string, number>);
    expect(tightest.error, method).toBeLessThan(1e-3 * loosest.error);
    expect(tightest.error, method).toBeLessThan(1e-4);
    expect(tightest.calls, method).toBeGreaterThan(loosest.calls);
    for (const { seconds } of rows) expect(seconds, method).toBeGreaterThan(0);
  }
  for (const error of ["0.001", "0.00001"]) {
    const ratios = atEqualError.rows.map((row) => row[`${Number(error)} of best`] as number);
    expect(Math.min(...ratios)).toBe(1);
  }
  const svg = pictures[0].figure.toSvg();
  for (const method of methods.keys()) expect(svg).toContain(method);
}, 120_000);

it("takes problems with their options, and refuses what the others cannot solve", () => {
  const { end, scale, isStiff, source } = caseOf("robertson:tEnd=40");
  expect([end.length, isStiff, source]).toEqual([3, true, "the published one"]);
  expect(
    errorOf(
      end.map((x, i) => x + 1e-3 * scale[i]),
      { end, scale },
    ),
  ).toBeCloseTo(1e-3, 12);
  expect(caseOf("lotkaVolterra").isStiff).toBe(false);
  expect(() => caseOf("bouncingBall")).toThrow(/has events/);
  expect(() => caseOf("robertsonDAE")).toThrow(/has a mass matrix/);
  expect(() => caseOf("nobody")).toThrow(BadOption);
});

it("says what is not installed", async () => {
  vi.stubEnv("SUNDIALS", "/nowhere");
  vi.stubEnv("PEERS_PYTHON", "/nowhere");
  const { peersOf } = await import("../../bench/work-precision/peers.ts");
  const notes: string[] = [];
  expect(peersOf(caseOf("lotkaVolterra"), () => {}, notes)).toEqual([]);
  expect(notes).toEqual([
    expect.stringMatching(/SUNDIALS.*none in \/nowhere/),
    expect.stringMatching(/Python.*none at \/nowhere/),
    expect.stringMatching(/diffsol is not installed.*\/nowhere.*install\.sh/),
    expect.stringMatching(/odex is not installed.*\/nowhere.*install\.sh/),
  ]);
});

it("writes programs as C: loops, branches, calls and tables", () => {
  const inner = new Builder("inner");
  const x = inner.scalarParameter("x");
  const square = inner.finish(inner.operation("mul", x, x));
  const b = new Builder("outer");
  const u = b.arrayParameter("u", 3, "input");
  const into = b.arrayParameter("into", 1, "output");
  const table = b.constantArray("table", Float64Array.of(1, -0, 1e21));
  const [sum] = b.for(b.i32(0), b.i32(3), 1, [b.f64(0)], (i, [so]) => {
    const scaled = b.operation("mul", b.load(u, i), b.load(table, i));
    const [kept] = b.if(
      b.operation("lt", scaled, b.f64(Infinity)),
      () => [b.call(square, [scaled])!],
      () => [b.operation("abs", scaled)],
    );
    return [b.operation("add", so, kept)];
  });
  b.store(into, b.i32(0), sum);
  const text = cSource({ outer: b.finish() });
  expect(text).toMatch(/^#include <math\.h>\nstatic double program0\(double v\d+\) \{/);
  expect(text).toMatch(/void outer\(double \*restrict a\d+, double \*restrict a\d+\) \{/);
  expect(text).toContain("{(1.0), (-0.0), (1e+21)}");
  expect(text).toMatch(/for \(int v\d+ = \(0\); v\d+ < \(3\); v\d+ \+= 1\) \{/);
  expect(text).toMatch(/fabs\(v\d+\)/);
  expect(text).toMatch(/< \(?INFINITY\)?/);
});
