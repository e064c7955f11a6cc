import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { median, secondsOf } from "../../../bench/shared/timing.ts";
import { json, odegrad, temporaryFolder } from "../run.ts";

it("takes the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it.each([1e-6, 2e-3, 5])("times one call, not a batch of them: %d s", (each) => {
  let clock = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => clock * 1e3);
  expect(secondsOf(() => (clock += each))).toBeCloseTo(each, 12);
  now.mockRestore();
});

it("reports rows with the columns it names", () => {
  const { benchmark, tables } = json<{
    benchmark: string;
    tables: { columns: { key: string }[]; rows: Record<string, number>[] }[];
  }>("bench", "lotka-volterra");
  const [{ columns, rows }] = tables;
  expect(benchmark).toBe("lotka-volterra");
  expect(rows.map(({ tolerance }) => tolerance)).toEqual([1e-4, 1e-6, 1e-8]);
  for (const row of rows) for (const { key } of columns) expect(row[key]).toBeGreaterThan(0);
});

describe("a report", () => {
  const folder = temporaryFolder();
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is one page of the benchmarks that are named", () => {
    const path = join(folder, "new", "report.html");
    expect(json("bench", "report", "lotka-volterra", "--html", path)).toEqual({ benchmark: "report", path, failed: [] });
    const page = readFileSync(path, "utf8");
    expect(page).toContain(`<section id="lotka-volterra">`);
    expect(page).toContain("<dt>odex</dt>");
    expect(page.match(/<section /g)).toHaveLength(1);
  });

  it.each([
    [["report", "speed"], /UnknownBenchmark.*"speed"/],
    [["report", "vjp", "--html", "page.txt"], /OptionsDisagree.*page\.txt/],
    [["report", "vjp", "--plot", "page.svg"], /OptionsDisagree.*--plot/],
    [["vjp", "--html", "page.html"], /OptionsDisagree.*--html/],
  ])("%j is refused", (words, message) => {
    const { status, stderr } = odegrad("bench", ...words);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});
