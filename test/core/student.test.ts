import { expect, test } from "vitest";
import { normalQuantile } from "../../src/core/normal.ts";
import { studentQuantile } from "../../src/core/student.ts";

test("quantiles of Student's distribution are those that tables have", () => {
  // M. Abramowitz, I. A. Stegun, table 26.10; one and two degrees of freedom have closed forms.
  const table: [degrees: number, at975: number][] = [
    [1, Math.tan(0.475 * Math.PI)],
    [2, 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [29, 2.045],
    [120, 1.98],
  ];
  for (const [degrees, value] of table) {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(value, degrees < 3 ? 9 : 3);
    expect(studentQuantile(0.025, degrees)).toBeCloseTo(-studentQuantile(0.975, degrees), 12);
  }
  expect(studentQuantile(0.5, 4)).toBe(0);
  for (const degrees of [99_999, 100_000, 100_001]) expect(studentQuantile(0.9, degrees)).toBeCloseTo(normalQuantile(0.9), 4);
});
