import { expect, it } from "vitest";
import { coverageTable } from "../../bench/fits.ts";
import { coverageOf } from "../../bench/fits/coverage.ts";
import { studies } from "../../bench/fits/studies.ts";

it.each(studies)("parameters of $name are found again from data that were drawn with them", async (study) => {
  const told: string[] = [];
  const run = await coverageOf(study, 2, (line) => told.push(line));
  expect(told).toEqual([`${study.name}: data set 1 of 2`, `${study.name}: data set 2 of 2`]);
  expect(run.unfinished).toBe(0);
  expect(run.rows.map(({ name }) => name)).toEqual(Object.keys({ ...study.free.parameters, ...study.free.initial }));
  // Each estimate is within three standard errors but once in 370 times; the mean of two within four is a bias less than that.
  for (const { name, recovered, bias } of run.rows) {
    expect(recovered, name).toBeGreaterThanOrEqual(0.5);
    expect(Math.abs(bias), name).toBeLessThan(4 / Math.SQRT2);
  }
});

it("errors that are too small hold the truth too seldom", async () => {
  const [lotkaVolterra] = studies;
  const tooSure = {
    ...lotkaVolterra,
    measured: (...given: Parameters<typeof lotkaVolterra.measured>) => ({ ...lotkaVolterra.measured(...given), sigma: 0.01 }),
  };
  const { rows } = await coverageOf(tooSure, 10);
  expect(Math.max(...rows.map(({ held }) => held))).toBeLessThan(0.5);
  const { rows: shown } = coverageTable([{ rows, unfinished: 1, evaluations: 2, seconds: 3 }]);
  expect(shown[0]).toMatchObject({ study: "lotkaVolterra, deviation 0.1 (1 unfinished)", name: "a", evaluations: "2.0" });
});
